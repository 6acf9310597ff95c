"""The cells of `--zero-shot`: a recipe trained without some species, and what it makes of the test images."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from visgen_train.config import Config
from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.whitening import unit
from visgen_train.evaluation.zero_shot import TOPS, fit_zero_shot, hits, quarters
from visgen_train.experiment.ablation.cells import store, stored
from visgen_train.experiment.ablation.leaving_out import STREAM, Embed, Fold
from visgen_train.experiment.ablation.making import SHUFFLED, dealt, no_means, targets
from visgen_train.experiment.examples import scored_test_rows

VERSION: Final = 1
KRIGING, ANCHOR, CHANCE = "kriging", "anchor", "chance"
METHODS: Final = (KRIGING, SHUFFLED, ANCHOR, CHANCE)

Hits = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class FoldName:
    """Which model: its seed, the number of its quarter of the species, from 1, and the recipe."""

    seed: int
    number: int
    recipe: str

    def path(self, folder: Path) -> Path:
        """Its file in the folder of an ablation."""
        return folder / "cells" / f"seed-{self.seed}" / f"fold-{self.number}" / f"{self.recipe}.npz"


@dataclass(frozen=True, eq=False)
class FoldCell:
    """What each method recognises of the test images.

    Attributes
    ----------
    truth : numpy.ndarray
        (m,) classes of the test images.
    hits : dict
        Method -> `evaluation.zero_shot.hits` of each of its models: five for "shuffled", one for others.
    constant : float
        Of kriging by the species' own distances.
    """

    truth: np.ndarray
    hits: Mapping[str, list[Hits]]
    constant: float


def make_fold_cell(fold: Fold, embed: Embed, config: Config) -> FoldCell:
    """Fit every method to the images of the other species, and let it meet the test.

    Parameters
    ----------
    config : Config
        Of the recipe, with its seed.
    """
    labelled = fold.labelled
    known = fold.known(embed, config.evaluate.neighbours)
    rows = scored_test_rows(labelled, fold.examples)
    queries, truth = Embedded(embed(rows)), fold.columns[labelled.classes[rows]]
    left_out = quarters(known, np.random.default_rng((config.seed, STREAM)))
    white = known.whitened.white(queries.vectors)

    def kriged(order: np.ndarray | None) -> tuple[Hits, float]:
        given = np.asarray(dealt(labelled.distances, order))[np.ix_(fold.order, fold.order)]
        model = fit_zero_shot(known, given, left_out)
        return hits(model.white_scores(white), truth, fold.seen), model.constant

    real, constant = kriged(None)
    shuffles = targets(labelled, config, [SHUFFLED], no_means)
    found = {KRIGING: [real], SHUFFLED: [kriged(target.order)[0] for target in shuffles]}
    if config.align.epochs and labelled.anchors.shape[1] == queries.vectors.shape[1]:
        cosine = unit(queries.vectors) @ unit(labelled.anchors[fold.order]).T
        found[ANCHOR] = [_among_unseen(hits(cosine, truth, fold.seen))]
    chances = {f"top{k}": min(1.0, k / len(fold.left_out)) for k in TOPS}
    found[CHANCE] = [
        _among_unseen({name: column * 0 + chances.get(name, 0) for name, column in real.items()})
    ]
    return FoldCell(labelled.classes[rows], found, constant)


def write_fold_cell(path: Path, cell: FoldCell) -> None:
    """Write a cell, whole or not at all."""
    numbers = {method: len(models) for method, models in cell.hits.items()}
    facts = {"version": VERSION, "constant": cell.constant, "models": numbers}
    arrays: dict[str, Any] = {"truth": cell.truth}
    for method, models in cell.hits.items():
        for number, found in enumerate(models):
            arrays |= {f"{method} {number} {name}": column for name, column in found.items()}
    store(path, facts, arrays)


def read_fold_cell(path: Path) -> FoldCell:
    """Read what `write_fold_cell` wrote.

    Raises
    ------
    DataError
        The file is damaged, or of another version.
    """
    names = (*(f"top{k}" for k in TOPS), "unseen", "seen")
    try:
        facts, arrays = stored(path, VERSION)
        found: dict[str, list[Hits]] = {
            method: [
                {name: arrays[f"{method} {number} {name}"] for name in names} for number in range(models)
            ]
            for method, models in facts["models"].items()
        }
        return FoldCell(arrays["truth"], found, float(facts["constant"]))
    except Exception as error:  # whatever a damaged archive makes numpy, zipfile or json say
        raise DataError(
            f"{path}: cannot be read as a cell of --zero-shot ({error}); it has to be made again."
        ) from error


def _among_unseen(found: Hits) -> Hits:
    """Without the figures among all species: no constant is chosen for this method."""
    return {
        name: column if name.startswith("top") else np.full(len(column), np.nan)
        for name, column in found.items()
    }
