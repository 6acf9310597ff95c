"""Random species trees, their Brownian covariance, and the Newick form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tree:
    """A rooted binary tree whose tips all stand at depth 1.

    Tips are the nodes ``0 .. n - 1``; a parent has a larger number than its children, the root the largest.

    Attributes
    ----------
    parents : ndarray of int, shape (2n - 1,)
        The parent of each node; -1 for the root.
    depths : ndarray of float, shape (2n - 1,)
        Distance of each node from the root, in units of the tree's height.
    names : tuple of str, length n
        The names of the tips.
    """

    parents: NDArray[np.int64]
    depths: NDArray[np.float64]
    names: tuple[str, ...]

    @property
    def root(self) -> int:
        """The number of the root."""
        return len(self.parents) - 1

    @property
    def branch_lengths(self) -> NDArray[np.float64]:
        """Length of the branch above each node, shape (2n - 1,); 0 for the root."""
        lengths = self.depths - self.depths[self.parents]
        lengths[self.root] = 0.0
        return lengths

    def children(self, node: int) -> list[int]:
        """The children of a node, smallest number first; none for a tip."""
        return [int(child) for child in np.flatnonzero(self.parents == node)]


def yule_tree(tips: int, rng: np.random.Generator, youngest: float = 0.0) -> Tree:
    """Draw a pure-birth (Yule) tree with a given number of tips, scaled to height 1.

    Seen backwards in time, ``k`` lineages of a Yule process merge, two at random, after an exponential time
    of mean ``1 / k`` (Gernhard 2008, J. Theor. Biol. 253: 769-778).

    Parameters
    ----------
    tips : int
        Number of tips, at least 2.
    rng : numpy.random.Generator
        Source of randomness.
    youngest : float, default 0
        Age below which two lineages are still one species, as a share of the height (protracted speciation,
        Etienne & Rosindell 2012, Syst. Biol. 61: 204-213): no two tips are closer than this.

    Examples
    --------
    >>> tree = yule_tree(3, np.random.default_rng(0))
    >>> len(tree.parents), tree.root
    (5, 4)
    """
    nodes = 2 * tips - 1
    parents = np.full(nodes, -1, dtype=np.int64)
    ages = np.zeros(nodes)
    active = list(range(tips))
    for node in range(tips, nodes):
        ages[node] = ages[node - 1] + rng.exponential(1 / len(active))
        pair = rng.choice(len(active), size=2, replace=False)
        parents[[active[i] for i in pair]] = node
        active = [lineage for i, lineage in enumerate(active) if i not in pair] + [node]
    ages[tips:] = youngest + (1 - youngest) * ages[tips:] / ages[-1]
    return Tree(parents, 1 - ages, tuple(f"tip{i + 1}" for i in range(tips)))


def covariance(tree: Tree) -> NDArray[np.float64]:
    """Brownian covariance C of the tips, shape (n, n): the length of path from the root that two tips share.

    Source: Felsenstein 1985, Am. Nat. 125: 1-15. The diagonal is the tree's height, 1.

    Examples
    --------
    >>> tree = Tree(np.array([3, 3, 4, 4, -1]), np.array([1, 1, 1, 0.75, 0]), ("a", "b", "c"))
    >>> covariance(tree)
    array([[1.  , 0.75, 0.  ],
           [0.75, 1.  , 0.  ],
           [0.  , 0.  , 1.  ]])
    """
    tips = len(tree.names)
    below = np.zeros((len(tree.parents), tips))
    below[np.arange(tips), np.arange(tips)] = 1
    for node in range(tree.root):
        below[tree.parents[node]] += below[node]
    weighted = below * tree.branch_lengths[:, None]
    return np.asarray(below.T @ weighted)


def tip_order(tree: Tree) -> list[int]:
    """The tips as they stand from top to bottom in a drawing of the tree: relatives are neighbours."""
    order: list[int] = []
    stack = [tree.root]
    while stack:
        node = stack.pop()
        stack.extend(reversed(tree.children(node)))
        if node < len(tree.names):
            order.append(node)
    return order


def newick(tree: Tree) -> str:
    """The tree in Newick form, branch lengths with six decimals.

    Examples
    --------
    >>> newick(Tree(np.array([2, 2, -1]), np.array([1.0, 1.0, 0.0]), ("a", "b")))
    '(a:1.000000,b:1.000000);'
    """
    lengths = tree.branch_lengths
    texts = list(tree.names)
    for node in range(len(tree.names), len(tree.parents)):
        parts = (f"{texts[child]}:{lengths[child]:.6f}" for child in tree.children(node))
        texts.append(f"({','.join(parts)})")
    return texts[tree.root] + ";"
