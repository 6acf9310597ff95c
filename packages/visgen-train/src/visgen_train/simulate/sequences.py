"""Marker genes evolved along a tree: HKY, gamma rates, invariant sites, insertions and deletions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.special import gammainc, gammaincinv

from visgen_train.simulate.tree import Tree

BASES = "ACGT"
GAP = -1


@dataclass(frozen=True)
class SequenceParams:
    """How sequences evolve; the defaults give the spread of identities of planktic foraminiferal 18S rDNA.

    Attributes
    ----------
    length : int
        Bases of the ancestral sequence.
    height : float
        Expected substitutions a site from the root to a tip.
    kappa : float
        Rate of transitions over that of transversions.
    frequencies : tuple of float
        Stationary frequencies of A, C, G, T.
    shape, categories : float, int
        Shape and number of classes of the discrete gamma distribution of rates over sites.
    invariant : float
        Share of sites that never change.
    indels : float
        Expected insertions, and as many deletions, from the root to a tip.
    indel_length : float
        Mean length of an insertion or a deletion in bases (geometric).
    within : float
        Expected substitutions a site between an individual and the ancestor of its species.
    individuals : tuple of int
        Fewest and most individuals sequenced for a species.
    """

    length: int = 1000
    height: float = 0.5
    kappa: float = 2.5
    frequencies: tuple[float, float, float, float] = (0.25, 0.19, 0.24, 0.32)
    shape: float = 0.6
    categories: int = 4
    invariant: float = 0.15
    indels: float = 6.0
    indel_length: float = 5.0
    within: float = 0.003
    individuals: tuple[int, int] = (3, 8)


@dataclass(frozen=True)
class SequenceSet:
    """Sequences with the species of each and their true alignment.

    Attributes
    ----------
    sequences : tuple of str, length m
        Ungapped sequences, one an individual.
    species : ndarray of int, shape (m,)
        Tip of the tree to which each belongs.
    alignment : ndarray of int8, shape (m, columns)
        True alignment: positions in ``ACGT``, -1 for a gap.
    """

    sequences: tuple[str, ...]
    species: NDArray[np.int64]
    alignment: NDArray[np.int8]


def rate_matrix(params: SequenceParams) -> NDArray[np.float64]:
    """HKY generator Q, shape (4, 4): rows sum to zero, one expected substitution a unit of time.

    Source: Hasegawa, Kishino & Yano 1985, J. Mol. Evol. 22: 160-174.
    """
    frequencies = np.array(params.frequencies)
    q = np.tile(frequencies, (4, 1))
    for a, b in ((0, 2), (1, 3)):
        q[a, b] *= params.kappa
        q[b, a] *= params.kappa
    np.fill_diagonal(q, 0)
    np.fill_diagonal(q, -q.sum(1))
    return np.asarray(q / -(frequencies @ np.diag(q)))


def gamma_rates(shape: float, categories: int) -> NDArray[np.float64]:
    """Mean rates of equally likely classes of a gamma distribution of mean 1, shape (categories,).

    Source: Yang 1994, J. Mol. Evol. 39: 306-314, equation 10.

    Examples
    --------
    >>> gamma_rates(0.5, 4).round(4)
    array([0.0334, 0.2519, 0.8203, 2.8944])
    """
    cuts = gammaincinv(shape, np.arange(1, categories) / categories)
    return np.asarray(categories * np.diff(gammainc(shape + 1, cuts), prepend=0, append=1))


def transition_matrices(q: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(t) = exp(Q t) for each of the times, shape (times, 4, 4); row: base before, column: base after."""
    return np.asarray(expm(q * times[:, None, None]))


@dataclass(frozen=True)
class _Columns:
    """Columns of the alignment: the node at which each appears, its class, and the rate of each class."""

    births: NDArray[np.int64]
    classes: NDArray[np.int64]
    rates: NDArray[np.float64]


def _draw_columns(tree: Tree, params: SequenceParams, rng: np.random.Generator) -> _Columns:
    """Lay out ancestral and inserted columns beforehand, so that the true alignment is known."""
    births = np.full(params.length, tree.root)
    for node in range(tree.root):
        for _ in range(rng.poisson(params.indels * tree.branch_lengths[node])):
            place = rng.integers(len(births) + 1)
            births = np.insert(births, place, [node] * rng.geometric(1 / params.indel_length))
    rates = np.append(gamma_rates(params.shape, params.categories) / (1 - params.invariant), 0.0)
    classes = rng.integers(params.categories, size=len(births))
    classes[rng.random(len(births)) < params.invariant] = params.categories
    return _Columns(births, classes, rates)


def _substitute(
    states: NDArray[np.int8],
    time: float,
    columns: _Columns,
    q: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Let every base evolve for a time; gaps stay."""
    cumulative = transition_matrices(q, time * columns.rates).cumsum(2)[columns.classes, states, :3]
    changed = (rng.random(len(states))[:, None] > cumulative).sum(1)
    return np.where(states == GAP, GAP, changed).astype(np.int8)


def _evolve_branch(
    tree: Tree,
    node: int,
    states: NDArray[np.int8],
    columns: _Columns,
    params: SequenceParams,
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """The sequence at the lower end of the branch above ``node``, given that at its upper end."""
    length = tree.branch_lengths[node]
    states = _substitute(states, params.height * length, columns, rate_matrix(params), rng)
    for _ in range(rng.poisson(params.indels * length)):
        start = rng.integers(len(states))
        states[start : start + rng.geometric(1 / params.indel_length)] = GAP
    return _insert(node, states, columns, params, rng)


def _insert(
    node: int,
    states: NDArray[np.int8],
    columns: _Columns,
    params: SequenceParams,
    rng: np.random.Generator,
) -> NDArray[np.int8]:
    """Fill the columns that appear at ``node`` with bases at their stationary frequencies."""
    new = columns.births == node
    drawn = rng.choice(4, size=len(states), p=params.frequencies)
    return np.where(new, drawn, states).astype(np.int8)


def evolve(tree: Tree, params: SequenceParams, rng: np.random.Generator) -> SequenceSet:
    """Evolve a marker along the tree and sequence a few individuals of each species.

    Parameters
    ----------
    tree : Tree
        Species tree of height 1.
    params : SequenceParams
        Model of evolution.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    SequenceSet
        Individuals in the order of the tips.
    """
    columns = _draw_columns(tree, params, rng)
    nothing = np.full(len(columns.births), GAP, dtype=np.int8)
    states = {tree.root: _insert(tree.root, nothing, columns, params, rng)}
    for node in reversed(range(tree.root)):
        states[node] = _evolve_branch(tree, node, states[int(tree.parents[node])], columns, params, rng)
    low, high = params.individuals
    species = np.repeat(np.arange(len(tree.names)), rng.integers(low, high + 1, size=len(tree.names)))
    q = rate_matrix(params)
    alignment = np.array([_substitute(states[int(s)], params.within, columns, q, rng) for s in species])
    return SequenceSet(tuple(_text(row) for row in alignment), species, alignment)


def _text(row: NDArray[np.int8]) -> str:
    """Letters of a row of the alignment, gaps left out."""
    return "".join(BASES[state] for state in row if state != GAP)
