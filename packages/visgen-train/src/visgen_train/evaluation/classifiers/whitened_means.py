"""Class means in a whitened space, those of rare classes shrunk: linear discriminants with equal priors."""

from dataclasses import dataclass

import numpy as np

from visgen_train.evaluation.classifiers.base import Embedded, Fitted, Known, best_on_validation
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.whitening import class_means, unit, whitener

NOISES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""s2: variance of an image about its class' mean, in units of the variance of the means."""


@dataclass(frozen=True, eq=False)
class WhitenedMeans:
    """Where the classes lie: `means` (classes, d) of vectors of unit length times `whitening` (d, d)."""

    means: np.ndarray
    whitening: np.ndarray

    def scores(self, queries: Embedded) -> np.ndarray:
        """(m, classes) minus half the squared distance to each."""
        white = unit(queries.vectors) @ self.whitening
        length = (white**2).sum(1, keepdims=True)
        table: np.ndarray = white @ self.means.T - length / 2 - (self.means**2).sum(1) / 2
        return table


def fit(known: Known) -> Fitted:
    """Scores: minus half the squared distance of the whitened vectors, of unit length before, to the class' mean.

    The mean of a class of n images is shrunk to the mean of all class means by n / (n + s2); validation chooses s2.
    """
    found, noise = whitened_means(known)
    return calibrated(found.scores, known, {"s2": noise})


def whitened_means(known: Known) -> tuple[WhitenedMeans, float]:
    """The classifier itself, and the s2 that validation chose."""
    vectors, labels = unit(known.train.vectors), known.train_labels
    whitening = whitener(vectors, labels, known.classes)
    means = class_means(vectors @ whitening, labels, known.classes)

    def make(noise: float) -> WhitenedMeans:
        return WhitenedMeans(shrunk(means, known.counts, noise), whitening)

    noise = best_on_validation(NOISES, lambda noise: make(noise).scores, known)
    return make(noise), noise


def shrunk(means: np.ndarray, counts: np.ndarray, noise: float) -> np.ndarray:
    """(classes, d) means drawn to their mean: n / (n + noise) of the way from it remains for a class of n images."""
    middle = means.mean(0)
    moved: np.ndarray = middle + (counts / (counts + noise))[:, None] * (means - middle)
    return moved
