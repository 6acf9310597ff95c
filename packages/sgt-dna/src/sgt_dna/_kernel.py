"""The statistics of one sequence in one pass: the only module that imports numba."""

from collections.abc import Callable
from typing import Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from sgt_dna.alphabet import Codes
from sgt_dna.params import TINY

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., object])

BLOCK: Final = 4096
"""Symbols summed before their sums join the total, so that rounding errors do not grow with the length."""


def _compiled(function: Function) -> Function:
    """Compile with numba and cache the result on disk, where some folder can be written."""
    try:
        compiled = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:
        compiled = njit(nogil=True, error_model="numpy")(function)
    return cast(Function, compiled)


@_compiled
def add_pairs(
    codes: Codes, decay: float, ends: Floats, counts: Counts, weights: Floats, pairs: Counts
) -> None:
    """Add every pair that ends in `codes` to the tables, and move the running sums on.

    For n symbols, `ends` (n,) is S_u, the sum of exp(-kappa d) over the symbols u so far, d their distance to
    the next position, and `counts` (n,) is their number C_u. The tables (n, n) have the second symbol first,
    so that a row is contiguous: ``weights[v] += S``, ``pairs[v] += C``. Codes from n up only take their
    position.
    """
    n = ends.size
    for v in codes:
        if v < n:
            weights_to_v, pairs_to_v = weights[v], pairs[v]
            for u in range(n):
                weights_to_v[u] += ends[u]
            for u in range(n):
                pairs_to_v[u] += counts[u]
            ends[v] += 1.0
            counts[v] += 1
        for u in range(n):
            decayed = ends[u] * decay
            ends[u] = decayed if decayed >= TINY else 0.0


@_compiled
def statistics(codes: Codes, n: int, kappa: float) -> tuple[Floats, Floats, Counts, Floats, Counts]:
    """Sufficient statistics of one run of symbols, as `sgt_dna.state.Frame` names them.

    Parameters
    ----------
    codes : (length,) uint8
        Symbols 0 to n - 1; any other code only takes its position.
    n : int
        Number of symbols.
    kappa : float
        Decay per symbol.

    Returns
    -------
    starts, ends : (n,) float64
    counts : (n,) int64
    weights : (n, n) float64
    pairs : (n, n) int64
    """
    decay = np.exp(-kappa)
    starts, ends, counts = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    weights, block, pairs = np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n), np.int64)
    for start in range(0, codes.size, BLOCK):
        add_pairs(codes[start : start + BLOCK], decay, ends, counts, block, pairs)
        weights += block
        block[:] = 0.0
    weight = 1.0
    for v in codes:
        if v < n:
            starts[v] += weight
        weight *= decay
        if weight < TINY:
            break
    return starts, ends, counts, weights, pairs


@_compiled
def finish(weights: Floats, pairs: Counts, length: float, kappa: float) -> Floats:
    """Vector (n * n,) of the tables: ``(length * weights / pairs) ** (1 / kappa)``, 0 where there is no pair."""
    n = len(weights)
    vector = np.zeros(n * n)
    for u in range(n):
        for v in range(n):
            if pairs[v, u] > 0:
                mean = length * (weights[v, u] / pairs[v, u])
                vector[u * n + v] = mean if kappa == 1.0 else mean ** (1.0 / kappa)
    return vector
