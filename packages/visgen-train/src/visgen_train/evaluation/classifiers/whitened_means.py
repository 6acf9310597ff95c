"""Class means in a whitened space, those of rare classes shrunk: linear discriminants with equal priors."""

import numpy as np

from visgen_train.evaluation.classifiers.base import (
    Classifier,
    Embedded,
    Fitted,
    Known,
    best_on_validation,
)
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.whitening import class_means, unit, whitener

NOISES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""s2: variance of an image about its class' mean, in units of the variance of the means."""


def fit(known: Known) -> Fitted:
    """Scores: minus half the squared distance of the whitened vectors, of unit length before, to the class' mean.

    The mean of a class of n images is shrunk to the mean of all class means by n / (n + s2); validation chooses s2.
    """
    vectors, labels = unit(known.train.vectors), known.train_labels
    whitening = whitener(vectors, labels, known.classes)
    means = class_means(vectors @ whitening, labels, known.classes)

    def make(noise: float) -> Classifier:
        prototypes = shrunk(means, known.counts, noise)

        def scores(queries: Embedded) -> np.ndarray:
            white = unit(queries.vectors) @ whitening
            length = (white**2).sum(1, keepdims=True)
            table: np.ndarray = white @ prototypes.T - length / 2 - (prototypes**2).sum(1) / 2
            return table

        return scores

    noise = best_on_validation(NOISES, make, known)
    return calibrated(make(noise), known, {"s2": noise})


def shrunk(means: np.ndarray, counts: np.ndarray, noise: float) -> np.ndarray:
    """(classes, d) means drawn to their mean: n / (n + noise) of the way from it remains for a class of n images."""
    middle = means.mean(0)
    moved: np.ndarray = middle + (counts / (counts + noise))[:, None] * (means - middle)
    return moved
