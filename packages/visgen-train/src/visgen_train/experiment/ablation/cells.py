"""The cells of an ablation on disk: one trained model each, with all that the tables need of it."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.metrics import Tested
from visgen_train.evaluation.predictions import Predictions
from visgen_train.io.atomic import replacing

log = logging.getLogger(__name__)
VERSION = 1


@dataclass(frozen=True)
class CellName:
    """Which model: its seed, the recipe (for target "none", which recipes share, the stage), its target."""

    seed: int
    recipe: str
    target: str

    def path(self, folder: Path) -> Path:
        """Its file in the folder of an ablation."""
        return folder / "cells" / f"seed-{self.seed}" / self.recipe / f"{self.target}.npz"


@dataclass(frozen=True)
class Cell:
    """A model after its only meeting with the test images.

    Attributes
    ----------
    kind : str
        Of its target, such as "shuffled" for the target "shuffled-3".
    tested : Tested
    counts : dict
        Species -> how many images train, validate and test.
    predictions : dict
        Classifier -> Predictions.
    space : dict
        From `evaluation.space.describe_space`.
    chosen : dict
        Classifier -> what validation chose for it.
    """

    kind: str
    tested: Tested
    counts: Mapping[str, Mapping[str, int]]
    predictions: Mapping[str, Predictions]
    space: Mapping[str, float | None]
    chosen: Mapping[str, Mapping[str, float]]


def write_cell(path: Path, cell: Cell) -> None:
    """Write a cell, whole or not at all."""
    facts = {
        "version": VERSION,
        "kind": cell.kind,
        "counts": {name: dict(sides) for name, sides in cell.counts.items()},
        "space": dict(cell.space),
        "chosen": {name: dict(chosen) for name, chosen in cell.chosen.items()},
        "classifiers": list(cell.predictions),
    }
    tested = cell.tested
    arrays: dict[str, Any] = {
        "truth": tested.truth,
        "units": tested.units,
        "genus": tested.genus,
        **{f"group {name}": mask for name, mask in tested.groups.items()},
    }
    for name, found in cell.predictions.items():
        arrays |= {
            f"{name} predicted": found.predicted,
            f"{name} rank": found.rank,
            f"{name} confidence": found.confidence,
        }
    store(path, facts, arrays)


def store(path: Path, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """Write the file of a cell of any kind: facts as JSON, and arrays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        np.savez_compressed(temporary, facts=np.array(json.dumps(facts)), **arrays)


def stored(path: Path, version: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Facts and arrays that `store` wrote; ValueError where they are of another version."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as opened:
        arrays = dict(opened)
    facts = dict(json.loads(str(arrays["facts"])))
    if facts["version"] != version:
        raise ValueError(f"of version {facts['version']}")
    return facts, arrays


def read_cell(path: Path) -> Cell:
    """Read what `write_cell` wrote.

    Raises
    ------
    DataError
        The file is damaged, or of another version.
    """
    try:
        facts, arrays = stored(path, VERSION)
        groups = {name.removeprefix("group "): arrays[name] for name in arrays if name.startswith("group ")}
        predictions = {
            name: Predictions(
                arrays[f"{name} predicted"], arrays[f"{name} rank"], arrays[f"{name} confidence"]
            )
            for name in facts["classifiers"]
        }
        tested = Tested(arrays["truth"], arrays["units"], groups, arrays["genus"])
        return Cell(facts["kind"], tested, facts["counts"], predictions, facts["space"], facts["chosen"])
    except Exception as error:  # whatever a damaged archive makes numpy, zipfile or json say
        raise DataError(
            f"{path}: cannot be read as a cell of an ablation ({error}); it has to be made again."
        ) from error


def is_cell(path: Path, read: Callable[[Path], object] = read_cell) -> bool:
    """Whether there is a whole cell; of a damaged one a warning says that it is made again."""
    if not path.is_file():
        return False
    try:
        read(path)
    except DataError as error:
        log.warning("%s", error)
        return False
    return True
