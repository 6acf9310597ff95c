"""The species tree, its covariance and its Newick form."""

from io import StringIO

import numpy as np
import pytest
from Bio import Phylo
from visgen_train.simulate.tree import Tree, covariance, newick, tip_order, yule_tree

#: ((a:0.25,b:0.25):0.75,c:1)
THREE = Tree(np.array([3, 3, 4, 4, -1]), np.array([1.0, 1.0, 1.0, 0.75, 0.0]), ("a", "b", "c"))


def test_covariance_of_three_tips_by_hand() -> None:
    expected = [[1, 0.75, 0], [0.75, 1, 0], [0, 0, 1]]
    np.testing.assert_allclose(covariance(THREE), expected)


def test_branch_lengths_by_hand() -> None:
    np.testing.assert_allclose(THREE.branch_lengths, [0.25, 0.25, 1, 0.75, 0])


@pytest.mark.parametrize("tips", [2, 3, 24])
def test_yule_tree_is_binary_and_ultrametric_with_height_one(tips: int) -> None:
    tree = yule_tree(tips, np.random.default_rng(1))
    np.testing.assert_allclose(tree.depths[:tips], 1)
    assert tree.depths[tree.root] == 0
    assert (tree.branch_lengths[: tree.root] > 0).all()
    assert [len(tree.children(node)) for node in range(2 * tips - 1)] == [0] * tips + [2] * (tips - 1)


def test_youngest_keeps_species_apart() -> None:
    rng = np.random.default_rng(2)
    pairs = [np.triu(covariance(yule_tree(20, rng, youngest=0.1)), 1).max() for _ in range(20)]
    assert max(pairs) <= 0.9 + 1e-12
    assert max(pairs) > 0.85


def test_merging_times_follow_the_yule_process() -> None:
    """Of three lineages the first merger comes after 1/3 on average, the second 1/2 later."""
    rng = np.random.default_rng(3)
    ages = 1 - np.array([yule_tree(3, rng).depths[3] for _ in range(4000)])
    u = rng.exponential(1 / 3, 200_000)
    expected = (u / (u + rng.exponential(1 / 2, 200_000))).mean()
    assert ages.mean() == pytest.approx(expected, abs=0.02)


def test_covariance_is_positive_definite_with_unit_diagonal() -> None:
    c = covariance(yule_tree(30, np.random.default_rng(4)))
    np.testing.assert_allclose(np.diag(c), 1)
    assert np.linalg.eigvalsh(c).min() > 0


def test_tip_order_keeps_sisters_together() -> None:
    assert tip_order(THREE) == [2, 0, 1]


def test_newick_reads_back() -> None:
    tree = yule_tree(12, np.random.default_rng(5))
    read = Phylo.read(StringIO(newick(tree)), "newick")
    depths = read.depths()
    shared = covariance(tree)
    for i, a in enumerate(tree.names):
        for j, b in enumerate(tree.names[:i]):
            assert depths[read.common_ancestor(a, b)] == pytest.approx(shared[i, j], abs=1e-4)
    assert sorted(tip.name for tip in read.get_terminals()) == sorted(tree.names)
