"""Distances between vectors, two by two."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import ParameterError, listed

Vectors = npt.NDArray[np.float64]

METRICS: Final = ("cosine", "euclidean", "hellinger", "braycurtis")

_BLOCK: Final = 1 << 17
"""Numbers held at a time beside the result: one megabyte stays in the cache of a processor core."""


def pairwise(vectors: Vectors, ids: Sequence[str], metric: str = "cosine") -> Vectors:
    """Distance of every vector to every other.

    All metrics sum differences over the features, never products, so that close vectors keep their digits
    and equal ones are exactly 0 apart.

    Parameters
    ----------
    vectors : (n, d) float64
    ids : sequence of str, length n
        Named in errors.
    metric : {"cosine", "euclidean", "hellinger", "braycurtis"}
        See `Embedding.distance`.

    Returns
    -------
    (n, n) float64
        Symmetric, zero on the diagonal, not negative.

    Raises
    ------
    ParameterError
        The metric is unknown, or not defined for some of the vectors.

    Examples
    --------
    >>> pairwise(np.array([[3.0, 0.0], [0.0, 4.0]]), ["a", "b"], "euclidean")
    array([[0., 5.],
           [5., 0.]])
    """
    if metric not in METRICS:
        raise ParameterError(f"metric must be one of {', '.join(map(repr, METRICS))}, not {metric!r}")
    _check(vectors, ids, metric)
    if metric == "euclidean":
        return np.sqrt(_summed(vectors, squared=True))
    # Scaled, so that sums of squares neither overflow nor vanish.
    scaled = vectors / np.abs(vectors).max(axis=1, initial=0, keepdims=True)
    if metric == "cosine":
        return _summed(scaled / np.linalg.norm(scaled, axis=1, keepdims=True), squared=True) / 2
    if metric == "hellinger":
        roots = np.sqrt(scaled / scaled.sum(axis=1, keepdims=True))
        return np.sqrt(_summed(roots, squared=True) / 2)
    sums = vectors.sum(axis=1)
    distances: Vectors = _summed(vectors, squared=False) / (sums[:, None] + sums)
    return distances


def _check(vectors: Vectors, ids: Sequence[str], metric: str) -> None:
    faults = [("holds NaN or infinity", ~np.isfinite(vectors).all(axis=1), "leave it out")]
    if metric != "euclidean":
        faults.append(("is zero", ~vectors.any(axis=1), "leave it out, or use 'euclidean'"))
    if metric in ("hellinger", "braycurtis"):
        way_out = "use 'cosine' or 'euclidean'"
        faults.append(("has negative values", (vectors < 0).any(axis=1), way_out))
    for fault, at, way_out in faults:
        if at.any():
            which = listed([ids[row] for row in np.flatnonzero(at).tolist()])
            raise ParameterError(
                f"{metric} distance is not defined where a vector {fault}: {which}; {way_out}"
            )


def _summed(vectors: Vectors, *, squared: bool) -> Vectors:
    """Sums of the squared, or absolute, differences of all pairs of rows, (n, n)."""
    n, d = vectors.shape
    sums = np.zeros((n, n))
    step = max(1, _BLOCK // max(1, d))
    for row, vector in enumerate(vectors):
        for start in range(row + 1, n, step):
            others = slice(start, min(start + step, n))
            difference = vectors[others] - vector
            sums[row, others] = (
                np.einsum("ij,ij->i", difference, difference) if squared else np.abs(difference).sum(axis=1)
            )
            sums[others, row] = sums[row, others]
    return sums
