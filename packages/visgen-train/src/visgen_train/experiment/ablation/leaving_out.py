"""Species left out of a collection, as if they had no images, and the models trained without them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.images import SomeRows
from visgen_train.data.matching import Match
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.embed import backbone_features
from visgen_train.experiment.ablation.making import unlogged
from visgen_train.experiment.ablation.plan import FEATURES
from visgen_train.experiment.ablation.sources import FeatureSource, ImageSource
from visgen_train.experiment.examples import Examples
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.start import embedded
from visgen_train.io.progress import Track
from visgen_train.models.network import ProjectionHead

FOLDS: Final = 4
STREAM: Final = 9  # of its own: which species are left out together

Embed = Callable[[np.ndarray], np.ndarray]
"""Positions of examples -> their vectors."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Some scored species left out of a split.

    Attributes
    ----------
    labelled : Labelled
        The whole collection.
    examples : Examples
        Its split.
    left_out : numpy.ndarray
        Numbers of the species.
    """

    labelled: Labelled
    examples: Examples
    left_out: np.ndarray

    @property
    def rest(self) -> np.ndarray:
        """Numbers of the other scored species."""
        return np.setdiff1d(np.arange(self.labelled.scored), self.left_out)

    @property
    def order(self) -> np.ndarray:
        """(scored,) numbers of the scored species, those left out last."""
        return np.concatenate([self.rest, self.left_out])

    @property
    def seen(self) -> int:
        """Number of classes that have images: the rest, and the trained only."""
        return len(self.labelled.species) - len(self.left_out)

    @property
    def columns(self) -> np.ndarray:
        """(classes,) where each class stands in scores: the rest, the trained only, those left out."""
        place = np.empty(len(self.labelled.species), np.int64)
        trained_only = np.arange(self.labelled.scored, len(place))
        place[np.concatenate([self.rest, trained_only, self.left_out])] = np.arange(len(place))
        return place

    def rows(self, side: str) -> np.ndarray:
        """Positions of the examples of one side of the split that are not of species left out."""
        rows = self.examples.rows(side)
        kept: np.ndarray = rows[~np.isin(self.labelled.classes[rows], self.left_out)]
        return kept

    def alone(self) -> tuple[Labelled, Examples]:
        """The collection without any image of the species left out, with the split it has."""
        match, names = self.labelled.match, self.labelled.match.species
        kept = np.flatnonzero(~np.isin(self.labelled.classes, self.left_out))
        gone = {names[number]: self.labelled.sequence_counts[names[number]] for number in self.left_out}
        rest = tuple(names[number] for number in self.rest)
        labelled = replace(
            self.labelled,
            items=[self.labelled.items[row] for row in kept],
            match=Match(rest, match.images_only, {**match.sequences_only, **gone}),
            anchors=self.labelled.anchors[self.rest],
        )
        content, digests = SomeRows(self.examples.content, kept), self.examples.sha256
        sides = [self.examples.sides[row] for row in kept]
        return labelled, Examples(content, tuple(digests[row] for row in kept), sides)

    def known(self, embed: Embed, neighbours: int) -> Known:
        """What may be learnt and chosen from."""
        train, validation = self.rows("train"), self.rows("validation")
        labels = self.columns[self.labelled.classes]
        return Known(
            train=Embedded(embed(train)),
            train_labels=labels[train],
            validation=Embedded(embed(validation)),
            validation_labels=labels[validation],
            classes=self.seen,
            scored=len(self.rest),
            neighbours=neighbours,
        )


def dealt_out(scored: int, seed: int) -> list[np.ndarray]:
    """The species in quarters, numbers in each in their order: every one is left out once."""
    order = np.random.default_rng((seed, STREAM)).permutation(scored)
    return [np.sort(part) for part in np.array_split(order, FOLDS)]


def models(
    source: ImageSource | FeatureSource,
    configs: Mapping[str, Config],
    stage: str,
    fold: Fold,
    place: Path,
    track: Track,
) -> Iterator[tuple[str, Embed]]:
    """Recipes that share stage 1, trained without the species left out: the name, and what it makes of any example.

    Parameters
    ----------
    configs : mapping
        Recipe -> settings.
    stage : str
        Its name: nothing is trained for `FEATURES`.
    place : Path
        Folder for stage 1, where it is pictures that it is trained on.
    """
    if stage == FEATURES:
        yield stage, lambda rows: fold.examples.content[rows]
        return
    config = next(iter(configs.values()))
    with source.without(place, *fold.alone(), config, track) as session:
        views = source.views(fold.examples, fold.rows("train"), config, session.device)
        features = backbone_features(session.network, np.arange(len(fold.examples.sides)), views.plain, track)

        def by(head: ProjectionHead) -> Embed:
            return lambda rows: embedded(head, features[torch.from_numpy(rows)]).vectors

        for name, settings in configs.items():
            head = session.start.head
            if settings.align.epochs:
                head, _ = session.start.aligned(session.labelled.anchors, settings, unlogged, track)
            yield name, by(head)
