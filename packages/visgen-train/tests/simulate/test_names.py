"""Made-up Latin binomials: unique, and a genus is a branch of the tree where sizes allow."""

import numpy as np
import pytest
from visgen_train.simulate.names import MOST_SPECIES, binomials, genera
from visgen_train.simulate.tree import Tree, yule_tree

#: (((a,b),c),(d,e)): two clades that part at the root
FIVE = Tree(
    np.array([5, 5, 6, 7, 7, 6, 8, 8, -1]), np.array([1, 1, 1, 1, 1, 0.8, 0.6, 0.7, 0.0]), tuple("abcde")
)


def test_genera_are_the_clades_where_sizes_allow() -> None:
    assert sorted(sorted(group) for group in genera(FIVE)) == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize("species", [2, 3, 4, 5, 7, 24, MOST_SPECIES])
def test_names_are_unique_and_every_genus_has_two_to_four_species(species: int) -> None:
    rng = np.random.default_rng(species)
    tree = yule_tree(species, rng)
    groups = genera(tree)
    assert sorted(tip for group in groups for tip in group) == list(range(species))
    assert {len(group) for group in groups} <= {2, 3, 4}
    names = binomials(tree, rng)
    assert len(set(names)) == species
    assert all(len(name.split()) == 2 for name in names)
    for group in groups:
        assert len({names[tip].split()[0] for tip in group}) == 1
    assert len({name.split()[0] for name in names}) == len(groups)
