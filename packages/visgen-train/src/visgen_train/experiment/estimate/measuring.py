"""A few real steps of a run's own functions, timed; nothing of them is kept."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.images import Policy, SomeRows, decoded, refuse
from visgen_train.data.views import ImageViews
from visgen_train.errors import DataError, TrainingError
from visgen_train.evaluation.embed import View, backbone_features
from visgen_train.experiment.estimate.pace import Clock, Pace, Spread, clock_of
from visgen_train.experiment.estimate.plan import NetworkRates
from visgen_train.io.room import peak_memory, reset_peak, usable_memory
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.memory import memory_told
from visgen_train.training.pretrain import pretrain
from visgen_train.training.seeding import choose_precision

SAMPLE, BLOCK = 256, 32
"""Pictures to decode, and how many are timed together, since threads decode several at once."""
LEAST_BATCH = 4  # of two species with a triplet each
FEATURES = 64  # in a batch, see `backbone_features`


def sample_pictures(
    root: Path, files: Sequence[str], policy: Policy, skip_bad: bool, clock: Clock, most: int = SAMPLE
) -> tuple[np.ndarray, Spread]:
    """Some pictures, drawn at random, and the seconds that one took to decode.

    Returns
    -------
    pixels : numpy.ndarray
        (k, 3, size, size) uint8.
    decode : Spread

    Raises
    ------
    DataError
        One cannot be read, and bad ones are not to be left out; or none can.
    """
    chosen = np.random.default_rng(0).permutation(len(files))[:most]
    block = max(1, min(BLOCK, len(chosen) // 4))
    pace = Pace(clock, most, 15.0, first=1)
    found = []
    parts = [chosen[start : start + block] for start in range(0, len(chosen) - block + 1, block)]
    for part in pace(parts, "Reading", len(parts)):
        found += list(decoded(root, [files[row] for row in part], policy))
    bad = [one.problem for one in found if one.problem]
    if not skip_bad:
        refuse(bad, len(found))
    pixels = [one.pixels for one in found if one.pixels is not None]
    if not pixels:
        raise DataError(f"{bad[0]}: nor can any of the {len(found)} pictures that were tried.")
    return np.stack(pixels), pace.spread("Reading").times(1 / block)


def measure_network(
    network: EmbeddingNetwork,
    pixels: np.ndarray,
    labels: np.ndarray,
    training: np.ndarray,
    config: Config,
    device: torch.device,
    pace: Pace | None = None,
) -> NetworkRates:
    """Train some batches of stage 1, and compute some features.

    Batches are those of the run, but each picture in them is one of the sample.

    Parameters
    ----------
    pixels : numpy.ndarray
        (k, 3, size, size) uint8, from `sample_pictures`.
    labels : numpy.ndarray
        (n,) int64 class numbers of all pictures.
    training : numpy.ndarray
        Positions of the training pictures.
    pace : Pace, optional
        How long to measure.

    Raises
    ------
    TrainingError
        There is not enough memory for it, or would not be; or the loss is no longer finite.
    """
    pace = pace or Pace(clock_of(device))
    rows = SomeRows(pixels, np.arange(len(labels)) % len(pixels))
    views = ImageViews(rows, config.train, config.seed, device)
    network = network.to(memory_format=torch.channels_last)  # as `Session` has it, and:
    network.precision = choose_precision(config.precision, device)
    if config.model.freeze:
        freeze_backbone(network)
    _reset(device)
    with memory_told(config, begun=False):
        if config.train.epochs:

            def one_step(batch: int) -> None:
                once = Pace(pace.clock, most=1, first=0)
                _train(network, views, labels, training, config, device, once, batch)

            _require_memory(config, device, one_step)
            _reset(device)
            _train(network, views, labels, training, config, device, pace, config.train.batch)
        plain = _features(network, training, views.plain, pace, "Plain")
        seen = config.train.epochs  # a view that stage 1 did not see
        augmented = _features(
            network, training, lambda rows: views.augmented(rows, np.zeros_like(rows), seen), pace, "Views"
        )
    return NetworkRates(
        step=pace.spread("Images"),
        plain=plain,
        augmented=augmented,
        width=network.width,
        weights=sum(value.nbytes for value in network.state_dict().values()),
        peak=peak_memory(),
        on_device=torch.cuda.max_memory_reserved(device) if device.type == "cuda" else None,
    )


def _train(
    network: EmbeddingNetwork,
    views: ImageViews,
    labels: np.ndarray,
    training: np.ndarray,
    config: Config,
    device: torch.device,
    pace: Pace,
    batch: int,
) -> None:
    """Stage 1 for as many steps as the pace wants, with batches of some size."""
    settings = dataclasses.replace(config.train, epochs=1, batch=batch)
    pretrain(network, views, labels, training, settings, config.seed, device, _unscored, _unlogged, pace)


def _require_memory(config: Config, device: torch.device, train: Callable[[int], None]) -> None:
    """Raise TrainingError where a step would take more memory than there is, by those of a quarter and half a batch.

    A process that asks for too much is killed without a word; a GPU's memory ends with an error, which is told.
    """
    part, there = config.train.batch // 4, usable_memory()
    if device.type != "cpu" or part < LEAST_BATCH or there is None:
        return
    peaks = []
    for batch in (part, 2 * part):
        reset_peak()
        train(batch)
        peaks.append(peak_memory() or 0)
    needed = peaks[1] + 2 * (peaks[1] - peaks[0])  # as much more again for the other half
    if needed > there:
        raise TrainingError(
            f"Training would take about {needed / 1e9:.1f} GB of memory with train.batch={config.train.batch} and "
            f"pictures of {config.data.image_size} px (half the batch took {peaks[1] / 1e9:.1f} GB), and "
            f"{there / 1e9:.1f} GB can be had. Close other programs, or try less: --set train.batch={2 * part}, or "
            f"--set data.image_size={config.data.image_size * 3 // 4}."
        )


def _features(network: EmbeddingNetwork, rows: np.ndarray, view: View, pace: Pace, name: str) -> Spread:
    """Seconds of a picture."""
    size = min(FEATURES, len(rows))
    whole = rows[: len(rows) // size * size]
    backbone_features(network, whole, view, pace, name, size)
    return pace.spread(name).times(1 / size)


def _reset(device: torch.device) -> None:
    reset_peak()
    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def _unscored() -> float:
    return math.nan


def _unlogged(row: dict[str, object]) -> None:
    """The epochs are not kept."""
