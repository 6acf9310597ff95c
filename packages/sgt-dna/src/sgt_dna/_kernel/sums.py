"""The sums of a run of symbols: blocks of them into one total."""

import math
from itertools import accumulate
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sgt_dna._kernel.compiled import compiled, inlined
from sgt_dna._kernel.pairs import ALIGNMENT, LANES, Counts, Floats, add_pairs, least
from sgt_dna.alphabet import Codes
from sgt_dna.params import TINY

Totals = npt.NDArray[np.int64]

BLOCK: Final = 4096
"""Symbols whose sums are made before they join the total: so rounding errors do not grow with the length, and 32
bits hold the number of their pairs."""


class Sums(NamedTuple):
    """Sums of n kinds of symbols in the making, and room to work in: for one sequence at a time.

    ends (row,), counts (row,), weights (n, row) and pairs (n, row) are those of `sgt_dna.state.Frame`, with rows
    of n or more; hits, block and block_pairs are of the present block, whose symbols these are; decays and ones
    are what `add_pairs` takes.
    """

    decay: float
    lasting: float
    ends: Floats
    counts: Totals
    weights: Floats
    pairs: Totals
    hits: Counts
    block: Floats
    block_pairs: Counts
    decays: Floats
    ones: Counts
    symbols: Codes


def new_sums(n: int, kappa: float) -> Sums:
    """Room for the sums of n symbols."""
    decay = float(np.exp(-kappa))
    lasting = least(TINY, decay)  # a step
    row = max(n, LANES)
    sums = Sums(
        decay,
        least(lasting, decay) if lasting <= decay else np.inf,
        *aligned(
            ((row,), np.float64),
            ((row,), np.int64),
            ((n, row), np.float64),
            ((n, row), np.int64),
            ((row,), np.int32),
            ((n + 1, row), np.float64),
            ((n + 1, row), np.int32),
            ((n + 1, row), np.float64),
            ((n + 1, row), np.int32),
            ((BLOCK,), np.uint8),
        ),
    )
    np.fill_diagonal(sums.decays[:n], decay)
    np.fill_diagonal(sums.ones[:n], 1)
    return sums


def aligned(*arrays: tuple[tuple[int, ...], type]) -> list[npt.NDArray[Any]]:
    """Zeros of those shapes and types, each from the start of a cache line."""
    sizes = [math.prod(shape) * np.dtype(kind).itemsize for shape, kind in arrays]
    places = [0, *accumulate(-(-size // ALIGNMENT) * ALIGNMENT for size in sizes)]
    raw = np.zeros(places[-1] + ALIGNMENT, np.uint8)
    first = -raw.__array_interface__["data"][0] % ALIGNMENT
    return [
        raw[first + place : first + place + size].view(kind).reshape(shape)
        for (shape, kind), place, size in zip(arrays, places[:-1], sizes, strict=True)
    ]


@inlined
def add_bases(bases: Codes, k: int, step: int, sums: Sums) -> None:
    """Begin a sequence, and add its bases: the first symbol at the first base."""
    n_symbols = max(0, bases.size - k + step) // step
    for u in range(sums.ends.size):
        sums.ends[u] = 0.0
        sums.counts[u] = 0
    for first in range(0, max(1, n_symbols), BLOCK):
        symbols = sums.symbols[: min(BLOCK, n_symbols - first)]
        _fill_symbols(bases[first * step :], k, step, symbols)
        _clear_block(sums)
        add_pairs(
            symbols,
            sums.decay,
            sums.lasting,
            sums.ends,
            sums.hits,
            sums.block,
            sums.block_pairs,
            sums.decays,
            sums.ones,
        )
        _add_block(sums, first == 0)


@inlined
def _fill_symbols(bases: Codes, k: int, step: int, symbols: Codes) -> None:
    """Codes of symbols: 0 to 4**k - 1, or 4**k where a base is unknown (4)."""
    n = np.uint8(4**k)
    # one loop for each case: steps that are known when it is compiled let it be vectorised
    if step == 1:
        for i in range(symbols.size):
            symbols[i] = bases[i]
        for offset in range(1, k):
            for i in range(symbols.size):
                symbols[i] = _extended(symbols[i], bases[i + offset], offset)
    elif k == 2:
        for i in range(symbols.size):
            symbols[i] = _extended(bases[2 * i], bases[2 * i + 1], 1)
    else:
        for i in range(symbols.size):
            symbols[i] = _extended(_extended(bases[3 * i], bases[3 * i + 1], 1), bases[3 * i + 2], 2)
    for i in range(symbols.size):
        symbols[i] = min(symbols[i], n)


@inlined
def _extended(symbol: np.uint8, base: np.uint8, offset: int) -> np.uint8:
    """The code of a symbol and one more base; an unknown base makes it 4**k or more, now or by later bases."""
    unknown = (base & np.uint8(4)) << np.uint8(2 * offset)
    return np.uint8((symbol << np.uint8(2)) + base + unknown)


@inlined
def _clear_block(sums: Sums) -> None:
    for v in range(len(sums.weights)):
        for u in range(sums.ends.size):
            sums.block[v, u] = 0.0
            sums.block_pairs[v, u] = 0
    for u in range(sums.ends.size):
        sums.hits[u] = 0


@inlined
def _add_block(sums: Sums, first: bool) -> None:
    """Add the tables of a block to the total, which the first one is."""
    for v in range(len(sums.weights)):
        for u in range(sums.ends.size):
            if first:
                sums.weights[v, u] = sums.block[v, u]
                sums.pairs[v, u] = sums.block_pairs[v, u]
            else:
                sums.weights[v, u] += sums.block[v, u]
                sums.pairs[v, u] += sums.block_pairs[v, u] + sums.hits[v] * sums.counts[u]
    for u in range(sums.ends.size):
        sums.counts[u] += sums.hits[u]


@compiled
def _starts(bases: Codes, k: int, step: int, sums: Sums) -> Floats:
    """Q_v of the symbols of a run: they are few, since soon nothing is left of the weight."""
    n = len(sums.weights)
    starts = np.zeros(n)
    n_symbols = max(0, bases.size - k + step) // step
    weight = 1.0
    for first in range(0, n_symbols, BLOCK):
        symbols = sums.symbols[: min(BLOCK, n_symbols - first)]
        _fill_symbols(bases[first * step :], k, step, symbols)
        for v in symbols:
            if v < n:
                starts[v] += weight
            weight *= sums.decay
            if weight < TINY:
                return starts
    return starts


@compiled
def _add(bases: Codes, k: int, step: int, sums: Sums) -> None:
    """`add_bases`, compiled on its own."""
    add_bases(bases, k, step, sums)


def statistics(
    bases: Codes, k: int, step: int, kappa: float
) -> tuple[int, Floats, Floats, Totals, Floats, Totals]:
    """Sufficient statistics of a run of bases, as `sgt_dna.state.Frame` names them.

    Parameters
    ----------
    bases : (length,) uint8
        0 to 3, or 4 for an unknown one.
    k : int
        Bases a symbol.
    step : int
        Bases from the start of one symbol to the start of the next: 1 or k.
    kappa : float
        Decay per symbol.

    Returns
    -------
    length : int
        Symbols.
    starts, ends : (n,) float64
    counts : (n,) int64
    weights : (n, n) float64
    pairs : (n, n) int64
    """
    n = 4**k
    sums = new_sums(n, kappa)
    _add(bases, k, step, sums)
    length = max(0, len(bases) - k + step) // step
    ends, counts, weights, pairs = sums.ends[:n], sums.counts[:n], sums.weights[:, :n], sums.pairs[:, :n]
    return length, _starts(bases, k, step, sums), ends, counts, weights, pairs
