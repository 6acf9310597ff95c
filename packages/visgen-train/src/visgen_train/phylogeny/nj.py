"""Neighbour joining: a tree from distances alone.

Saitou and Nei, "The neighbor-joining method", Mol. Biol. Evol. 4: 406-425, 1987, in the form of Studier and Keppler, "A
note on the neighbor-joining algorithm", Mol. Biol. Evol. 5: 729-731, 1988.
"""

from collections.abc import Sequence

import numpy as np
from Bio.Phylo.BaseTree import Clade, Tree


def neighbour_joining(names: Sequence[str], matrix: np.ndarray) -> Tree:
    """The tree of these distances; of additive distances the very tree they were measured on.

    Where the formulas give a branch below 0, it is 0 and the branch beside it takes the difference, so that the two
    joined stay as far apart. n^3 operations on whole rows of numpy.

    Parameters
    ----------
    names : sequence of str, length n
        Of the tips, three or more; where two pairs are equally near, the order decides.
    matrix : numpy.ndarray
        (n, n), symmetric, zero on the diagonal.

    Returns
    -------
    Bio.Phylo.BaseTree.Tree
        Not rooted: three branches meet at its base.

    Examples
    --------
    >>> tree = neighbour_joining("abcd", np.array([[0, 3, 7, 8], [3, 0, 8, 9], [7, 8, 0, 5], [8, 9, 5, 0]]))
    >>> round(tree.distance("a", "d"), 6), len(tree.root.clades)
    (8.0, 3)
    """
    apart = np.array(matrix, np.float64)
    nodes = [Clade(name=name) for name in names]
    while len(nodes) > 3:
        one, two = _nearest(apart)
        lengths = _lengths(apart, one, two)
        for node, length in zip((nodes[one], nodes[two]), lengths, strict=True):
            node.branch_length = length
        nodes[one] = Clade(clades=[nodes[one], nodes[two]])
        del nodes[two]
        apart = _joined(apart, one, two)
    for node, length in zip(nodes, _star(apart), strict=True):
        node.branch_length = length
    return Tree(Clade(clades=nodes), rooted=False)


def _nearest(apart: np.ndarray) -> tuple[int, int]:
    """The pair to join, the first before the second: the least (n - 2) d(i, j) - r(i) - r(j)."""
    total = apart.sum(axis=1)
    criterion = (len(apart) - 2) * apart - total[:, None] - total
    np.fill_diagonal(criterion, np.inf)
    one, two = divmod(int(criterion.argmin()), len(apart))
    return min(one, two), max(one, two)


def _lengths(apart: np.ndarray, one: int, two: int) -> tuple[float, float]:
    """From each of a pair to the node that joins them."""
    between = max(
        float(apart[one, two]), 0.0
    )  # of nodes, where distances break the triangle inequality, below 0
    unlike = float(apart[one].sum() - apart[two].sum()) / (len(apart) - 2)
    first = min(max((between + unlike) / 2, 0.0), between)
    return first, between - first


def _joined(apart: np.ndarray, one: int, two: int) -> np.ndarray:
    """Distances once the node takes the place of the first, and the second is gone."""
    to = (apart[one] + apart[two] - apart[one, two]) / 2
    apart[one], apart[:, one] = to, to
    apart[one, one] = 0
    left = np.arange(len(apart)) != two
    return apart[np.ix_(left, left)]


def _star(apart: np.ndarray) -> list[float]:
    """From the node in the middle to each of the last three."""
    if len(apart) < 3:
        return [float(apart.max(initial=0)) / 2] * len(apart)
    a, b, c = apart[0, 1], apart[0, 2], apart[1, 2]
    return [max(float(length), 0.0) for length in ((a + b - c) / 2, (a + c - b) / 2, (b + c - a) / 2)]
