"""A figure over several training seeds, with an interval for both the seeds and the test images."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from visgen_train.evaluation.intervals import ENDS, spread


@dataclass(frozen=True)
class Estimate:
    """A figure, or a difference of two, with its 95 % interval.

    Attributes
    ----------
    mean, low, high : float
    seeds : tuple of float
        The figure in each seed.
    """

    mean: float
    low: float
    high: float
    seeds: tuple[float, ...]


def across(points: Sequence[float], draws: np.ndarray, bounds: tuple[float, float] | None = None) -> Estimate:
    """The mean over seeds, and where the mean over all seeds and all images may lie.

    mean ± sqrt(t² s²/S + z² v): s² is the variance of the S points, t the quantile for S - 1 degrees of freedom; v the
    variance over resamples of the mean over seeds, z the normal quantile. So the half-widths for the seeds and for the
    images are added as two sides of a right angle (Howe, JASA 69, 1974; Zou and Donner, Statistics in Medicine 27,
    2008). With one seed, the percentile interval over resamples, which says nothing about other seeds.

    Where the test images are the same in all seeds, s² does not see their choice, hence v. Where they differ, or where
    seeds err on different images, s² has some of it already: the interval is then wide rather than narrow.

    Two simpler ways cover too little with three seeds, where seeds vary more than images: percentiles of a bootstrap of
    seeds and images, since three points vary too little when resampled; and t with the degrees of freedom of Welch and
    Satterthwaite, which take s² for known when it happens to be small.

    Parameters
    ----------
    points : sequence of float
        (S,) the figure in each seed.
    draws : numpy.ndarray
        (S, B) the figure in each seed and resample. A column is one resample: where seeds share their test images, it
        is of the same images in all of them.
    bounds : (float, float), optional
        What the figure cannot leave, (0, 1) for an accuracy: the interval is clipped to it. Not for differences.

    Examples
    --------
    The half-width is 4.303 · 0.1 / sqrt(3):

    >>> across([0.5, 0.6, 0.7], np.zeros((3, 10)))  # doctest: +ELLIPSIS
    Estimate(mean=0.6, low=0.351..., high=0.848..., seeds=(0.5, 0.6, 0.7))
    """
    mean = math.fsum(points) / len(points)
    low, high = spread(draws[0]) if len(points) == 1 else _around(mean, points, draws)
    if bounds is not None:
        low, high = max(low, bounds[0]), min(high, bounds[1])
    return Estimate(mean, low, high, tuple(float(point) for point in points))


def _around(mean: float, points: Sequence[float], draws: np.ndarray) -> tuple[float, float]:
    number = len(points)
    of_seeds = float(stats.t.ppf(ENDS[1], number - 1)) * float(np.std(points, ddof=1)) / math.sqrt(number)
    of_images = float(stats.norm.ppf(ENDS[1])) * float(np.std(draws.mean(0), ddof=1))
    half = math.hypot(of_seeds, of_images)
    return mean - half, mean + half
