"""Class means in a whitened space, those of rare classes shrunk: linear discriminants with equal priors."""

from dataclasses import replace

import numpy as np

from visgen_train.evaluation.classifiers.base import (
    Classifier,
    Embedded,
    Fitted,
    Known,
    best_on_validation,
)
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.whitening import Whitened, nearness

NOISES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""s2: variance of an image about its class' mean, in units of the variance of the means."""


def fit(known: Known) -> Fitted:
    """Scores: minus half the squared distance of the whitened vectors, of unit length before, to the class' mean.

    The mean of a class of n images is shrunk to the mean of all class means by n / (n + s2); validation chooses s2.
    """
    found, noise = whitened_means(known)
    return calibrated(lambda queries: scores(found, queries), known, {"s2": noise})


def whitened_means(known: Known) -> tuple[Whitened, float]:
    """Where the classes lie, their means shrunk; and the s2 that validation chose."""
    space, counts = known.whitened, known.counts

    def on_validation(noise: float) -> Classifier:
        return lambda _: nearness(known.white_validation, shrunk(space.means, counts, noise))

    noise = best_on_validation(NOISES, on_validation, known)
    return replace(space, means=shrunk(space.means, counts, noise)), noise


def scores(classes: Whitened, queries: Embedded) -> np.ndarray:
    """(m, classes) minus half the squared distance to the mean of each."""
    return nearness(classes.white(queries.vectors), classes.means)


def shrunk(means: np.ndarray, counts: np.ndarray, noise: float) -> np.ndarray:
    """(classes, d) means drawn to their mean: n / (n + noise) of the way from it remains for a class of n images."""
    middle = means.mean(0)
    moved: np.ndarray = middle + (counts / (counts + noise))[:, None] * (means - middle)
    return moved
