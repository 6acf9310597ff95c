"""From the cells of an ablation to its tables: figures over seeds, and real DNA minus each control."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import CLASSIFIERS
from visgen_train.evaluation.intervals import WITH_INTERVALS, resamples
from visgen_train.evaluation.metrics import FIGURES, figures, recalls
from visgen_train.evaluation.seeds import across
from visgen_train.experiment.ablation.ablation import Ablation
from visgen_train.experiment.ablation.cells import Cell, CellName, read_cell
from visgen_train.experiment.ablation.making import DNA, NONE, SHUFFLED
from visgen_train.experiment.results import subtract
from visgen_train.genetics.controls import KINDS

Points = dict[str, float | None]
Draws = dict[str, np.ndarray]
Estimates = dict[str, dict[str, Any] | None]
OfSeed = Callable[[int], tuple[Points, Draws] | None]

RESAMPLING_SEED = 3
"""The same for every seed of training: where seeds share their test images, a resample is of the same ones."""


class Cells:
    """The cells of a finished ablation, by seed, recipe and kind of target.

    Parameters
    ----------
    ablation : Ablation
    bootstrap : int
        Resamples of the test images.
    """

    def __init__(self, ablation: Ablation, bootstrap: int) -> None:
        self.seeds, self._bootstrap = ablation.plan.seeds, bootstrap
        self._found: dict[tuple[int, str, str], list[Cell]] = {}
        for seed in self.seeds:
            for stage, recipes in ablation.stages.items():
                for name in ablation.cells(seed, stage, recipes):
                    self._add(name, recipes, read_cell(name.path(ablation.folder)))
            self._check_tests(seed)
        self.of_cell = lru_cache(maxsize=None)(self._of_cell)

    def _add(self, name: CellName, recipes: Sequence[str], cell: Cell) -> None:
        for recipe in recipes if name.target == NONE else [name.recipe]:
            self._found.setdefault((name.seed, recipe, cell.kind), []).append(cell)

    def _check_tests(self, seed: int) -> None:
        """Raise DataError unless all cells of a seed met the same test: else nothing in it can be paired."""
        first = self.first(seed).tested
        for (of, recipe, kind), cells in self._found.items():
            for cell in cells if of == seed else ():
                same = np.array_equal(cell.tested.truth, first.truth)
                if not (same and np.array_equal(cell.tested.units, first.units)):
                    raise DataError(
                        f"{recipe} ({kind}) of seed {seed} was tested on other images than the rest, so they cannot be "
                        "compared. Begin anew with --force, if the images are as they were meant to be."
                    )

    def get(self, seed: int, recipe: str, kind: str) -> list[Cell]:
        """The cells of a kind, several where it is made several times."""
        return self._found.get((seed, recipe, kind), [])

    def kinds(self, recipe: str) -> list[str]:
        """Kinds of target of a recipe, "none" first, that are there in every seed, in the order of the tables."""
        return [kind for kind in (NONE, *KINDS) if all(self.get(seed, recipe, kind) for seed in self.seeds)]

    def first(self, seed: int) -> Cell:
        """Any cell of a seed: all know the test images."""
        return next(cells[0] for (of, _, _), cells in self._found.items() if of == seed)

    @cached_property
    def weights(self) -> dict[int, np.ndarray]:
        """Seed -> (resamples, m) weights of its test images."""
        return {
            seed: resamples(self.first(seed).tested, self._bootstrap, np.random.default_rng(RESAMPLING_SEED))
            for seed in self.seeds
        }

    def _of_cell(
        self, seed: int, recipe: str, kind: str, number: int, classifier: str
    ) -> tuple[Points, Draws]:
        cell = self.get(seed, recipe, kind)[number]
        found = cell.predictions[classifier]
        return figures(found, cell.tested), figures(found, cell.tested, self.weights[seed])

    def of_seed(self, seed: int, recipe: str, kind: str, classifier: str) -> tuple[Points, Draws] | None:
        """Figures of a kind in one seed, the mean over its cells; None where the classifier does not apply."""
        cells = self.get(seed, recipe, kind)
        if not cells or any(classifier not in cell.predictions for cell in cells):
            return None
        return average([self.of_cell(seed, recipe, kind, number, classifier) for number in range(len(cells))])


def row(cells: Cells, recipe: str, kind: str, classifier: str) -> Estimates | None:
    """Every figure of a recipe with a kind of target, over the seeds."""
    return _over_seeds(cells, lambda seed: cells.of_seed(seed, recipe, kind, classifier), bounds=(0, 1))


def difference(cells: Cells, recipe: str, against: str, classifier: str) -> Estimates | None:
    """Real DNA minus another kind of target, paired by seed and by test image."""
    return paired(
        cells,
        lambda seed: cells.of_seed(seed, recipe, DNA, classifier),
        lambda seed: cells.of_seed(seed, recipe, against, classifier),
    )


def paired(cells: Cells, one: OfSeed, other: OfSeed) -> Estimates | None:
    """One figure minus another of the same test images, over the seeds."""

    def minus(seed: int) -> tuple[Points, Draws] | None:
        first, second = one(seed), other(seed)
        if first is None or second is None:
            return None
        points = {name: subtract(first[0][name], second[0][name]) for name in FIGURES}
        return points, {name: first[1][name] - second[1][name] for name in FIGURES}

    return _over_seeds(cells, minus, bounds=None)


def average(parts: Sequence[tuple[Points, Draws]]) -> tuple[Points, Draws]:
    """The mean of several models' figures in one seed."""
    points = {name: _mean([part[0][name] for part in parts]) for name in FIGURES}
    return points, {name: np.mean([part[1][name] for part in parts], axis=0) for name in FIGURES}


def placebos(cells: Cells, recipe: str, classifier: str) -> list[Estimates]:
    """Each shuffle in the place of the real DNA: it minus the mean of the other shuffles, paired likewise.

    None of them has anything to do with genetics, so that what they differ by is chance.
    """
    number = min(len(cells.get(seed, recipe, SHUFFLED)) for seed in cells.seeds)

    def minus_others(played: int, seed: int) -> tuple[Points, Draws]:
        parts = [cells.of_cell(seed, recipe, SHUFFLED, one, classifier) for one in range(number)]
        points, draws = parts.pop(played)
        others = [_mean([part[0][name] for part in parts]) for name in FIGURES]
        return (
            {name: subtract(points[name], other) for name, other in zip(FIGURES, others, strict=True)},
            {name: draws[name] - np.mean([part[1][name] for part in parts], axis=0) for name in FIGURES},
        )

    if number < 2:
        return []
    found = (_over_seeds(cells, partial(minus_others, played), bounds=None) for played in range(number))
    return [estimates for estimates in found if estimates is not None]


def space(cells: Cells, recipe: str, kind: str) -> Estimates:
    """The measures of the embedding, over the seeds; only seeds, not test images, make their interval."""
    measures = cells.get(cells.seeds[0], recipe, kind)[0].space
    of_seeds = [
        {name: _mean([cell.space[name] for cell in cells.get(seed, recipe, kind)]) for name in measures}
        for seed in cells.seeds
    ]
    nothing = np.zeros((len(of_seeds), 2))
    found = {name: _estimate([points[name] for points in of_seeds], nothing, None) for name in measures}
    if len(of_seeds) == 1:
        return {name: value and {**value, "low": None, "high": None} for name, value in found.items()}
    return found


def species_recalls(cells: Cells, recipe: str, kind: str, classifier: str) -> list[float | None]:
    """Recall of each scored species, the mean over cells and seeds that test it."""
    found = []
    for seed in cells.seeds:
        for cell in cells.get(seed, recipe, kind):
            truth = cell.tested.truth
            right = cell.predictions[classifier].predicted == truth
            found.append(recalls(right, truth, len(cell.tested.groups["per_class"])))
    table = np.array(found)
    there = ~np.isnan(table)
    sums = np.where(there, table, 0).sum(0)
    return [float(total / n) if n else None for total, n in zip(sums, there.sum(0), strict=True)]


def _over_seeds(
    cells: Cells,
    of_seed: OfSeed,
    bounds: tuple[float, float] | None,
) -> Estimates | None:
    parts = [of_seed(seed) for seed in cells.seeds]
    if any(part is None for part in parts):
        return None
    whole = [part for part in parts if part is not None]
    found: Estimates = {}
    for name in FIGURES:
        points, draws = [part[0][name] for part in whole], np.stack([part[1][name] for part in whole])
        found[name] = _estimate(points, draws, bounds)
        if name not in WITH_INTERVALS and (value := found[name]) is not None:
            found[name] = {**value, "low": None, "high": None}
    return found


def _estimate(
    points: Sequence[float | None], draws: np.ndarray, bounds: tuple[float, float] | None
) -> dict[str, Any] | None:
    given = [point for point in points if point is not None]
    if len(given) < len(points):
        return None
    found = across(given, draws, bounds)
    return {"mean": found.mean, "low": found.low, "high": found.high, "seeds": list(found.seeds)}


def _mean(values: Sequence[float | None]) -> float | None:
    given = [value for value in values if value is not None]
    return float(np.mean(given)) if len(given) == len(values) else None


def classifiers_of(cells: Cells, recipe: str, kind: str) -> Mapping[str, str]:
    """The classifiers that apply, with their descriptions."""
    there = cells.get(cells.seeds[0], recipe, kind)[0].predictions
    return {name: entry.description for name, entry in CLASSIFIERS.items() if name in there}
