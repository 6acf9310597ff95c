"""What pairs of aligned sequences differ in."""

from typing import NamedTuple

import numpy as np

FARTHEST = 5.0
"""Substitutions a site beyond which no distance is told. Unrelated sequences differ at three sites of four, where the
formulas give infinity; at 5 they differ at 0.7490."""
LEAST = 20
"""Sites that two sequences must share to be compared."""


class Sites(NamedTuple):
    """Counts of all pairs, (n, n) float64 each, over the columns where both have A, C, G or T."""

    compared: np.ndarray
    transitions: np.ndarray
    transversions: np.ndarray


def compare(codes: np.ndarray) -> Sites:
    """Count sites, A <-> G and C <-> T, and other differences.

    Parameters
    ----------
    codes : numpy.ndarray
        (n, columns), 0 to 3 for A, C, G, T and 4 for anything else.
    """

    def both(which: np.ndarray) -> np.ndarray:
        held = which.astype(np.float32)  # sums of zeros and ones are exact up to 2 ** 24
        return np.asarray(held @ held.T, np.float64)

    compared = both(codes < 4)
    same = sum(both(codes == base) for base in range(4))
    kind = both((codes == 0) | (codes == 2)) + both((codes == 1) | (codes == 3))
    return Sites(compared, kind - same, compared - kind)


def shares(sites: Sites) -> tuple[np.ndarray, np.ndarray]:
    """Transitions and transversions a site; NaN for pairs of fewer than `LEAST` sites."""
    number = np.where(sites.compared >= LEAST, sites.compared, np.nan)
    return sites.transitions / number, sites.transversions / number


def substitutions(factors: list[tuple[float, np.ndarray]]) -> np.ndarray:
    """Sum of -factor log(argument), `FARTHEST` at most; that where an argument is not positive. NaN stays."""
    with np.errstate(divide="ignore", invalid="ignore"):
        total = sum(-factor * np.log(argument) for factor, argument in factors)
    saturated = np.any([argument <= 0 for _, argument in factors], axis=0)
    distances: np.ndarray = np.where(saturated, FARTHEST, np.clip(total, 0, FARTHEST))
    return distances
