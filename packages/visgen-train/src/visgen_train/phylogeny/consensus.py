"""One sequence a species: what most of its individuals have."""

from collections.abc import Sequence

import numpy as np

_GAP = 4


def consensus(codes: np.ndarray, species: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The most frequent base of each column over the individuals of each species.

    A column counts for an individual from its first base to its last; beyond lies what was not sequenced. Where fewer
    than half of those it counts for have a base, and where two bases are equally frequent, the species has none.

    Parameters
    ----------
    codes : numpy.ndarray
        (n, columns) of an alignment, 0 to 3 for A, C, G, T and 4 for anything else.
    species : sequence of str, length n

    Returns
    -------
    list of str, numpy.ndarray
        Species in alphabetical order, and their codes (species, columns).

    Examples
    --------
    >>> consensus(np.array([[0, 1, 2, 4], [0, 2, 2, 3], [1, 1, 4, 3]]), ["Aus albus"] * 3)[1].tolist()
    [[0, 1, 2, 3]]
    """
    of, names = np.array(species), sorted(set(species))
    return names, np.stack([_one(codes[of == name]) for name in names])


def _one(codes: np.ndarray) -> np.ndarray:
    counts = np.stack([(codes == base).sum(axis=0) for base in range(_GAP)])
    order = np.sort(counts, axis=0)
    clear = (order[-1] > order[-2]) & (2 * counts.sum(axis=0) >= _covered(codes).sum(axis=0))
    found: np.ndarray = np.where(clear, counts.argmax(axis=0), _GAP)
    return found


def _covered(codes: np.ndarray) -> np.ndarray:
    """(n, columns) bool: from the first base of a row to its last."""
    known = codes < _GAP
    begun = np.logical_or.accumulate(known, axis=1)
    unfinished = np.logical_or.accumulate(known[:, ::-1], axis=1)[:, ::-1]
    covered: np.ndarray = begun & unfinished
    return covered
