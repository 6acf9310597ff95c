"""A marker gene with conserved and variable regions, evolved along a tree: GTR, gamma, invariant sites, indels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.substitution import SiteParams, rate_matrix, site_classes, transition_matrices
from visgen_train.simulate.tree import Tree

BASES = "ACGT"
GAP = -1
CONSERVED = SiteParams(height=0.13, shape=0.6, invariant=0.3)
VARIABLE = SiteParams(height=0.8, shape=2.4, invariant=0.0)


@dataclass(frozen=True)
class SequenceParams:
    """How sequences evolve; the defaults are near the 3' part of the 18S rDNA of planktic foraminifera.

    Lengths of regions are near the medians of 32 real species. Exchangeabilities and frequencies are near those
    fitted to their sequences by maximum likelihood (GTR + F + I + G4), the values of ``conserved`` and ``variable``
    near those fitted to these regions alone.

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
        over species. The ancestor stands at the tip, so that individuals lie its age deeper than 1.
    individuals : tuple of int
        Fewest and most individuals sequenced for a species.
    """

    regions: tuple[int, ...] = (86, 54, 71, 121, 28, 71, 118, 240, 145, 47, 46)
    conserved: SiteParams = CONSERVED
    variable: SiteParams = VARIABLE
    exchangeabilities: tuple[float, float, float, float, float, float] = (1.2, 2.6, 2.6, 0.4, 2.3, 1.0)
    frequencies: tuple[float, float, float, float] = (0.25, 0.21, 0.23, 0.31)
    categories: int = 4
    indels: float = 0.12
    indel_length: float = 5.0
    within: float = 0.015
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


@dataclass(frozen=True)
class _Sequence:
    """A sequence at a node: its bases, and the column of the alignment in which each stands."""

    columns: NDArray[np.int64]
    bases: NDArray[np.int64]


class _Gene:
    """What the sequences of all nodes share: the model, and the columns of their alignment, more with each insertion.

    Attributes
    ----------
    regions : ndarray of int, shape (columns,)
        Region of each column. Columns are numbered as they appear.
    """

    def __init__(self, params: SequenceParams, rng: np.random.Generator) -> None:
        self._params, self._rng = params, rng
        self._q = rate_matrix(params.exchangeabilities, params.frequencies)
        kinds = [site_classes(sites, params.categories) for sites in (params.conserved, params.variable)]
        self._rates = np.concatenate([rates for rates, _ in kinds])
        self._shares = [shares for _, shares in kinds]
        self.regions = np.repeat(np.arange(len(params.regions)), params.regions)
        self._classes = self._draw_classes(self.regions)
        self._next = list(range(1, len(self.regions) + 1))

    def ancestor(self) -> _Sequence:
        """Draw the sequence of the root."""
        length = sum(self._params.regions)
        return _Sequence(np.arange(length), self._draw_bases(length))

    def evolve(self, above: _Sequence, time: float) -> _Sequence:
        """Substitute, delete and insert, in this order, along a branch that begins with the sequence ``above``."""
        return self._insert(self._delete(self._substitute(above, time), time), time)

    def column_order(self) -> NDArray[np.int64]:
        """The columns in the order in which they stand along the gene."""
        order = [0]
        while len(order) < len(self._next):
            order.append(self._next[order[-1]])
        return np.array(order)

    def _substitute(self, sequence: _Sequence, time: float) -> _Sequence:
        """Let every base evolve for a time by P(t) of its class."""
        p = transition_matrices(self._q, time * self._rates)[self._classes[sequence.columns], sequence.bases]
        drawn = self._rng.random((len(p), 1))
        return _Sequence(sequence.columns, (drawn > p.cumsum(1)[:, :3]).sum(1))

    def _delete(self, sequence: _Sequence, time: float) -> _Sequence:
        """Delete runs of bases; a run ends with its region at the latest."""
        regions = self.regions[sequence.columns]
        keep = np.ones(len(regions), bool)
        for start, length in zip(*self._draw_indels(sequence, time), strict=True):
            run = slice(start, start + length)
            keep[run] &= regions[run] != regions[start]
        return _Sequence(sequence.columns[keep], sequence.bases[keep])

    def _insert(self, sequence: _Sequence, time: float) -> _Sequence:
        """Insert runs of bases at their stationary frequencies, each behind a base and in columns of its own."""
        places = np.repeat(*self._draw_indels(sequence, time))
        before = sequence.columns[places]
        new = np.arange(len(places)) + len(self.regions)
        self._add_columns(before)
        # where several come behind the same base, the last to come stands first, as in `_add_columns`
        columns = np.insert(sequence.columns, places[::-1] + 1, new[::-1])
        return _Sequence(columns, np.insert(sequence.bases, places[::-1] + 1, self._draw_bases(len(places))))

    def _add_columns(self, before: NDArray[np.int64]) -> None:
        """Add a column directly behind each of these, in their regions."""
        regions = self.regions[before]
        self.regions = np.append(self.regions, regions)
        self._classes = np.append(self._classes, self._draw_classes(regions))
        for column in before:
            self._next.append(self._next[column])
            self._next[column] = len(self._next) - 1

    def _draw_indels(self, sequence: _Sequence, time: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Places in the sequence, and lengths, of the insertions, or deletions, that happen to it in a time."""
        variable = np.flatnonzero(self.regions[sequence.columns] % 2)
        count = self._rng.poisson(self._params.indels * time * len(variable))
        return self._rng.choice(variable, count), self._rng.geometric(1 / self._params.indel_length, count)

    def _draw_classes(self, regions: NDArray[np.int64]) -> NDArray[np.int64]:
        """A class of rates for each column of the given regions; those of variable ones follow the conserved."""
        conserved, variable = (self._rng.choice(len(p), len(regions), p=p) for p in self._shares)
        return np.where(regions % 2, len(self._shares[0]) + variable, conserved)

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
    gene, tips = _Gene(params, rng), len(tree.names)
    nodes = {tree.root: gene.ancestor()}
    for node in reversed(range(tree.root)):
        nodes[node] = gene.evolve(nodes[int(tree.parents[node])], tree.branch_lengths[node])
    ages = rng.exponential(params.within, tips)
    low, high = params.individuals
    species = np.repeat(np.arange(tips), rng.integers(low, high + 1, tips))
    sequenced = [gene.evolve(nodes[int(tip)], ages[tip]) for tip in species]
    alignment, regions = _align(sequenced, gene)
    texts = tuple("".join(BASES[base] for base in sequence.bases) for sequence in sequenced)
    return SequenceSet(texts, species, alignment, regions)


def _align(sequences: list[_Sequence], gene: _Gene) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """The alignment without columns in which no sequence has a base, and the region of each column."""
    order = gene.column_order()
    alignment = np.full((len(sequences), len(order)), GAP, dtype=np.int8)
    for row, sequence in zip(alignment, sequences, strict=True):
        row[sequence.columns] = sequence.bases
    order = order[(alignment[:, order] != GAP).any(0)]
    return alignment[:, order], gene.regions[order]
