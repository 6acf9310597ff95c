"""The inner loop, twice: `add_pairs_plainly` is its specification, `add_pairs` does the same with vectors.

For every symbol the loop adds n sums and n counts to a row of two tables and decays the sums; n is 16, say. Numba
makes scalar code of such short loops, six to nine times slower than operations on vectors. So `add_pairs` is
written in the terms of LLVM, by an intrinsic of numba: a function that writes the code of a call. What each trick buys
stands in ``docs/benchmarks.md``; ``tests/test_kernel.py`` holds both loops against each other.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core.cgutils import alloca_once_value, for_range

from sgt_dna._kernel.compiled import inlined, intrinsic
from sgt_dna.alphabet import Codes
from sgt_dna.params import TINY

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]

ALIGNMENT: Final = 64
"""Bytes of a cache line: a vector across two of them takes twice the time."""

LANES: Final = 16
"""Symbols u that one vector holds; rows of fewer are filled up with zeros."""


@inlined
def add_pairs_plainly(
    codes: Codes,
    decay: float,
    ends: Floats,
    hits: Counts,
    weights: Floats,
    pairs: Counts,
    decays: Floats,
    ones: Counts,
) -> None:
    """Add every pair that ends in `codes` to the tables, and move the running sums on.

    For n symbols, `ends` (n,) is S_u, the sum of exp(-kappa d) over the symbols u so far, d their distance to
    the next position, and `hits` (n,) is their number C_u. The tables (n + 1, n) have the second symbol first,
    so that a row is contiguous: ``weights[v] += S``, ``pairs[v] += C``. The code n only takes its position: what
    falls into the last row of the tables means nothing. `decays` and `ones` (n + 1, n) hold `decay` and 1 on
    their diagonal and are 0 elsewhere.
    """
    n = ends.size
    for v in codes:
        for u in range(n):
            weights[v, u] += ends[u]
            pairs[v, u] += hits[u]
            decayed = ends[u] * decay
            ends[u] = (decayed if decayed >= TINY else 0.0) + decays[v, u]
            hits[u] += ones[v, u]


@intrinsic
def _loop(
    typing: Any,
    codes: Any,
    length: Any,
    decay: Any,
    lasting: Any,
    row: Any,
    ends: Any,
    hits: Any,
    weights: Any,
    pairs: Any,
    decays: Any,
    ones: Any,
) -> Any:
    """The loop of `add_pairs_plainly`, for LANES symbols u, as a function of addresses.

    `row` is the number of entries from one row of a table to the next. One thing is turned round, so that no
    denormal number is ever made and no step waits for a comparison: sums are not set to 0 after a step but
    multiplied by 0 instead of `decay` in it, and that factor is known a step earlier, since S lasts two steps
    more just where ``S >= lasting``. A symbol just seen always does.
    """
    floats, counts = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(32), LANES)
    i64, i32 = ir.IntType(64), ir.IntType(32)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        codes, length, decay, lasting, row, ends, hits, weights, pairs, decays, ones = arguments

        def at(address: Any, kind: Any, of: Any = None) -> Any:
            """Load a vector from an address, or store it there."""
            pointer = builder.inttoptr(address, kind.as_pointer())
            access = builder.load(pointer) if of is None else builder.store(of, pointer)
            access.align = ALIGNMENT
            return access

        def each(number: Any) -> Any:
            """A vector of one number."""
            empty = ir.Constant(floats, ir.Undefined)
            first = builder.insert_element(empty, number, i32(0))
            return builder.shuffle_vector(first, empty, ir.Constant(counts, [0] * LANES))

        decay_n, lasting_n, tiny_n = each(decay), each(lasting), each(ir.DoubleType()(TINY))
        start = at(ends, floats)
        lasts = builder.fcmp_ordered(">=", builder.fmul(start, decay_n), tiny_n)
        factor_0 = builder.select(lasts, decay_n, ir.Constant(floats, [0.0] * LANES))
        s = alloca_once_value(builder, start)  # type: ignore[no-untyped-call]
        factor = alloca_once_value(builder, factor_0)  # type: ignore[no-untyped-call]
        c = alloca_once_value(builder, at(hits, counts))  # type: ignore[no-untyped-call]
        with for_range(builder, length, intp=i64) as loop:
            place = builder.inttoptr(builder.add(codes, loop.index), ir.IntType(8).as_pointer())
            entry = builder.mul(builder.zext(builder.load(place), i64), row)
            of_floats, of_counts = builder.shl(entry, i64(3)), builder.shl(entry, i64(2))
            s_now, c_now = builder.load(s), builder.load(c)
            w, p = builder.add(weights, of_floats), builder.add(pairs, of_counts)
            at(w, floats, builder.fadd(at(w, floats), s_now))
            at(p, counts, builder.add(at(p, counts), c_now))
            seen = at(builder.add(decays, of_floats), floats)
            decayed = builder.fmul(s_now, builder.load(factor), flags=["contract"])
            builder.store(builder.fadd(decayed, seen, flags=["contract"]), s)
            builder.store(builder.select(builder.fcmp_ordered(">=", s_now, lasting_n), decay_n, seen), factor)
            builder.store(builder.add(c_now, at(builder.add(ones, of_counts), counts)), c)
        at(ends, floats, builder.load(s))
        at(hits, counts, builder.load(c))
        return context.get_dummy_value()

    arguments = types.int64, types.float64, types.float64, types.int64
    return types.void(types.uintp, *arguments, *[types.uintp] * 6), generate


@inlined
def add_pairs(
    codes: Codes,
    decay: float,
    lasting: float,
    ends: Floats,
    hits: Counts,
    weights: Floats,
    pairs: Counts,
    decays: Floats,
    ones: Counts,
) -> None:
    """Do what `add_pairs_plainly` does, on aligned arrays with rows of LANES or a multiple.

    `lasting` is ``least(least(TINY, decay), decay)``: the least sum that is not 0 two steps later. It may be
    infinite, where even a symbol just seen does not last so long; then the plain loop does it.
    """
    if lasting == np.inf:
        add_pairs_plainly(codes, decay, ends, hits, weights, pairs, decays, ones)
        return
    for lane in range(0, ends.size, LANES):
        _loop(
            codes.ctypes.data,
            codes.size,
            decay,
            lasting,
            ends.size,
            ends.ctypes.data + 8 * lane,
            hits.ctypes.data + 4 * lane,
            weights.ctypes.data + 8 * lane,
            pairs.ctypes.data + 4 * lane,
            decays.ctypes.data + 8 * lane,
            ones.ctypes.data + 4 * lane,
        )


def least(product: float, factor: float) -> float:
    """Least number that, times a factor of at most 1, is not below a product, as rounding has it.

    Examples
    --------
    >>> least(0.3, 0.1), 3 * 0.1, least(1.0, 0.5)
    (2.9999999999999996, 0.30000000000000004, 2.0)
    """
    number = product / factor
    while number * factor >= product:
        number = float(np.nextafter(number, 0.0))
    while number * factor < product:
        number = float(np.nextafter(number, np.inf))
    return number
