"""Whether groups of tips, such as genera, are branches of a tree."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from Bio.Phylo.BaseTree import Clade, Tree


class Group(NamedTuple):
    """Attributes: tips of the group; whether a branch parts them from all others; the support of that branch."""

    tips: int
    whole: bool
    support: float | None


def groups(tree: Tree, members: Mapping[str, str]) -> dict[str, Group]:
    """Each group of two tips or more, and whether one branch parts it from all other tips.

    Where the root is does not matter: a group is whole if it or the rest is a clade.

    Parameters
    ----------
    tree : Bio.Phylo.BaseTree.Tree
    members : mapping
        Name of each tip -> its group; tips that are not in it belong to none.

    Returns
    -------
    dict
        In alphabetical order.

    Examples
    --------
    >>> from Bio import Phylo
    >>> from io import StringIO
    >>> tree = Phylo.read(StringIO("((a1:1,a2:1)90:1,(b1:1,c1:1):1,b2:1);"), "newick")
    >>> groups(tree, {"a1": "a", "a2": "a", "b1": "b", "b2": "b", "c1": "c"})
    {'a': Group(tips=2, whole=True, support=90.0), 'b': Group(tips=2, whole=False, support=None)}
    """
    nodes, parents = _walk(tree)
    names = sorted(set(members.values()))
    place = {name: row for row, name in enumerate(names)}
    below = np.zeros((len(nodes), len(names) + 1), np.int64)
    for row, node in enumerate(nodes):
        if not node.clades:
            below[row, place.get(members.get(node.name or "", ""), len(names))] += 1
    for row in reversed(range(1, len(nodes))):
        below[parents[row]] += below[row]
    return {name: _group(below, place[name], nodes) for name in names if below[0, place[name]] > 1}


def _walk(tree: Tree) -> tuple[list[Clade], list[int]]:
    """The nodes, each behind its parent, and the place of its parent."""
    nodes, parents = [tree.root], [0]
    for row, node in enumerate(nodes):  # grows while it is walked
        nodes += node.clades
        parents += [row] * len(node.clades)
    return nodes, parents


def _group(below: np.ndarray, column: int, nodes: list[Clade]) -> Group:
    """Whether some node has all of a group and nothing else below it, or everything else."""
    own, every = below[:, column], below.sum(axis=1)
    number = int(own[0])
    alone = (own == number) & (every == number)
    rest = (own == 0) & (every == every[0] - number)
    found = np.flatnonzero(alone | rest)
    supports = [nodes[row].confidence for row in found if nodes[row].confidence is not None]
    return Group(number, bool(len(found)), max(map(float, supports), default=None))
