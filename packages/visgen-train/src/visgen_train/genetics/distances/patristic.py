"""Distances along a tree: the lengths of the branches between two tips."""

import numpy as np
from Bio.Phylo.BaseTree import Clade, Tree

from visgen_train.errors import DataError


def distances(tree: Tree) -> tuple[list[str], np.ndarray]:
    """All tips and their distances, depth a + depth b - 2 depth of the node where their paths meet.

    Parameters
    ----------
    tree : Bio.Phylo.BaseTree.Tree
        `data.trees.read_tree` gives one; whether and where it is rooted does not matter.

    Returns
    -------
    list of str, numpy.ndarray
        Names of the n tips, and (n, n) in the units of the branches.

    Raises
    ------
    DataError
        A branch without a length, or with a negative one.
    """
    nodes, parents, depths = _walk(tree)
    tips = [row for row, node in enumerate(nodes) if not node.clades]
    names = [nodes[row].name or "" for row in tips]
    below: list[list[int]] = [[] for _ in nodes]
    for number, row in enumerate(tips):
        below[row] = [number]
    depth, meeting = np.array([depths[row] for row in tips]), np.zeros((len(tips),) * 2)
    for row in reversed(range(1, len(nodes))):  # children stand behind their parents
        here, other = below[row], below[parents[row]]
        meeting[np.ix_(here, other)] = meeting[np.ix_(other, here)] = depths[parents[row]]
        other += here
        below[row] = []
    found = depth[:, None] + depth - 2 * meeting
    np.fill_diagonal(found, 0)
    return names, np.maximum(found, 0)  # 0 may round to -1e-17


def _walk(tree: Tree) -> tuple[list[Clade], list[int], list[float]]:
    """The nodes, each behind its parent; the place of its parent; and how deep it lies below the root."""
    nodes, parents, depths = [tree.root], [0], [0.0]
    for row, node in enumerate(nodes):  # grows while it is walked
        for child in node.clades:
            length = child.branch_length
            if length is None or not 0 <= length < np.inf:
                raise DataError(
                    f"The tree's branch above {_named(child)} has "
                    f"{'no length' if length is None else f'the length {length}'}; patristic distances need one from 0."
                )
            nodes.append(child)
            parents.append(row)
            depths.append(depths[row] + length)
    return nodes, parents, depths


def _named(node: Clade) -> str:
    """The tip itself, or the first one below a node."""
    place = "" if not node.clades else "the node of "
    while node.clades:
        node = node.clades[0]
    return f"{place}{node.name}"
