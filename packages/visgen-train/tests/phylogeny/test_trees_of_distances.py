"""Neighbour joining, rooting and groups on trees whose truth is known."""

from io import StringIO

import numpy as np
import pytest
from Bio import Phylo
from visgen_train.errors import DataError
from visgen_train.genetics.distances import patristic
from visgen_train.phylogeny import groups, neighbour_joining, rooted
from visgen_train.phylogeny.newick import inner_supports, parse, save, tip_name
from visgen_train.simulate import newick, yule_tree


def splits(tree):
    """The sets of tips that the inner branches part, each by the side without the first tip, with its length."""
    names = sorted(tip.name for tip in tree.get_terminals())
    found = {}
    for node in tree.find_clades():
        side = frozenset(tip.name for tip in node.get_terminals())
        side = side if names[0] not in side else frozenset(names) - side
        if 1 < len(side) < len(names) - 1:
            found[side] = found.get(side, 0) + node.branch_length  # the two halves at a root
    return found


def ordered(tree):
    names, matrix = patristic.distances(tree)
    order = np.argsort(names)
    return [names[row] for row in order], matrix[np.ix_(order, order)]


@pytest.mark.parametrize("seed", range(3))
def test_additive_distances_give_the_tree_they_were_measured_on(seed):
    true = parse(newick(yule_tree(25, np.random.default_rng(seed))))
    names, matrix = ordered(true)
    tree = neighbour_joining(names, matrix)
    found, expected = splits(tree), splits(true)
    assert found.keys() == expected.keys()
    assert all(found[side] == pytest.approx(expected[side], abs=1e-9) for side in found)
    np.testing.assert_allclose(ordered(tree)[1], matrix, atol=1e-9)


def test_noisy_distances_give_what_biopython_gives_and_no_branch_below_0():
    from Bio.Phylo.TreeConstruction import DistanceMatrix, DistanceTreeConstructor

    rng = np.random.default_rng(4)
    matrix = rng.uniform(0.5, 1, (12, 12))
    matrix = (matrix + matrix.T) / 2
    np.fill_diagonal(matrix, 0)
    names = [f"t{row:02d}" for row in range(12)]
    lower = [matrix[row, : row + 1].tolist() for row in range(12)]
    expected = DistanceTreeConstructor().nj(DistanceMatrix(names, lower))
    tree = neighbour_joining(names, matrix)
    assert splits(tree).keys() == splits(expected).keys()


@pytest.mark.parametrize("least", [0.5, 0.0])
def test_no_branch_is_below_0_however_little_the_distances_are_a_trees(least):
    rng = np.random.default_rng(4)
    for _ in range(20):
        matrix = rng.uniform(least, 1, (12, 12)) ** 3
        matrix = np.triu(matrix, 1) + np.triu(matrix, 1).T
        tree = neighbour_joining([f"t{row}" for row in range(12)], matrix)
        assert min(node.branch_length for node in tree.find_clades() if node is not tree.root) >= 0


def test_the_midpoint_lies_between_the_two_tips_farthest_apart():
    tree = rooted(parse("((a:1,b:2)80:1,(c:6,d:1)90:1,e:1);"))
    depths = tree.depths()
    tips = {tip.name: depths[tip] for tip in tree.get_terminals()}
    assert (tips["b"], tips["c"]) == (5, 5)  # 2 + 1 + 1 + 6 between them
    assert max(tips.values()) == 5


def test_support_stays_with_its_branch_wherever_the_root_goes():
    tree = parse("((a:1,b:1)80:1,((c:1,d:1)90:1,e:1)70:1,f:1);")
    for outgroup in (["a"], ["c"], ["a", "b"], ["f"]):
        moved = rooted(tree, outgroup)
        assert groups(moved, {"a": "ab", "b": "ab", "c": "cd", "d": "cd"})["ab"].support == 80
        assert groups(moved, {"c": "cd", "d": "cd"})["cd"].support == 90
        assert sorted(inner_supports(moved)) == [70, 80, 90]
        np.testing.assert_allclose(ordered(moved)[1], ordered(tree)[1])
        assert {tip.name for tip in moved.root.clades[1].get_terminals()} | {
            tip.name for tip in moved.root.clades[0].get_terminals()
        } == set("abcdef")
        assert any({tip.name for tip in half.get_terminals()} == set(outgroup) for half in moved.root.clades)


def test_an_outgroup_that_is_not_one_branch_names_who_stands_among_it():
    tree = parse("((a:1,b:1):1,(c:1,d:1):1,e:1);")
    with pytest.raises(DataError, match="not on a branch of its own: b would be"):
        rooted(parse("((a:1,(b:1,c:1):1):1,(d:1,f:1):1,e:1);"), ["a", "c"])
    with pytest.raises(DataError, match="no tip 'x'"):
        rooted(tree, ["x"])
    with pytest.raises(DataError, match="All tips"):
        rooted(tree, list("abcde"))


def test_a_root_of_two_branches_counts_as_one_branch():
    tree = parse("((a:1,b:1)80:1,(c:1,(d:1,e:1)60:1)80:3);")
    moved = rooted(tree, ["a"])
    np.testing.assert_allclose(ordered(moved)[1], ordered(tree)[1])
    assert sorted(inner_supports(moved)) == [60, 80]
    assert sorted(inner_supports(tree)) == [60, 80]


def test_groups_are_whole_wherever_the_root_is():
    tree = parse("(a1:1,(b1:1,(b2:1,(a2:1,a3:1):1):1):1);")
    found = groups(tree, {"a1": "a", "a2": "a", "a3": "a", "b1": "b", "b2": "b"})
    assert not found["a"].whole
    assert not found["b"].whole
    assert groups(tree, {"a1": "x", "b1": "x", "b2": "y"})["x"].whole  # the rest is a clade


def test_what_is_written_is_read_again_and_deep_trees_too():
    text = f"{'(' * 3000}a:1,b:1)"
    for row in range(2999):
        text += f":1,t{row}:1)"
    tree = parse(f"{text};")
    assert save(parse(save(tree))) == save(tree)
    again = Phylo.read(StringIO(save(parse("((a:1,b:1)80:1,c:1,d:0.5);"))), "newick")
    assert again.root.clades[0].confidence == 80
    assert tip_name("Aus albus", "x:1(2)") == "Aus_albus_x_1_2_"
