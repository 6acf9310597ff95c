"""Stage 2 and evaluation on made-up features of some pictures, by a session of their own in a passing folder."""

import contextlib
import dataclasses
import logging
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch

from visgen_train.config import Config, to_yaml
from visgen_train.data.split_files import split_csv
from visgen_train.data.views import FeatureViews
from visgen_train.experiment.estimate.pace import Pace, Spread, clock_of
from visgen_train.experiment.examples import Examples, record
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.labelled import Labelled
from visgen_train.experiment.session import Session
from visgen_train.io.atomic import write_json, write_text
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.rundir import SPLIT, RunFolder

Finish = Callable[[Path], None]
"""What follows on `Session.evaluate` in a run folder: the report."""
MOST: Final = 1500
"""Pictures; of more, evaluation is measured on so many and on a quarter of them, and taken on from there."""


@dataclass(frozen=True)
class Little:
    """What a little run took.

    Attributes
    ----------
    images : int
        Pictures it was on.
    balance_step, align_step : Spread
        Seconds; 0 where there are none.
    recall, evaluation : float
        Seconds: see `Rates`.
    embeddings, results : int
        Bytes of embeddings.npz, and of all that evaluation wrote but that.
    """

    images: int
    balance_step: Spread
    align_step: Spread
    recall: float
    evaluation: float
    embeddings: int
    results: int


def little_runs(
    inputs: Inputs,
    labelled: Labelled,
    sides: list[str],
    config: Config,
    width: int,
    device: torch.device,
    finish: Finish,
) -> list[Little]:
    """One on all pictures; or, where there are many, one on a quarter of `MOST` and one on so many."""
    most = max(MOST, 12 * config.train.batch)  # so that an epoch's batches are whole
    sizes = [len(sides)] if len(sides) <= most else [most // 4, most]
    return [
        little_run(
            inputs,
            labelled,
            sides,
            some_rows(labelled.classes, sides, size),
            config,
            width,
            device,
            finish,
        )
        for size in sizes
    ]


def little_run(
    inputs: Inputs,
    labelled: Labelled,
    sides: list[str],
    rows: np.ndarray,
    config: Config,
    width: int,
    device: torch.device,
    finish: Finish,
) -> Little:
    """Stage 1 on heads alone, for an epoch, some steps of stage 2, and evaluation with its report, on some rows."""
    some = dataclasses.replace(labelled, items=[labelled.items[row] for row in rows])
    vectors = made_up(some.classes, width)
    files = tuple(item.file for item in some.items)
    examples = Examples(vectors, files, [sides[row] for row in rows])
    clock = clock_of(device)
    pace = Pace(clock, loops=("Images", "Balance", "DNA"))
    with _unheard(), tempfile.TemporaryDirectory() as scratch, RunFolder(Path(scratch)) as folder:
        session = _session(folder, inputs, some, examples, _short(config), width, device, pace)
        session.train()
        session.align()
        recall = _seconds(clock, lambda: session.start.knn_recall(session.network.head))
        evaluation = _seconds(clock, session.evaluate) + _seconds(clock, lambda: finish(folder.path))
        embeddings, results = _sizes(folder.path)
    steps = pace.spread("Balance"), pace.spread("DNA")
    return Little(len(rows), *steps, recall, evaluation, embeddings, results)


def some_rows(labels: np.ndarray, sides: list[str], number: int) -> np.ndarray:
    """About so many positions: the same share of each species on each side, and one at least.

    Parameters
    ----------
    labels : numpy.ndarray
        (n,) int64 class numbers.
    """
    parts: dict[tuple[int, str], list[int]] = {}
    for row, key in enumerate(zip(labels.tolist(), sides, strict=True)):
        parts.setdefault(key, []).append(row)
    share = min(1.0, number / len(labels))
    return np.sort(np.concatenate([part[: max(1, round(share * len(part)))] for part in parts.values()]))


def made_up(labels: np.ndarray, width: int) -> np.ndarray:
    """(n, width) float32 features that tell the classes apart, somewhat."""
    rng = np.random.default_rng(0)
    means = rng.standard_normal((labels.max() + 1, width), np.float32)
    vectors: np.ndarray = means[labels] + 3 * rng.standard_normal((len(labels), width), np.float32)
    return vectors


def _session(
    folder: RunFolder,
    inputs: Inputs,
    labelled: Labelled,
    examples: Examples,
    config: Config,
    width: int,
    device: torch.device,
    pace: Pace,
) -> Session:
    folder.start()
    write_text(folder.path / "config.yaml", to_yaml(config, "Of an estimate."))
    write_json(folder.path / "data.json", record(inputs, labelled, examples))
    write_text(folder.path / SPLIT, split_csv(labelled.items, examples.sides, examples.sha256))
    network = EmbeddingNetwork(config.model, len(labelled.species), 0, features=width).to(device)
    views = FeatureViews(examples.content, examples.rows("train"), device)
    return Session(folder, config, labelled, examples, views, network, device, pace)


def _short(config: Config) -> Config:
    """An epoch of each stage that the run has."""
    train, balance, align = config.train, config.balance, config.align
    return dataclasses.replace(
        config,
        train=dataclasses.replace(train, epochs=min(1, train.epochs)),
        balance=dataclasses.replace(balance, epochs=min(1, balance.epochs)),
        align=dataclasses.replace(align, epochs=min(1, align.epochs)),
    )


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Warnings are about made-up features here."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _seconds(clock: Callable[[], float], work: Callable[[], object]) -> float:
    began = clock()
    work()
    return clock() - began


def _sizes(folder: Path) -> tuple[int, int]:
    """Bytes of embeddings.npz, and of all other results."""
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    embeddings = sum(size for path, size in sizes.items() if path.name == "embeddings.npz")
    networks = sum(size for path, size in sizes.items() if path.suffix == ".safetensors")
    return embeddings, sum(sizes.values()) - embeddings - networks
