"""Class means in a whitened space, those of rare classes shrunk: linear discriminants with equal priors."""

import numpy as np
from sklearn.covariance import empirical_covariance, ledoit_wolf_shrinkage, shrunk_covariance

from visgen_train.evaluation.classifiers.base import (
    Classifier,
    Embedded,
    Fitted,
    Known,
    best_on_validation,
    class_means,
    unit,
)
from visgen_train.evaluation.classifiers.calibration import calibrated

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


def whitener(vectors: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """(d, d) W such that rows @ W have the identity for the covariance within classes.

    Classes of one image say nothing about it and are left out; where none is left, or images of a class never differ,
    W is the identity. Covariance shrunk by Ledoit & Wolf, "A well-conditioned estimator for large-dimensional
    covariance matrices", 2004, so that it has an inverse even if d > n.
    """
    several = np.bincount(labels, minlength=classes)[labels] > 1
    residuals = (vectors - class_means(vectors, labels, classes)[labels])[several]
    if (residuals**2).sum() <= 1e-12 * len(residuals):  # differences of 1e-6, the rounding of float32
        return np.eye(vectors.shape[1])
    # Ledoit and Wolf's share is 1 / n at least, but for a handful of images, where it can be 0
    share = max(ledoit_wolf_shrinkage(residuals, assume_centered=True), 1 / len(residuals))
    covariance = shrunk_covariance(empirical_covariance(residuals, assume_centered=True), share)
    return np.linalg.cholesky(np.linalg.inv(covariance))
