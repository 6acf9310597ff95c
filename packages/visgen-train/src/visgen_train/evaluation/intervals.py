"""How far the choice of the test images moves a figure: bootstrap weights for `metrics.figures`, and their spread."""

import numpy as np

from visgen_train.evaluation.metrics import FIGURES, Tested

WITH_INTERVALS = tuple(name for name in FIGURES if name != "calibration_error")
"""A calibration error has none: noise only adds to an absolute value, so resamples lie above the figure itself."""

ENDS = (0.025, 0.975)
"""95 %."""


def resamples(tested: Tested, number: int, rng: np.random.Generator) -> np.ndarray:
    """Weights of the test images in bootstrap resamples, within each class, whole units drawn with replacement.

    The same weights for two models pair them. A class of a single unit is the same in every resample, so it adds
    nothing to the width: the intervals do not know how another specimen of it would have been recognised.

    Parameters
    ----------
    number : int
        Resamples.

    Returns
    -------
    numpy.ndarray
        (number, m) int32, how often each image counts. Test images are resampled, nothing else: not the training
        images, and not the seed.
    """
    weights = np.zeros((number, len(tested.truth)), np.int32)
    for label in np.unique(tested.truth):
        rows = np.flatnonzero(tested.truth == label)
        names, unit = np.unique(tested.units[rows], return_inverse=True)
        drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=number)
        weights[:, rows] = drawn[:, unit]
    return weights


def spread(values: np.ndarray) -> list[float]:
    """[low, high], the 95 % percentile interval of a figure, or of a difference of two, over resamples.

    Parameters
    ----------
    values : numpy.ndarray
        (draws,) from `metrics.figures`; draws without a value (NaN) are left out, but one must have a value.
    """
    return [float(end) for end in np.nanquantile(values, ENDS)]
