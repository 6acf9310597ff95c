"""Pictures of none of the species: how far an image lies from the nearest class of the training images.

Lee, Lee, Lee and Shin, "A simple unified framework for detecting out-of-distribution samples and adversarial attacks",
NeurIPS 2018: the Mahalanobis distance to the nearest class mean, with one covariance within classes. Kept after a
comparison with kNN distances (Sun et al., ICML 2022), relative Mahalanobis distances (Ren et al., 2021), energy and
the highest probability; see docs/predict.md and benchmarks/open_set.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.evaluation.whitening import class_means, unit, whitener

KEPT: Final = 0.95
"""Share of the validation images, all of known species, that the threshold takes for known."""
_ROWS: Final = 4096


@dataclass(frozen=True, eq=False)
class OpenSet:
    """What known images look like.

    Attributes
    ----------
    means : numpy.ndarray
        (classes, d) of the whitened vectors, of unit length before.
    whitening : numpy.ndarray
        (d, d), see `whitening.whitener`.
    threshold : float
        The distance beyond which an image is of none of the classes.
    """

    means: np.ndarray
    whitening: np.ndarray
    threshold: float

    def distances(self, vectors: np.ndarray) -> np.ndarray:
        """(m,) float64 distance to the nearest class mean, in standard deviations within classes."""
        parts = [vectors[start : start + _ROWS] for start in range(0, len(vectors), _ROWS)]
        nearest = [_squared(unit(part) @ self.whitening, self.means).min(1) for part in parts]
        return np.asarray(np.sqrt(np.concatenate([np.zeros(0), *nearest])))


def fit_open_set(
    train: np.ndarray, labels: np.ndarray, validation: np.ndarray, classes: int, kept: float = KEPT
) -> OpenSet:
    """Class means and covariance from training images; the threshold from images they were not made of.

    Parameters
    ----------
    train : numpy.ndarray
        (n, d) embeddings of the training images. Of the network of stage 1: alignment draws what is foreign
        to the classes as well.
    labels : numpy.ndarray
        (n,) their classes, each of which has an image.
    validation : numpy.ndarray
        (v, d); `kept` of them lie within the threshold. Without any, `kept` of the training images do, each measured
        from the means without itself, which is too near all the same: the network has learnt them.
    """
    whitening = whitener(unit(train), labels, classes)
    white = unit(train) @ whitening
    found = OpenSet(class_means(white, labels, classes), whitening, np.inf)
    known = found.distances(validation) if len(validation) else _left_out(white, labels, found.means)
    return OpenSet(found.means, whitening, float(np.quantile(known, kept)))


def _left_out(white: np.ndarray, labels: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Distance of each training image to the nearest mean, that of its own class without it: n / (n - 1) as far."""
    counts = np.bincount(labels, minlength=len(means))[labels]
    squared = _squared(white, means)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = (counts / (counts - 1)) ** 2 * squared[np.arange(len(labels)), labels]
    squared[np.arange(len(labels)), labels] = np.where(counts > 1, own, np.inf)
    nearest: np.ndarray = np.sqrt(squared.min(1))
    return nearest


def _squared(white: np.ndarray, means: np.ndarray) -> np.ndarray:
    """(m, classes) squared Euclidean distances, none below 0 by rounding."""
    table = (white**2).sum(1, keepdims=True) + (means**2).sum(1) - 2 * white @ means.T
    return np.asarray(np.maximum(table, 0))
