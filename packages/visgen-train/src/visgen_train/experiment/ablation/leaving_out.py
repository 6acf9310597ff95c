"""Species left out of a set of features, as if they had no images, and the models trained without them."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from visgen_train.data.matching import Match
from visgen_train.data.views import FeatureViews
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.experiment.ablation.making import unlogged
from visgen_train.experiment.ablation.plan import FEATURES, Plan
from visgen_train.experiment.ablation.sources import FeatureSource
from visgen_train.experiment.examples import Examples
from visgen_train.experiment.inputs import Labelled
from visgen_train.experiment.start import embedded
from visgen_train.models.network import ProjectionHead

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

    def alone(self) -> Labelled:
        """The collection without any image of the species left out, with the split it has."""
        names = self.labelled.match.species
        gone = {names[number] for number in self.left_out}
        pairs = zip(self.labelled.items, self.examples.sides, strict=True)
        return replace(
            self.labelled,
            items=[replace(item, split=side) for item, side in pairs if item.species not in gone],
            match=Match(tuple(names[number] for number in self.rest), {}, {}),
            anchors=self.labelled.anchors[self.rest],
        )

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


def models(source: FeatureSource, plan: Plan, seed: int, fold: Fold) -> Iterator[tuple[str, Embed]]:
    """Each recipe of a plan, trained without the species left out: its name, and what it makes of any example."""
    stages = plan.stages(all_have_dna=not fold.labelled.match.images_only)
    for stage, recipes in stages.items():
        if stage == FEATURES:
            yield stage, lambda rows: fold.examples.content[rows]
        else:
            yield from _trained(FeatureSource(source.table, fold.alone()), plan, seed, fold, stage, recipes)


def _trained(
    source: FeatureSource, plan: Plan, seed: int, fold: Fold, stage: str, recipes: list[str]
) -> Iterator[tuple[str, Embed]]:
    configs = {name: replace(plan.rows[name].config, seed=seed) for name in recipes}
    with (
        tempfile.TemporaryDirectory() as scratch,
        source.stage1(Path(scratch), seed, stage, configs[recipes[0]], lambda steps, *_: steps) as session,
    ):
        views = FeatureViews(fold.examples.content, fold.rows("train"), session.device)

        def by(head: ProjectionHead) -> Embed:
            return lambda rows: embedded(head, views.plain(rows)).vectors

        for name, config in configs.items():
            head = session.start.head
            if plan.rows[name].aligns:
                head, _ = session.start.aligned(source.labelled.anchors, config, unlogged)
            yield name, by(head)
