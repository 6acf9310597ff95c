"""Sums -> vectors: means, and their roots; for many sequences in one call, without a Python object a sequence."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sgt_dna._kernel.compiled import compiled, inlined
from sgt_dna._kernel.pairs import Floats
from sgt_dna._kernel.sums import Sums, Totals, add_bases, new_sums
from sgt_dna.alphabet import Codes

Places = npt.NDArray[np.int64]


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
    _take_root(vectors, plan.kappa)
    return not plan.length_sensitive or bool(np.isfinite(vectors).all())


def finish(weights: Floats, pairs: Totals, length: float, kappa: float) -> Floats:
    """Vector (n * n,) of the tables: ``(length * weights / pairs) ** (1 / kappa)``, 0 where there is no pair."""
    vector: Floats = (length * (weights / np.maximum(pairs, 1))).ravel(order="F")
    _take_root(vector, kappa)
    return vector


def _take_root(means: Floats, kappa: float) -> None:
    """In place, by NumPy, whose powers are vectorised."""
    if kappa != 1.0:
        with np.errstate(over="ignore", under="ignore"):
            np.power(means, 1.0 / kappa, out=means)
