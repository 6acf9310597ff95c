"""Sums -> vectors: means, and their roots; for many sequences in one call, without a Python object a sequence."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sgt_dna._kernel.compiled import compiled, inlined
from sgt_dna._kernel.pairs import Floats
from sgt_dna._kernel.sums import Sums, Totals, add_bases, new_sums
from sgt_dna.alphabet import Codes

Places = npt.NDArray[np.int64]

LN2: Final = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""In two parts: the first ends in zeros, so that its product with a small integer is exact."""

ROOT_HALF: Final = 0x3FE6A09E667F3BCD
"""The bits of the square root of 1/2, as a float."""

LARGEST: Final = 709.0
"""exp overflows not far above; far below -708 it has no normal result."""


class Plan(NamedTuple):
    """How bases become vectors: what `SGTParams` say, in numbers.

    Parameters
    ----------
    k, step : int
        Bases a symbol, and from one to the next.
    kappa : float
    length_sensitive : bool
    turned : (4**k,) or (0,) intp
        `reverse_complements`, or nothing for one strand.
    """

    k: int
    step: int
    kappa: float
    length_sensitive: bool
    turned: npt.NDArray[np.intp]


@compiled
def roots(values: Floats, power: float) -> None:
    """Raise numbers that are 0 or normal to a power, in place: ``exp(power * log(x))``, vectorised.

    Errors are some 1e-16 of the result times its logarithm, as they are for `pow` of a rounded power. A result
    below 3e-308 counts as 0, one above 8e307 as infinite.
    """
    bits = values.view(np.int64)
    for i in range(values.size):
        x = values[i]
        exponent = (bits[i] - ROOT_HALF) >> 52
        bits[i] -= exponent << 52  # now between the roots of 1/2 and 2
        s = (values[i] - 1.0) / (values[i] + 1.0)
        z = s * s
        p = 2 / 19 + z * (2 / 21 + z * (2 / 23))
        p = 2 / 11 + z * (2 / 13 + z * (2 / 15 + z * (2 / 17 + z * p)))
        p = 2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9 + z * p)))
        y = power * (exponent * LN2[0] + (exponent * LN2[1] + (2.0 * s + s * z * p)))
        n = np.floor(y / (LN2[0] + LN2[1]) + 0.5)
        r = (y - n * LN2[0]) - n * LN2[1]
        q = 1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600 + r * (1 / 6227020800)))
        q = 1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r * q)))
        q = 1.0 + r * (1.0 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * q)))))
        bits[i] = (np.int64(min(max(n, -1022.0), 1023.0)) + 1023) << 52  # 2**n
        root = values[i] * q if y > -LARGEST + 1.0 else 0.0
        root = root if y < LARGEST else np.inf
        values[i] = root if x > 0.0 else 0.0


@inlined
def _fill(weights: Floats, pairs: Totals, length: float, vector: Floats) -> None:
    """Fill in the vector (n * n,) of tables (n, n or more): ``length * weights / pairs``."""
    n = len(weights)
    for v in range(n):
        for u in range(n):
            vector[u * n + v] = length * (weights[v, u] / max(pairs[v, u], 1))


@compiled
def _embed_bases(bases: Codes, ends: Places, plan: Plan, sums: Sums, vectors: Floats) -> None:
    start = 0
    for row in range(ends.size):
        add_bases(bases[start : ends[row]], plan.k, plan.step, sums)
        length = float(sums.counts.sum()) if plan.length_sensitive else 1.0
        _fill(sums.weights, sums.pairs, length, vectors[row])
        start = ends[row]


@compiled
def _embed_both(bases: Codes, ends: Places, plan: Plan, sums: Sums, others: Sums, vectors: Floats) -> None:
    """The same for both strands."""
    n, start = len(plan.turned), 0
    for row in range(ends.size):
        add_bases(bases[start : ends[row]], plan.k, plan.step, sums)
        other = sums
        beyond = (ends[row] - start) % plan.step
        if beyond:  # symbols whose last one ends at the last base are other symbols
            add_bases(bases[start + beyond : ends[row]], plan.k, plan.step, others)
            other = others
        length = (sums.counts.sum() + other.counts.sum()) / 2 if plan.length_sensitive else 1.0
        weights, pairs = other.weights.copy(), other.pairs.copy()
        for v in range(n):  # "u, later v" on a strand is "v complemented, later u complemented" on the other
            for u in range(n):
                sums.weights[v, u] += weights[plan.turned[u], plan.turned[v]]
                sums.pairs[v, u] += pairs[plan.turned[u], plan.turned[v]]
        _fill(sums.weights, sums.pairs, length, vectors[row])
        start = ends[row]


def embed_bases(bases: Codes, ends: Places, plan: Plan, vectors: Floats) -> bool:
    """Fill in the vectors (n, d) of n sequences whose bases stand one after another.

    Returns
    -------
    bool
        Whether all are finite.
    """
    sums = new_sums(4**plan.k, plan.kappa)
    if plan.turned.size:
        _embed_both(bases, ends, plan, sums, new_sums(4**plan.k, plan.kappa), vectors)
    else:
        _embed_bases(bases, ends, plan, sums, vectors)
    if plan.kappa != 1.0:
        roots(vectors.reshape(-1), 1.0 / plan.kappa)
    return not plan.length_sensitive or bool(np.isfinite(vectors).all())


def finish(weights: Floats, pairs: Totals, length: float, kappa: float) -> Floats:
    """Vector (n * n,) of the tables: ``(length * weights / pairs) ** (1 / kappa)``, 0 where there is no pair."""
    vector: Floats = (length * (weights / np.maximum(pairs, 1))).ravel(order="F")
    if kappa != 1.0:
        roots(vector, 1.0 / kappa)
    return vector
