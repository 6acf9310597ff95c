"""What kriging starts from: class means, numbers of images and genetic distances, checked and brought together."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.whitening import class_means, unit, whitener
from visgen_train.genetics.distances import SpeciesDistances

FEWEST: Final = 3
"""Species with images: with two there is one distance, and nothing to compare it with."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, eq=False)
class Problem:
    """Means of some species, and the distances of all.

    Parameters
    ----------
    species : tuple of str, length n
        All species with DNA.
    means : numpy.ndarray
        (n, d) whitened mean of the images of each; anything, NaN too, for a species without.
    counts : numpy.ndarray
        (n,) images of each, 0 for those never seen.
    distances : numpy.ndarray
        (n, n) genetic distances in this order, such as the matrix of `SpeciesDistances`; kept as `euclidean` mends
        them.
    s2 : float
        Variance of an image about its species' mean, in every dimension; in a whitened space 1 if whitening is right.

    Raises
    ------
    DataError
        Fewer than three species with images; all their distances or all their means are equal; a mean, a count, s2 or
        a matrix of distances that is none.
    """

    species: tuple[str, ...]
    means: np.ndarray
    counts: np.ndarray
    distances: np.ndarray
    s2: float

    def __post_init__(self) -> None:
        checked = SpeciesDistances(self.species, self.distances, "genetic").matrix
        object.__setattr__(self, "distances", euclidean(checked))
        self._check()

    @property
    def seen(self) -> np.ndarray:
        """(n,) bool: species with images."""
        seen: np.ndarray = self.counts > 0
        return seen

    @property
    def noise(self) -> np.ndarray:
        """(m,) s2 / n_c of the m species with images."""
        noise: np.ndarray = self.s2 / self.counts[self.seen]
        return noise

    def with_noise(self, s2: float) -> "Problem":
        """The same with another s2 above 0; what has been checked and mended is not again."""
        changed = copy(self)
        object.__setattr__(changed, "s2", s2)
        return changed

    def _check(self) -> None:
        number = len(self.species)
        if self.means.ndim != 2 or len(self.means) != number or self.counts.shape != (number,):
            raise DataError(
                f"Kriging {number} species needs as many means and counts, not {self.means.shape} and "
                f"{self.counts.shape}."
            )
        if not np.isfinite(self.counts).all() or (self.counts < 0).any():
            raise DataError("Kriging needs numbers of images from 0.")
        if not 0 < self.s2 < np.inf:
            raise DataError(f"Kriging needs a variance s2 above 0, not {self.s2}.")
        if self.seen.sum() < FEWEST:
            raise DataError(
                f"Kriging needs {FEWEST} species with images and DNA; there are {self.seen.sum()} of {number}."
            )
        self._check_seen()

    def _check_seen(self) -> None:
        means = self.means[self.seen]
        bad = ~np.isfinite(means).all(1)
        if bad.any():
            name = np.array(self.species)[self.seen][bad][0]
            raise DataError(f"The mean embedding of {name} holds NaN or infinity; look at its images.")
        if np.ptp(means, axis=0).max(initial=0) <= _ROUNDING * np.abs(means).max(initial=0):
            raise DataError("The mean embeddings of all species are equal, so there is nothing to krige.")
        if all_equal(self.distances[np.ix_(self.seen, self.seen)]):
            raise DataError(
                "All genetic distances of the species with images are equal, so the DNA cannot say who is whose "
                "relative; take another method or marker."
            )


def whitened(
    vectors: np.ndarray, labels: np.ndarray, species: Sequence[str], distances: SpeciesDistances, s2: float
) -> tuple[Problem, np.ndarray]:
    """The problem of some images, and how to whiten others: `unit(vectors) @ whitening`.

    Vectors are brought to unit length and whitened by their covariance within species, shrunk, as `whitened_means`
    does. (Never by that of the species' means: whitening n means to n - 1 dimensions makes all of them equally far from
    each other, whatever they are.)

    Parameters
    ----------
    vectors : numpy.ndarray
        (images, d) of training images.
    labels : numpy.ndarray
        (images,) positions in `species`.
    species : sequence of str
        Those with images, all of them in `distances`, which may hold more; those without images do not count.
    distances : SpeciesDistances
    s2 : float
        See `Problem`.

    Returns
    -------
    Problem, numpy.ndarray
        Of the species of `distances`, and (d, d).

    Raises
    ------
    DataError
        Images of a species without DNA, no images, or what `Problem` refuses.
    """
    present, compact = np.unique(labels, return_inverse=True)
    place = {name: row for row, name in enumerate(distances.species)}
    missing = [species[label] for label in present if species[label] not in place]
    if missing:
        raise DataError(
            f"There are images of {', '.join(missing)} and no DNA; add sequences, or leave these species out."
        )
    if not len(present):
        raise DataError("There are no images, so no means to krige.")
    rows = [place[species[label]] for label in present]
    unwhitened = unit(vectors)
    whitening = whitener(unwhitened, compact, len(present))
    means = np.full((len(place), vectors.shape[1]), np.nan)
    means[rows] = class_means(unwhitened @ whitening, compact, len(present))
    counts = np.zeros(len(place), np.int64)
    counts[rows] = np.bincount(compact)
    return Problem(distances.species, means, counts, distances.matrix, s2), whitening


def all_equal(distances: np.ndarray) -> bool:
    """Whether all distances (n, n) between two species are one, so that none is nearer to any than another."""
    pairs = distances[np.triu_indices(len(distances), 1)]
    return bool(np.ptp(pairs) <= _ROUNDING * pairs.max())


def euclidean(matrix: np.ndarray) -> np.ndarray:
    """The squared Euclidean distances of n points next to given distances, so that exp(-d / l) is a covariance.

    exp(-d / l) has no negative eigenvalue for any l if and only if d are squared distances of points, that is if
    -1/2 J d J has none, J the centring matrix (Schoenberg, "Metric spaces and positive definite functions", Trans. Am.
    Math. Soc. 44, 1938). Distances along a tree are, medians of several sequences nearly; negative eigenvalues are
    set to 0, which lengthens some distances and shortens none.

    Returns
    -------
    numpy.ndarray
        (n, n); the matrix itself if it needs no change. One eigendecomposition, O(n^3).
    """
    centred = matrix - matrix.mean(0) - matrix.mean(1)[:, None] + matrix.mean()
    values, vectors = np.linalg.eigh(-centred / 2)
    negative = values < -_ROUNDING * np.abs(values).max(initial=0)
    if not negative.any():
        return matrix
    lost = vectors[:, negative] * np.sqrt(-values[negative])  # d + |x_i - x_j|^2 of these coordinates
    length = (lost**2).sum(1)
    mended: np.ndarray = matrix + np.maximum(length[:, None] + length - 2 * lost @ lost.T, 0)
    np.fill_diagonal(mended, 0)
    symmetric: np.ndarray = (mended + mended.T) / 2
    return symmetric
