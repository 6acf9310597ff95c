"""A tree of species from their genetic distances, by neighbour joining."""

from collections.abc import Sequence

import numpy as np
from Bio.Phylo.BaseTree import Tree
from Bio.Phylo.TreeConstruction import DistanceMatrix, DistanceTreeConstructor


def neighbour_joining(distances: np.ndarray, species: Sequence[str]) -> Tree:
    """The tree of Saitou and Nei (1987), by Biopython, rooted halfway between the two tips farthest apart.

    Branches that come out negative, which only says that distances do not add up along a tree, have length 0.

    Parameters
    ----------
    distances : numpy.ndarray
        (n, n), symmetric, n at least 3.
    species : sequence of str
        (n,) names of the tips.

    Returns
    -------
    Bio.Phylo.BaseTree.Tree
        The smaller of two branches stands first.
    """
    numbers = [str(row) for row in range(len(species))]  # whatever a name holds, Biopython does not read it
    triangle = [distances[row, : row + 1].tolist() for row in range(len(species))]
    tree: Tree = DistanceTreeConstructor().nj(DistanceMatrix(numbers, triangle))
    for clade in tree.find_clades():
        clade.branch_length = max(clade.branch_length or 0.0, 0.0)
    tree.root_at_midpoint()
    tree.ladderize()
    for clade in tree.find_clades():
        clade.name = species[int(clade.name)] if clade.is_terminal() else None
    return tree


def tips(tree: Tree) -> list[str]:
    """Names of the tips, from one end of the tree to the other."""
    return [tip.name for tip in tree.get_terminals()]
