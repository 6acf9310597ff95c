"""Whether the genes are of use as markers: the tree is found again, and they are as alike as real ones."""

from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from Bio import Phylo
from Bio.Align import PairwiseAligner
from Bio.Phylo.BaseTree import Tree as PhyloTree
from Bio.Phylo.TreeConstruction import DistanceMatrix, DistanceTreeConstructor
from numpy.typing import NDArray
from visgen_train.data.sequences import read_sequences
from visgen_train.simulate.sequences import GAP, SequenceParams, SequenceSet, evolve
from visgen_train.simulate.tree import Tree, newick, yule_tree

PARAMS = SequenceParams()


def evolved(tips: int, seed: int, times: int = 1) -> tuple[Tree, SequenceSet]:
    rng = np.random.default_rng(seed)
    tree = yule_tree(tips, rng, youngest=0.04)
    params = replace(PARAMS, regions=tuple(times * length for length in PARAMS.regions))
    return tree, evolve(tree, params, rng)


def jukes_cantor(first: NDArray[np.int8], second: NDArray[np.int8]) -> float:
    both = (first != GAP) & (second != GAP)
    return float(-0.75 * np.log(1 - 4 / 3 * (first != second)[both].mean()))


def joined(tree: Tree, result: SequenceSet) -> PhyloTree:
    """Neighbour joining on Jukes-Cantor distances of the true alignment, one individual a species."""
    rows = result.alignment[np.searchsorted(result.species, np.arange(len(tree.names)))]
    lower = [[*(jukes_cantor(row, other) for other in rows[:i]), 0.0] for i, row in enumerate(rows)]
    return DistanceTreeConstructor().nj(DistanceMatrix(list(tree.names), lower))


def splits(tree: PhyloTree) -> dict[frozenset[str], float]:
    """Inner branches, each as the tips on the side without tip1, with their lengths; the root's two are one."""
    tips = {tip.name for tip in tree.get_terminals()}
    found: dict[frozenset[str], float] = {}
    for clade in tree.get_nonterminals():
        side = frozenset(tip.name for tip in clade.get_terminals())
        side = frozenset(tips - side) if "tip1" in side else side
        if 1 < len(side) < len(tips) - 1:
            found[side] = found.get(side, 0.0) + (clade.branch_length or 0.0)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_is_recovered_from_long_genes(seed: int) -> None:
    """Every inner branch longer than 4 % of the height is found, and all of them where none is shorter."""
    tree, result = evolved(12, seed, times=40)
    true = splits(Phylo.read(StringIO(newick(tree)), "newick"))
    wrong = set(true) ^ set(splits(joined(tree, result)))
    assert len(true) == 9
    assert all(true.get(split, 0.0) < 0.04 for split in wrong)
    assert len(wrong) <= 2 * sum(length < 0.04 for length in true.values())


def test_most_of_the_tree_is_recovered_from_genes_of_the_usual_length() -> None:
    """24 species have 21 inner branches, some too short for 1 kb; chance finds one or two."""
    found = []
    for seed in range(5):
        tree, result = evolved(24, seed)
        true = set(splits(Phylo.read(StringIO(newick(tree)), "newick")))
        found.append(len(true & set(splits(joined(tree, result)))) / 21)
    assert np.mean(found) > 0.7


def identities(pairs: Iterable[tuple[str, str]]) -> list[float]:
    """Share of equal bases where both have one, of pairs aligned end to end."""
    aligner = PairwiseAligner(scoring="blastn")
    rows = [np.array(aligner.align(*pair)[0]).view("S1") for pair in pairs]
    return [float(np.mean((row[0] == row[1])[(row != b"-").all(0)])) for row in rows]


def test_identities_and_lengths_are_near_those_of_real_genes(shared_data: Path) -> None:
    """Median identity between and within species, and median length, of 8 species each."""
    records, labels = read_sequences(shared_data / "foram-18s" / "sequences.fasta")
    real: dict[str, list[str]] = {}
    for record in records:
        real.setdefault(labels[record.id], []).append(record.sequence.upper())
    _, result = evolved(8, 1)
    made: dict[int, list[str]] = {}
    for species, text in zip(result.species.tolist(), result.sequences, strict=True):
        made.setdefault(species, []).append(text)
    (between, within, length), (ours, own, size) = map(
        medians, (list(real.values())[::4], list(made.values()))
    )
    assert ours == pytest.approx(between, abs=0.03)
    assert own == pytest.approx(within, abs=0.012)
    assert size == pytest.approx(length, rel=0.08)


def medians(species: list[list[str]]) -> tuple[float, ...]:
    between = identities((a[0], b[0]) for a, b in combinations(species, 2))
    within = identities((own[0], own[1]) for own in species)
    lengths = [np.median([len(text) for text in own]) for own in species]
    return tuple(float(np.median(values)) for values in (between, within, lengths))
