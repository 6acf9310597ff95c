"""What a run has to do, counted; and from rates to seconds and bytes. Nothing here is measured."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.config import Config
from visgen_train.data.batches import epoch_batches
from visgen_train.experiment.estimate.pace import Spread
from visgen_train.training.rebalance import BATCH

STAGES: Final = ("reading", "images", "balance", "features", "align", "evaluation")
"""Parts of a run, in their order: stage 1 is `images` (and `balance`), stage 2 is `align`."""
LONG: Final = 1800.0
"""Seconds. Of a run that takes longer, ways to a shorter one are measured as well."""
FLOAT = 4  # bytes


@dataclass(frozen=True)
class Counts:
    """How much there is to do.

    Attributes
    ----------
    train, validation, test : int
        Pictures.
    to_decode : int
        Pictures that no store holds.
    batches, balance_batches : int
        Of an epoch of either stage, and of one that trains the classifier again.
    """

    train: int
    validation: int
    test: int
    to_decode: int
    batches: int
    balance_batches: int

    @classmethod
    def of(cls, labels: np.ndarray, sides: list[str], to_decode: int, config: Config) -> "Counts":
        """Of pictures with these classes (n,) on these sides."""
        at = np.array(sides)
        train, validation, test = (int((at == side).sum()) for side in ("train", "validation", "test"))
        epoch = epoch_batches(labels[at == "train"], config.train, np.random.default_rng(0))
        return cls(train, validation, test, to_decode, sum(1 for _ in epoch), -(-train // BATCH))

    @property
    def images(self) -> int:
        """All pictures."""
        return self.train + self.validation + self.test


@dataclass(frozen=True)
class NetworkRates:
    """What was measured of the whole network.

    Attributes
    ----------
    step : Spread
        Seconds of a training step of stage 1; 0 where there are none.
    plain, augmented : Spread
        Seconds of one picture through the backbone, as it is or as an augmented view.
    width : int
        Of the features.
    weights : int
        Bytes of the network.
    peak : int or None
        Bytes of memory of the process at its peak meanwhile.
    on_device : int or None
        The peak of the GPU, which then holds the features as well.
    """

    step: Spread
    plain: Spread
    augmented: Spread
    width: int
    weights: int
    peak: int | None
    on_device: int | None = None


@dataclass(frozen=True)
class Rates:
    """Everything that was measured: `NetworkRates`, and seconds of the rest.

    Attributes
    ----------
    inputs : float
        Reading sequences and names, making anchors.
    decode : Spread
        Of one picture.
    balance_step, align_step : Spread
    recall : float
        Scoring the validation pictures after an epoch of stage 2.
    evaluation : Spread
        Classifiers, figures and the report, all of it.
    results : int
        Bytes of what evaluation writes.
    peak : int or None
        Bytes of memory of the process at the peak of evaluation, without the features.
    """

    network: NetworkRates
    inputs: float
    decode: Spread
    balance_step: Spread
    align_step: Spread
    recall: float
    evaluation: Spread
    results: int
    peak: int | None


def seconds(counts: Counts, config: Config, rates: Rates, skip_bad: bool = False) -> dict[str, Spread]:
    """Seconds of each of `STAGES`.

    The range takes all steps for as quick as those of the lower quartile, or as slow as those of the upper one.

    Parameters
    ----------
    skip_bad : bool
        Every picture is decoded once more, to see whether it can be.
    """
    network, views = rates.network, _views(config)
    scored = network.plain.times(
        counts.validation
    )  # after each epoch that trains on pictures or the classifier
    parts = {
        "reading": rates.decode.times(counts.to_decode + skip_bad * counts.images).plus(
            Spread.exactly(rates.inputs)
        ),
        "images": network.step.times(counts.batches).plus(scored).times(config.train.epochs),
        "balance": rates.balance_step.times(counts.balance_batches).plus(scored).times(config.balance.epochs),
        "features": network.plain.times(counts.images).plus(network.augmented.times(views * counts.train)),
        "align": rates.align_step.times(counts.batches)
        .plus(Spread.exactly(rates.recall))
        .times(config.align.epochs),
        "evaluation": rates.evaluation,
    }
    return {name: parts[name] for name in STAGES}


def total(parts: dict[str, Spread]) -> Spread:
    """All of them, one after the other."""
    whole = Spread.exactly(0)
    for part in parts.values():
        whole = whole.plus(part)
    return whole


def feature_bytes(counts: Counts, config: Config, width: int) -> int:
    """Bytes of the features in memory: of each picture, of each augmented view, and once more while a view is made."""
    return FLOAT * width * (counts.images + (1 + _views(config)) * counts.train)


def memory(counts: Counts, config: Config, rates: Rates) -> int | None:
    """Bytes of memory of the process at its peak, in stage 1 or beside the features; decoded pictures stay on disk."""
    network = rates.network
    if network.peak is None or rates.peak is None or network.on_device is not None:
        return network.peak
    return max(network.peak, rates.peak + feature_bytes(counts, config, network.width))


def device_memory(counts: Counts, config: Config, network: NetworkRates) -> int | None:
    """Bytes of a GPU's memory at its peak; None without one."""
    if network.on_device is None:
        return None
    return max(network.on_device, network.weights + feature_bytes(counts, config, network.width))


def disk(counts: Counts, config: Config, rates: Rates, row_bytes: int) -> dict[str, int]:
    """Bytes on disk.

    Returns
    -------
    dict
        `pictures` (decoded, in RUN while it runs, or in the store to stay), `checkpoints` (under way: two, each of
        weights, momentum and the best weights so far), `kept` (networks and results).
    """
    networks = 3 if config.align.epochs else 2  # visual, aligned, model.safetensors
    under_way = 6 if config.train.epochs else 0
    return {
        "pictures": counts.to_decode * row_bytes,
        "checkpoints": under_way * rates.network.weights,
        "kept": networks * rates.network.weights + rates.results,
    }


def _views(config: Config) -> int:
    """Augmented views whose features are computed."""
    return config.align.views if config.align.epochs or config.balance.epochs else 0
