"""An open run: its inputs, its network, and the stages that change it."""

import dataclasses
import json
import math
from functools import cached_property, partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import Config
from visgen_train.data.feature_files import write_features
from visgen_train.data.features import FeatureTable
from visgen_train.data.manifest import SPLITS
from visgen_train.data.views import Views
from visgen_train.errors import DataError, WeightsError
from visgen_train.evaluation.classifiers import Fitted, Known, fit_all
from visgen_train.evaluation.embed import project, shared_features
from visgen_train.experiment.examples import Examples, scored_test_rows, tested
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.recommended import recommend
from visgen_train.experiment.results import Evaluated, write_results
from visgen_train.experiment.signal import Sample
from visgen_train.experiment.signal.sources import sample_of
from visgen_train.experiment.start import SealedTest, Start, scored_recall
from visgen_train.genetics.distances import SpeciesDistances
from visgen_train.io.progress import Track, silent
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.checkpoint import load_network, save_network
from visgen_train.training.memory import memory_told
from visgen_train.training.pretrain import pretrain
from visgen_train.training.rebalance import rebalance
from visgen_train.training.resume import Checkpoints
from visgen_train.training.rundir import ALIGNED, FEATURES, IMAGES, VISUAL, RunFolder
from visgen_train.training.seeding import choose_precision
from visgen_train.training.team import ALONE, Team


class Session:
    """The stages of one run, each from checkpoint to checkpoint.

    Parameters
    ----------
    folder : RunFolder
        Open and started.
    checkpoints : Checkpoints
        Of stages under way. If they are to resume, stages whose network is there are not trained again.
    views : Views
        What the network is shown of the examples.
    network : EmbeddingNetwork
        New for `train`; for the others as it is in the checkpoint of stage 1.
    team : Team
        Those who help: this process is the first of them.
    """

    def __init__(
        self,
        folder: RunFolder,
        config: Config,
        labelled: Labelled,
        examples: Examples,
        views: Views,
        network: EmbeddingNetwork,
        device: torch.device,
        track: Track,
        checkpoints: Checkpoints | None = None,
        team: Team = ALONE,
    ) -> None:
        self.folder, self.config, self.labelled, self.examples = folder, config, labelled, examples
        self.checkpoints, self._resume = checkpoints, checkpoints is not None and checkpoints.resume
        self.views, self.device, self.track, self.team = views, device, track, team
        self.network = network.to(memory_format=torch.channels_last)
        self.network.precision = choose_precision(config.precision, device)
        self.labels = labelled.classes
        self.training, self.validation = examples.rows("train"), examples.rows("validation")
        counted = np.isin(examples.rows("test"), scored_test_rows(labelled, examples))
        self.sealed = SealedTest(self._test_features, counted, tested(labelled, examples, config.evaluate))

    @cached_property
    def start(self) -> Start:
        """Where stage 2 begins: the backbone rests from here on, so its features are computed once."""
        return Start(
            head=self.network.head,
            views=lambda: self._training_views,
            train=self._features(self.training),
            train_labels=self.labels[self.training],
            validation=self._features(self.validation),
            validation_labels=self.labels[self.validation],
            classes=len(self.labelled.species),
            scored=self.labelled.scored,
        )

    @cached_property
    def _training_views(self) -> list[Tensor]:
        """(n_train, width) features of the training images, one tensor an augmented view, none seen in stage 1."""
        first = self.config.train.epochs
        number = 1 if self.views.fixed else self.config.align.views
        return [
            self._features(self.training, first + view, f"Features, view {view + 1}/{number}")
            for view in range(number)
        ]

    def train(self) -> None:
        """Stage 1, images alone: from start weights to checkpoints/visual.safetensors."""
        if not self._resumed(VISUAL):
            with memory_told(self.config):
                self._train()
            self._save(VISUAL)
        self._clear("images", "balance")
        (self.folder.path / IMAGES).unlink(missing_ok=True)

    def _train(self) -> None:
        config, seed, log_epoch = self.config, self.config.seed, self.folder.log_epoch
        if config.model.freeze:
            freeze_backbone(self.network)
        if config.train.epochs and not self._resumed(IMAGES):
            arguments = (
                self.network,
                self.views,
                self.labels,
                self.training,
                config.train,
                seed,
                self.device,
            )
            self.team.order(("images", self.training))
            pretrain(*arguments, self._softmax_recall, log_epoch, self.track, self.checkpoints, self.team)
            if config.balance.epochs:
                self._save(IMAGES)
        if config.balance.epochs:
            rebalance(
                self.network.head,
                self._training_views,
                self.labels[self.training],
                config.balance,
                seed,
                self._softmax_recall,
                log_epoch,
                self.track,
                schedule=config.train.schedule,
                select=config.train.select,
                checkpoints=self.checkpoints,
            )

    def align(self) -> None:
        """Stage 2: from checkpoints/visual.safetensors to checkpoints/aligned.safetensors."""
        done = self._resume and (self.folder.path / ALIGNED).is_file()
        if self.config.align.epochs and not done:
            log_epoch, track = self.folder.log_epoch, self.track
            arguments = (self.labelled.anchors, self.config, log_epoch, track, self.checkpoints)
            with memory_told(self.config):
                self.network.head, _ = self.start.aligned(*arguments)
            self._save(ALIGNED)
        self._clear("align")

    def _resumed(self, name: str) -> bool:
        """Whether the network is there and to be gone on with; then it is loaded."""
        path = self.folder.path / name
        if not (self._resume and path.is_file()):
            return False
        try:
            load_network(path, self.network)
        except WeightsError as error:
            error.add_note(f"Or delete {path}; --resume trains it again.")
            raise
        return True

    def _clear(self, *stages: str) -> None:
        """Take away the checkpoints of finished stages, whose network is in a file of its own."""
        if self.checkpoints is not None:
            self.checkpoints.clear(stages)

    def evaluate(self) -> dict[str, Any]:
        """Embed and classify with the network of each checkpoint; the last one becomes model.safetensors."""
        with memory_told(self.config):
            return self._evaluate()

    def _evaluate(self) -> dict[str, Any]:
        held = self.folder.path / "metrics.json"
        if self._resume and held.is_file():
            return cast(dict[str, Any], json.loads(held.read_text(encoding="utf-8")))
        models, recommended = {}, dict[str, Any]()
        for name, checkpoint in (("visual", VISUAL), ("aligned", ALIGNED)):
            if not (self.folder.path / checkpoint).exists():
                continue
            self.network.integrate(self.config.align.extra_layers if name == "aligned" else 0)
            load_network(self.folder.path / checkpoint, self.network)
            known = self._known(name == "visual" and self.classifies)
            fitted = fit_all(known)
            if name == "visual":  # settled before any test image is met
                recommended = recommend(self.config.evaluate.use_dna, partial(self._sample, known), fitted)
            models[name] = self._evaluated(name, known, fitted)
        self._save("model.safetensors", with_settings=False)  # it goes out into the world; paths stay at home
        run = (self.folder.path, self.config, self.labelled, self.examples)
        return write_results(*run, self.sealed.tested, models, recommended)

    @property
    def classifies(self) -> bool:
        """Whether the softmax of stage 1 was trained."""
        return bool(self.config.train.epochs or self.config.balance.epochs)

    def _known(self, softmax: bool) -> Known:
        head = self.network.to(self.device).head
        arguments = (head, self.config.evaluate.neighbours, None, softmax, self.labelled.distances)
        return self.start.known(*arguments)

    def _sample(self, known: Known) -> Sample:
        """The training images of species with DNA, as `visgen evidence` takes them."""
        if self.labelled.distances is None:
            raise DataError("there are no distances between the species.")
        distances = SpeciesDistances(self.labelled.match.species, self.labelled.distances, "kmer")
        rows = known.train_labels < known.scored
        items = [self.labelled.items[row] for row in self.training[rows]]
        return sample_of(known.train.vectors[rows], items, distances, "training images", self.classifies)

    def _evaluated(self, name: str, known: Known, fitted: dict[str, Fitted]) -> Evaluated:
        scored = self.sealed.score(name, self.network.head, fitted, known.train.logits is not None)
        vectors = self._in_order(known.train.vectors, known.validation.vectors, scored.vectors)
        of_softmax = (known.train.logits, known.validation.logits, scored.logits)
        given = [part for part in of_softmax if part is not None]
        return Evaluated(vectors, scored.predictions, fitted, self._in_order(*given) if given else None)

    def _in_order(self, *parts: np.ndarray) -> np.ndarray:
        """Rows of the training, validation and test images, put in the order of the items."""
        table = np.empty((len(self.labels), parts[0].shape[1]), np.float32)
        for side, part in zip(SPLITS, parts, strict=True):
            table[self.examples.rows(side)] = part
        return table

    def dump_features(self) -> Path:
        """Write features.npz: the backbone's features of every image, as `visgen run --features` reads them."""
        features = self._features(np.arange(len(self.labels))).cpu().numpy()
        items = zip(self.labelled.items, self.examples.sides, strict=True)
        table = FeatureTable(tuple(dataclasses.replace(item, split=side) for item, side in items), features)
        write_features(self.folder.path / FEATURES, table)
        return self.folder.path / FEATURES

    def _test_features(self) -> Tensor:
        return self._features(self.examples.rows("test"))

    def _softmax_recall(self) -> float:
        if not len(self.validation):
            return math.nan
        features = self._features(self.validation, None, "Features", silent)
        predicted = project(self.network.head, features).logits.argmax(1).cpu().numpy()
        truth = self.labels[self.validation]
        return scored_recall(predicted, truth, len(self.labelled.species), self.labelled.scored)

    def _features(
        self, rows: np.ndarray, epoch: int | None = None, what: str = "Features", track: Track | None = None
    ) -> Tensor:
        """Of the pictures as they are, or of views of an epoch; all processes compute them."""
        if not len(rows):
            return torch.empty(0, self.network.width, device=self.device)
        self.team.order(("features", rows, epoch))
        shown = (self.network, self.views, rows, epoch)
        return shared_features(self.team, *shown, track or self.track, what)

    def _save(self, name: str, with_settings: bool = True) -> None:
        description: dict[str, object] = {
            "species": list(self.labelled.species),
            "image_size": self.config.data.image_size,
            "backbone": self.config.model.backbone,
            "hidden": self.config.model.hidden,
            "extra_layers": self.config.align.extra_layers if self.network.head.integration else 0,
        }
        if with_settings:
            description["config"] = dataclasses.asdict(self.config)
        path = self.folder.path / name
        path.parent.mkdir(exist_ok=True)
        save_network(path, self.network, description)
