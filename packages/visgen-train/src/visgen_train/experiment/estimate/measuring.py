"""A few real steps of a run's own functions, timed; nothing of them is kept."""

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from visgen_train.config import Config
from visgen_train.data.images import Policy, SomeRows, decoded, refuse
from visgen_train.data.views import ImageViews
from visgen_train.errors import DataError
from visgen_train.evaluation.embed import View, backbone_features
from visgen_train.experiment.estimate.pace import Clock, Pace, Spread, clock_of
from visgen_train.experiment.estimate.plan import NetworkRates
from visgen_train.io.room import peak_memory, reset_peak
from visgen_train.models.network import EmbeddingNetwork, freeze_backbone
from visgen_train.training.memory import memory_told
from visgen_train.training.pretrain import pretrain

SAMPLE, BLOCK = 256, 32
"""Pictures to decode, and how many are timed together, since threads decode several at once."""
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
        There is not enough memory; or the loss is no longer finite.
    """
    pace = pace or Pace(clock_of(device))
    rows = SomeRows(pixels, np.arange(len(labels)) % len(pixels))
    views = ImageViews(rows, config.train, config.seed, device)
    network = network.to(memory_format=torch.channels_last)  # as `Session` has it
    if config.model.freeze:
        freeze_backbone(network)
    _reset(device)
    with memory_told(config):
        if config.train.epochs:
            settings = dataclasses.replace(config.train, epochs=1)
            arguments = (network, views, labels, training, settings, config.seed, device)
            pretrain(*arguments, _unscored, _unlogged, pace)
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


def _features(network: EmbeddingNetwork, rows: np.ndarray, view: View, pace: Pace, name: str) -> Spread:
    """Seconds of a picture."""
    size = min(FEATURES, len(rows))
    whole = rows[: len(rows) // size * size]
    backbone_features(network.backbone, whole, view, pace, name, size)
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
