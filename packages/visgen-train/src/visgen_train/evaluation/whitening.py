"""Vectors of unit length, their class means, and the space in which images scatter alike about these."""

from dataclasses import dataclass

import numpy as np
from sklearn.covariance import empirical_covariance, ledoit_wolf_shrinkage, shrunk_covariance


def unit(vectors: np.ndarray) -> np.ndarray:
    """(n, d) float64 rows of length 1; a row of zeros stays."""
    rows = np.asarray(vectors, np.float64)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length > 0, length, 1)


def class_means(vectors: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """(classes, d) means of the rows (n, d) of each class."""
    return np.stack([vectors[labels == label].mean(0) for label in range(classes)])


@dataclass(frozen=True, eq=False)
class Whitened:
    """The space in which images scatter alike about their class means.

    Attributes
    ----------
    whitening : numpy.ndarray
        (d, d), of vectors of unit length: see `whitener`.
    means : numpy.ndarray
        (classes, d) of the classes, in this space.
    """

    whitening: np.ndarray
    means: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, labels: np.ndarray, classes: int) -> "Whitened":
        """That of labelled vectors (n, d), of any length."""
        rows = unit(vectors)
        whitening = whitener(rows, labels, classes)
        return cls(whitening, class_means(rows @ whitening, labels, classes))

    def white(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (m, d), of any length, in this space."""
        found: np.ndarray = unit(vectors) @ self.whitening
        return found


def nearness(white: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(m, k) minus half the squared distance of each of m vectors to each of k places."""
    length = (white**2).sum(1, keepdims=True)
    table: np.ndarray = white @ places.T - length / 2 - (places**2).sum(1) / 2
    return table


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
