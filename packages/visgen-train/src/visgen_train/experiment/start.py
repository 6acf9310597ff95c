"""What stage 1 leaves behind: its head, features to learn and choose from, and the sealed test."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from visgen_train.config import Config
from visgen_train.evaluation.classifiers import Embedded, Fitted, Known
from visgen_train.evaluation.embed import project
from visgen_train.evaluation.knn import cosine_knn
from visgen_train.evaluation.metrics import Tested, recalls
from visgen_train.evaluation.predictions import Predictions, predictions
from visgen_train.io.progress import Track, silent
from visgen_train.models.integration import IntegrationLayers
from visgen_train.models.network import ProjectionHead
from visgen_train.training.align import align
from visgen_train.training.refine import refine
from visgen_train.training.resume import Checkpoints
from visgen_train.training.seeding import seed_everything
from visgen_train.training.stage import LogEpoch

CHOOSING_NEIGHBOURS = 5
"""k of the kNN that chooses stage 2's epoch. Not `evaluate.neighbours`, which may change after the training."""


@dataclass(frozen=True)
class Start:
    """Where stage 2 and its controls begin; there is nothing of the test images in it.

    Attributes
    ----------
    head : ProjectionHead
        As stage 1 left it. The methods train copies.
    views : callable
        Gives (n_train, width) features of the training images, one tensor an augmented view; for training alone.
    train, validation : torch.Tensor
        (n, width) features, plain.
    train_labels, validation_labels : numpy.ndarray
        (n,) int64 class numbers.
    classes, scored : int
        Species trained on; those with DNA come first and are scored.
    """

    head: ProjectionHead
    views: Callable[[], Sequence[Tensor]]
    train: Tensor
    train_labels: np.ndarray
    validation: Tensor
    validation_labels: np.ndarray
    classes: int
    scored: int

    def aligned(
        self,
        targets: np.ndarray,
        config: Config,
        log_epoch: LogEpoch,
        track: Track = silent,
        checkpoints: Checkpoints | None = None,
    ) -> tuple[ProjectionHead, np.ndarray]:
        """A copy of the head, drawn to `targets` (scored, d) by the settings of `config.align`.

        Returns
        -------
        head : ProjectionHead
        targets : numpy.ndarray
            (scored, 256), as a trained projection brings them to the embedding's size; else as they came.
        """
        head, projection = self._copy(config), None
        size = head.embedding.out_features
        if targets.shape[1] != size:
            projection = nn.Linear(targets.shape[1], size).to(self.train.device)
        arguments = (config.align, config.train, config.seed, lambda: self.knn_recall(head), log_epoch, track)
        align(
            head,
            self.views(),
            self.train_labels,
            targets,
            *arguments,
            projection=projection,
            checkpoints=checkpoints,
        )
        if projection is not None:
            with torch.inference_mode():
                given = torch.from_numpy(targets).float().to(self.train.device)
                targets = projection(given).cpu().numpy()
        return head, targets

    def refined(self, config: Config, log_epoch: LogEpoch) -> ProjectionHead:
        """A copy of the head, trained for the same steps by the loss of stage 1: the control without anchors."""
        head = self._copy(config)
        arguments = (config.align, config.train, config.seed, lambda: self.knn_recall(head), log_epoch)
        refine(head, self.views(), self.train_labels, *arguments)
        return head

    def known(
        self,
        head: ProjectionHead,
        neighbours: int,
        targets: np.ndarray | None = None,
        softmax: bool = False,
        distances: np.ndarray | None = None,
    ) -> Known:
        """What classifiers may learn and choose from in the embedding of `head`; logits if its softmax fits."""
        return Known(
            train=embedded(head, self.train, softmax),
            train_labels=self.train_labels,
            validation=embedded(head, self.validation, softmax),
            validation_labels=self.validation_labels,
            classes=self.classes,
            scored=self.scored,
            anchors=targets,
            neighbours=neighbours,
            distances=distances,
        )

    def knn_recall(self, head: ProjectionHead) -> float:
        """Per-class accuracy of the cosine kNN on the validation images; NaN where there are none."""
        if not len(self.validation):
            return math.nan
        gallery, queries = (embedded(head, rows).vectors for rows in (self.train, self.validation))
        predicted = cosine_knn(gallery, self.train_labels, queries, CHOOSING_NEIGHBOURS)
        return scored_recall(predicted, self.validation_labels, self.classes, self.scored)

    def _copy(self, config: Config) -> ProjectionHead:
        seed_everything(config.seed)  # new layers begin alike, whether stage 1 has just run or not
        head = copy.deepcopy(self.head)
        size = head.embedding.out_features
        head.integration = (
            IntegrationLayers(size, config.align.extra_layers) if config.align.extra_layers else None
        )
        return head.to(self.train.device)


def scored_recall(predicted: np.ndarray, truth: np.ndarray, classes: int, scored: int) -> float:
    """Mean recall over the scored species, the first `scored` of all classes; NaN without an image of theirs."""
    recall = recalls(predicted == truth, truth, classes)[:scored]
    return math.nan if np.isnan(recall).all() else float(np.nanmean(recall))


class Scored(NamedTuple):
    """What comes out of the sealed test for one model: predictions by classifier, embeddings (m, d), and logits."""

    predictions: dict[str, Predictions]
    vectors: np.ndarray
    logits: np.ndarray | None = None


class SealedTest:
    """The test images, which a finished model meets once; only its predictions and its embedding come out.

    Whatever is chosen has been chosen before: `score` takes fitted classifiers.

    Parameters
    ----------
    features : callable
        Computes their (m, width) features, at the first scoring.
    counted : numpy.ndarray
        (m,) bool, which of them are of scored species.
    tested : Tested
        What those are.
    """

    def __init__(self, features: Callable[[], Tensor], counted: np.ndarray, tested: Tested) -> None:
        self._compute, self.counted, self.tested = features, counted, tested
        self._features: Tensor | None = None
        self._met: set[str] = set()

    def score(
        self, model: str, head: ProjectionHead | None, fitted: dict[str, Fitted], softmax: bool = False
    ) -> Scored:
        """Predictions of every classifier for the test images in the embedding of `head` (None: the features).

        Raises
        ------
        RuntimeError
            This model met them before.
        """
        if model in self._met:
            raise RuntimeError(f"{model} has met the test images before")
        self._met.add(model)
        if self._features is None:
            self._features = self._compute()
        queries = embedded(head, self._features, softmax)
        truth = self.tested.truth
        found = {
            name: predictions(classifier.scores(queries)[self.counted], truth, classifier.temperature)
            for name, classifier in fitted.items()
        }
        return Scored(found, queries.vectors, queries.logits)


def embedded(head: ProjectionHead | None, features: Tensor, softmax: bool = False) -> Embedded:
    """The embedding of features, with logits on request; without a head the features themselves."""
    if head is None:
        return Embedded(features.cpu().numpy(), None)
    output = project(head, features)
    return Embedded(output.embedding.cpu().numpy(), output.logits.cpu().numpy() if softmax else None)
