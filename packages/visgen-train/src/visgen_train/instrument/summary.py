"""What the readings of many simulated sets say together: of the DNA, and of the instrument itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from visgen_train.instrument.readings import Reading

ALARM: Final = 0.01
"""Chance that a sound instrument is called faulty by one of its two tests, at most."""
DIRECT: Final = ("knn", "anchor")
"""Classifiers by which real must not beat shuffled DNA: the one fixed beforehand, and the one that uses the anchors."""
LEAST_SETS: Final = 3


@dataclass(frozen=True)
class OverSets:
    """A figure over independent sets: mean and 95 % interval, mean ± t s / sqrt(n)."""

    mean: float
    low: float
    high: float
    sets: int


@dataclass(frozen=True)
class Rate:
    """How often something happened, with its 95 % interval (Clopper and Pearson 1934)."""

    happened: int
    trials: int
    low: float
    high: float


def over_sets(values: Sequence[float]) -> OverSets:
    """The mean of a figure over sets that share nothing: tree, DNA, specimens and training are drawn anew in each.

    Parameters
    ----------
    values : sequence of float
        One a set, two at least.

    Examples
    --------
    The half-width is 4.303 · 1 / sqrt(3):

    >>> over_sets([1.0, 2.0, 3.0])  # doctest: +ELLIPSIS
    OverSets(mean=2.0, low=-0.48..., high=4.48..., sets=3)
    """
    mean, number = float(np.mean(values)), len(values)
    half = float(stats.t.ppf(0.975, number - 1) * np.std(values, ddof=1) / np.sqrt(number))
    return OverSets(mean, mean - half, mean + half, number)


def rate(happened: Sequence[bool]) -> Rate:
    """How often something happened.

    Examples
    --------
    >>> rate([False] * 5)  # doctest: +ELLIPSIS
    Rate(happened=0, trials=5, low=0.0, high=0.52...)
    """
    count = sum(happened)
    interval = stats.binomtest(count, len(happened)).proportion_ci(0.95, "exact")
    return Rate(count, len(happened), float(interval.low), float(interval.high))


def collect(readings: Sequence[Reading], value: Callable[[Reading], float | None]) -> OverSets | None:
    """A figure over the sets; None unless at least two have it."""
    values = [found for found in map(value, readings) if found is not None]
    return over_sets(values) if len(values) > 1 else None


def faults(without_signal: Sequence[Reading], dealt: Sequence[Reading]) -> list[str]:
    """What is wrong with the instrument, a sentence each; nothing if it is sound.

    Parameters
    ----------
    without_signal : sequence of Reading
        Of sets of signal 0, three at least: real DNA must not beat shuffled DNA there.
    dealt : sequence of Reading
        Of sets whose labels were dealt out: nothing must be recognised there.
    """
    return [*_false_effects(without_signal), *(fault for reading in dealt for fault in _leaks(reading))]


def _false_effects(readings: Sequence[Reading]) -> Iterator[str]:
    for classifier in DIRECT:
        found = [reading.real_minus("shuffled", classifier, "per_class") for reading in readings]
        values = [value for value in found if value is not None]
        if len(values) < LEAST_SETS or float(np.std(values)) == 0:
            continue
        chance = float(stats.ttest_1samp(values, 0, alternative="greater").pvalue)
        if chance < ALARM / len(DIRECT):
            yield (
                f"Looks say nothing of descent, yet by {classifier} real DNA beats shuffled DNA by "
                f"{100 * np.mean(values):.1f} points per class (p = {chance:.1g}, {len(values)} sets): something but "
                "descent joins anchors and test images."
            )


def _leaks(reading: Reading) -> Iterator[str]:
    content = reading.content
    tests = [(target, name) for target in content["targets"] for name in content["classifiers"]]
    for target, classifier in tests:
        share = reading.accuracy(target, classifier, "per_class")
        if share is None:
            continue
        right, images = round(share * content["test_images"]), content["test_images"]
        chance = float(stats.binomtest(right, images, content["chance"], "greater").pvalue)
        if chance < ALARM / len(tests):
            yield (
                f"Labels were dealt out at random, yet {classifier} ({target}) is right on {100 * share:.1f} % of the "
                f"test images per class (chance {100 * content['chance']:.1f} %, p = {chance:.1g}): seen "
                "before, or told."
            )
