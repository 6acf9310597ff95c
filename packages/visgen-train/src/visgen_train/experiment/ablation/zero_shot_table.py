"""From the cells of `--zero-shot` to its table, over the seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.seeds import across
from visgen_train.evaluation.zero_shot import FIGURES, figures
from visgen_train.experiment.ablation.fold_cells import (
    KRIGING,
    METHODS,
    FoldCell,
    FoldName,
    Hits,
    read_fold_cell,
)
from visgen_train.experiment.ablation.leaving_out import FOLDS
from visgen_train.experiment.ablation.tables import Estimates
from visgen_train.experiment.ablation.zero_shot import Trials

Draws = dict[str, np.ndarray]
"""Figure -> (1 + resamples,): of the test images as they are, then of each resample."""


def zero_shot_table(
    trials: Trials, truth: Mapping[int, np.ndarray], weights: Mapping[int, np.ndarray]
) -> dict[str, Any]:
    """The table, from the cells.

    Parameters
    ----------
    truth : mapping
        Seed -> (m,) classes of the test images.
    weights : mapping
        Seed -> (resamples, m), how often each of them counts.

    Returns
    -------
    dict
        species_left_out (at a time), rows (recipe, method, figures) and differences (kriging minus each other method),
        with `FIGURES` over the seeds; constants: recipe -> that of each seed and fold, by the species' own distances.
    """
    held = {
        (seed, recipe): [
            _read(FoldName(seed, number, recipe).path(trials.folder), truth[seed])
            for number in range(1, FOLDS + 1)
        ]
        for seed in trials.plan.seeds
        for recipe in trials.recipes
    }
    seeds = [
        {
            (recipe, method): _figures([cell.hits[method] for cell in cells], truth[seed], weights[seed])
            for (of, recipe), cells in held.items()
            if of == seed
            for method in METHODS
            if method in cells[0].hits
        }
        for seed in trials.plan.seeds
    ]
    return {
        "species_left_out": -(-trials.labelled.scored // FOLDS),
        "constants": {
            recipe: [cell.constant for (_, of), cells in held.items() if of == recipe for cell in cells]
            for recipe in trials.recipes
        },
        "rows": [
            {"recipe": recipe, "method": method, "figures": _over([one[recipe, method] for one in seeds])}
            for recipe, method in seeds[0]
        ],
        "differences": [
            {
                "recipe": recipe,
                "against": method,
                "figures": _over([_minus(one[recipe, KRIGING], one[recipe, method]) for one in seeds], False),
            }
            for recipe, method in seeds[0]
            if method != KRIGING
        ],
    }


def _read(path: Path, truth: np.ndarray) -> FoldCell:
    cell = read_fold_cell(path)
    if not np.array_equal(cell.truth, truth):
        raise DataError(
            f"{path}: tested on other images than the rest of the ablation. Begin anew with --force, if the images are "
            "as they were meant to be."
        )
    return cell


def _figures(of_folds: Sequence[Sequence[Hits]], truth: np.ndarray, weights: np.ndarray) -> Draws:
    """The figures of a method, the mean over its shuffles. An image is asked for as unseen in one fold."""
    weights = np.vstack([np.ones_like(weights[:1]), weights])
    parts = [
        figures({name: _mean([one[name] for one in of_model]) for name in of_model[0]}, truth, weights)
        for of_model in zip(*of_folds, strict=True)
    ]
    return {name: np.mean([part[name] for part in parts], axis=0) for name in FIGURES}


def _mean(columns: Sequence[np.ndarray]) -> np.ndarray:
    """(m,) means of the folds that concern an image; NaN where none does."""
    table = np.stack(columns)
    number = (~np.isnan(table)).sum(0)
    total = np.nan_to_num(table).sum(0)
    mean: np.ndarray = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean


def _minus(one: Draws, other: Draws) -> Draws:
    return {name: one[name] - other[name] for name in FIGURES}


def _over(seeds: Sequence[Draws], share: bool = True) -> Estimates:
    """Each figure over the seeds, None where a method has none."""
    made: Estimates = {}
    for name in FIGURES:
        table = np.stack([one[name] for one in seeds])
        if np.isnan(table[:, 0]).any():
            made[name] = None
            continue
        found = across(table[:, 0].tolist(), table[:, 1:], (0, 1) if share else None)
        made[name] = {"mean": found.mean, "low": found.low, "high": found.high, "seeds": list(found.seeds)}
    return made
