"""The transform of one sequence in one pass: the only module that imports numba."""

from collections.abc import Callable
from typing import Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

from sgt_dna.alphabet import SYMBOLS, UNKNOWN_SYMBOL, Codes
from sgt_dna.params import TINY

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., object])

N_SYMBOLS: Final = len(SYMBOLS)
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
    codes: Codes, decay: float, sums: Floats, counts: Counts, weights: Floats, pairs: Counts
) -> None:
    """Add every pair that ends in `codes` to the tables, and move the state on.

    The state, of shape (16,), is S_u = sum of exp(-kappa d) over the symbols u so far, d their distance to
    the next symbol, and their number C_u. The tables, (16, 16), have the second symbol first, so that a row
    is contiguous: ``weights[v] += S``, ``pairs[v] += C``.
    """
    size = sums.size
    for v in codes:
        if v < UNKNOWN_SYMBOL:
            weights_to_v, pairs_to_v = weights[v], pairs[v]
            for u in range(size):
                weights_to_v[u] += sums[u]
            for u in range(size):
                pairs_to_v[u] += counts[u]
            sums[v] += 1.0
            counts[v] += 1
        for u in range(size):
            decayed = sums[u] * decay
            sums[u] = decayed if decayed >= TINY else 0.0


@_compiled
def transform(codes: Codes, kappa: float, vector: Floats) -> None:
    """Write the Sequence Graph Transform of one sequence (Ranjan et al. 2016, algorithm 2) into `vector`.

    Parameters
    ----------
    codes : (n_symbols,) uint8
        Symbols 0 to 15; any other code only takes up its position.
    kappa : float
        Decay per symbol.
    vector : (256,) float64
        Output: ``(weights / pairs) ** (1 / kappa)`` of (u, v) at u * 16 + v, 0 where there is no such pair.
    """
    sums = np.zeros(N_SYMBOLS)
    counts = np.zeros(N_SYMBOLS, np.int64)
    weights = np.zeros((N_SYMBOLS, N_SYMBOLS))
    block = np.zeros((N_SYMBOLS, N_SYMBOLS))
    pairs = np.zeros((N_SYMBOLS, N_SYMBOLS), np.int64)
    for start in range(0, codes.size, BLOCK):
        add_pairs(codes[start : start + BLOCK], np.exp(-kappa), sums, counts, block, pairs)
        weights += block
        block[:] = 0.0
    for u in range(N_SYMBOLS):
        for v in range(N_SYMBOLS):
            mean = weights[v, u] / pairs[v, u] if pairs[v, u] > 0 else 0.0
            vector[u * N_SYMBOLS + v] = mean if kappa == 1.0 else mean ** (1.0 / kappa)
