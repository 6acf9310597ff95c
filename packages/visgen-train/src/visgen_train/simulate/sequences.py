"""A marker gene with conserved and variable regions, evolved along a tree: GTR, gamma, invariant sites, indels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.substitution import SiteParams, rate_matrix, site_classes, transition_matrices
from visgen_train.simulate.tree import Tree

BASES = "ACGT"
GAP = -1


@dataclass(frozen=True)
class SequenceParams:
    """How sequences evolve; the defaults are near the 3' part of the 18S rDNA of planktic foraminifera.

    Lengths of regions are medians over 32 real species; rates, exchangeabilities and frequencies are near those fitted
    to them by maximum likelihood (GTR + F + I + G4), the conserved and the variable regions apart.

    Attributes
    ----------
    regions : tuple of int
        Bases of the ancestral regions along the gene, conserved and variable in turn, the first conserved. By default
        those between and of helices 37f, 41f, 43e, 45e to 47f, and 49e.
    conserved, variable : SiteParams
        How fast the sites of each kind of region change.
    exchangeabilities : tuple of float
        Of AC, AG, AT, CG, CT, GT.
    frequencies : tuple of float
        Stationary frequencies of A, C, G, T.
    categories : int
        Number of classes of the discrete gamma distributions of rates over sites.
    indels : float
        Expected insertions, and as many deletions, a site of the variable regions from the root to a tip; the
        conserved ones have none.
    indel_length : float
        Mean length of an insertion or a deletion in bases (geometric).
    within : float
        Mean age of the ancestor of the individuals of a species, as a share of the tree's height; exponential
        over species.
    individuals : tuple of int
        Fewest and most individuals sequenced for a species.
    """

    regions: tuple[int, ...] = (86, 54, 71, 121, 28, 71, 118, 240, 145, 47, 46)
    conserved: SiteParams = SiteParams(height=0.13, shape=0.6, invariant=0.3)
    variable: SiteParams = SiteParams(height=0.8, shape=2.4, invariant=0.0)
    exchangeabilities: tuple[float, float, float, float, float, float] = (1.2, 2.6, 2.6, 0.4, 2.3, 1.0)
    frequencies: tuple[float, float, float, float] = (0.25, 0.21, 0.23, 0.31)
    categories: int = 4
    indels: float = 0.12
    indel_length: float = 5.0
    within: float = 0.011
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
    regions : ndarray of int, shape (columns,)
        Region of each column, numbered along the gene from 0; odd ones are variable.
    """

    sequences: tuple[str, ...]
    species: NDArray[np.int64]
    alignment: NDArray[np.int8]
    regions: NDArray[np.int64]


class _Gene:
    """The gene at every node, as an alignment that grows where bases are inserted.

    Attributes
    ----------
    states : ndarray of int8, shape (nodes, columns)
        The gene at each node; gaps until it is reached.
    regions, classes : ndarray of int, shape (columns,)
        Region of each column, and its class of rates: those of conserved sites, then those of variable ones.
    """

    def __init__(self, nodes: int, params: SequenceParams, rng: np.random.Generator) -> None:
        self._params, self._rng = params, rng
        self._q = rate_matrix(params.exchangeabilities, params.frequencies)
        kinds = [site_classes(sites, params.categories) for sites in (params.conserved, params.variable)]
        self._rates = np.concatenate([rates for rates, _ in kinds])
        self._shares = [shares for _, shares in kinds]
        self.regions = np.repeat(np.arange(len(params.regions)), params.regions)
        self.classes = self._draw_classes(self.regions)
        self.states = np.full((nodes, len(self.regions)), GAP, dtype=np.int8)

    def begin(self, node: int) -> None:
        """Draw the ancestral sequence."""
        self.states[node] = self._draw_bases(self.states.shape[1])

    def evolve(self, parent: int, node: int, time: float) -> None:
        """Substitute, delete and insert, in this order, along the branch from ``parent`` to ``node``."""
        self.states[node] = self._substituted(self.states[parent], time)
        self._delete(node, time)
        self._insert(node, time)

    def _substituted(self, states: NDArray[np.int8], time: float) -> NDArray[np.int8]:
        """Let every base evolve for a time; gaps stay."""
        cumulative = transition_matrices(self._q, time * self._rates).cumsum(2)[self.classes, states, :3]
        changed = (self._rng.random(len(states))[:, None] > cumulative).sum(1)
        return np.where(states == GAP, GAP, changed).astype(np.int8)

    def _delete(self, node: int, time: float) -> None:
        """Delete runs of bases; a run ends with its region at the latest."""
        starts, lengths = self._draw_indels(node, time)
        for start, length in zip(starts, lengths, strict=True):
            same = (self.regions == self.regions[start]) & (self.states[node] != GAP)
            run = np.flatnonzero(same[start:])[:length] + start
            self.states[node, run] = GAP

    def _insert(self, node: int, time: float) -> None:
        """Insert runs of bases at their stationary frequencies, each in columns of its own behind a base."""
        places, lengths = self._draw_indels(node, time)
        behind = np.repeat(places, lengths)
        regions = self.regions[behind]
        new = np.insert(np.zeros(len(self.regions), bool), behind + 1, True)
        self.classes = np.insert(self.classes, behind + 1, self._draw_classes(regions))
        self.regions = np.insert(self.regions, behind + 1, regions)
        self.states = np.insert(self.states, behind + 1, GAP, axis=1)
        self.states[node, new] = self._draw_bases(len(behind))

    def _draw_indels(self, node: int, time: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Columns and lengths of as many insertions or deletions as happen to the variable bases in a time."""
        present = np.flatnonzero((self.regions % 2 == 1) & (self.states[node] != GAP))
        count = self._rng.poisson(self._params.indels * time * len(present))
        return self._rng.choice(present, count), self._rng.geometric(1 / self._params.indel_length, count)

    def _draw_classes(self, regions: NDArray[np.int64]) -> NDArray[np.int64]:
        """A class of rates for each column of the given regions."""
        conserved, variable = (self._rng.choice(len(p), len(regions), p=p) for p in self._shares)
        return np.where(regions % 2 == 1, len(self._shares[0]) + variable, conserved)

    def _draw_bases(self, count: int) -> NDArray[np.int64]:
        return self._rng.choice(4, count, p=self._params.frequencies)


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
    tips, nodes = len(tree.names), len(tree.parents)
    low, high = params.individuals
    species = np.repeat(np.arange(tips), rng.integers(low, high + 1, size=tips))
    gene = _Gene(nodes + len(species), params, rng)
    gene.begin(tree.root)
    for node in reversed(range(tree.root)):
        gene.evolve(int(tree.parents[node]), node, tree.branch_lengths[node])
    ages = rng.exponential(params.within, size=tips)
    for individual, tip in enumerate(species, start=nodes):
        gene.evolve(tip, individual, ages[tip])
    sequenced = (gene.states[nodes:] != GAP).any(0)
    alignment = gene.states[nodes:, sequenced]
    return SequenceSet(tuple(_text(row) for row in alignment), species, alignment, gene.regions[sequenced])


def _text(row: NDArray[np.int8]) -> str:
    """Letters of a row of the alignment, gaps left out."""
    return "".join(BASES[state] for state in row if state != GAP)
