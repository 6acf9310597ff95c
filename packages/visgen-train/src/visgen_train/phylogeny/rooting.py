"""Where a tree is rooted: between the two tips farthest from each other, or at an outgroup.

A support value belongs to a branch but is written at a node, so it must move when the root does. Biopython's own
functions leave it where it was.
"""

from collections.abc import Collection
from typing import NamedTuple

from Bio.Phylo.BaseTree import Clade, Tree

from visgen_train.errors import DataError


class _Branch(NamedTuple):
    """To a neighbouring node."""

    node: int
    length: float
    support: float | None


class _Seen(NamedTuple):
    """A tree as it hangs from one node: nodes, each behind the one it hangs from; that one; how far off it is."""

    order: list[int]
    parent: dict[int, int]
    depth: dict[int, float]


class _Graph(NamedTuple):
    """Without a root: names of the nodes (None of inner ones), and the branches of each."""

    names: list[str | None]
    branches: list[list[_Branch]]

    def seen_from(self, start: int) -> _Seen:
        order, parent, depth = [start], {start: start}, {start: 0.0}
        for node in order:  # grows while it is walked
            for branch in self.branches[node]:
                if branch.node != parent[node]:
                    order.append(branch.node)
                    parent[branch.node] = node
                    depth[branch.node] = depth[node] + branch.length
        return _Seen(order, parent, depth)

    def tips(self) -> list[int]:
        return [node for node, branches in enumerate(self.branches) if len(branches) == 1]


def rooted(tree: Tree, outgroup: Collection[str] = ()) -> Tree:
    """The same tree with a root in the middle of the longest path, or of the branch that parts the outgroup.

    Parameters
    ----------
    tree : Bio.Phylo.BaseTree.Tree
        Of two tips or more; a branch without a length counts as 0. It is not changed.
    outgroup : collection of str
        Names of tips that lie on one branch; all tips of these names. None: the middle of the longest path.

    Raises
    ------
    DataError
        No tip of such a name, or other tips stand among the outgroup; it names them.
    """
    graph = _unrooted(tree)
    if not outgroup:
        return _hung(graph, *_middle(graph))
    tips = graph.tips()
    missing = sorted(set(outgroup) - {str(graph.names[tip]) for tip in tips})
    if missing:
        known = ", ".join(sorted({str(graph.names[tip]) for tip in tips})[:10])
        raise DataError(f"The tree has no tip {missing[0]!r} to root it at. Its tips are {known} ...")
    return _hung(graph, *_outgroup(graph, set(outgroup)))


def _unrooted(tree: Tree) -> _Graph:
    """The tree as a graph; a root of two branches is none of its nodes."""
    graph, nodes = _Graph([], []), [(tree.root, -1)]
    for clade, above in nodes:  # grows while it is walked
        here = len(graph.names)
        graph.names.append(None if clade.clades else clade.name)
        graph.branches.append([])
        if above >= 0:
            _link(graph, here, above, clade.branch_length or 0.0, clade.confidence)
        nodes += [(child, here) for child in clade.clades]
    if len(graph.branches[0]) == 2:
        one, two = graph.branches[0]
        support = one.support if one.support is not None else two.support
        for node in (one.node, two.node):
            graph.branches[node] = [branch for branch in graph.branches[node] if branch.node]
        graph.branches[0].clear()
        _link(graph, one.node, two.node, one.length + two.length, support)
    return graph


def _link(graph: _Graph, one: int, two: int, length: float, support: float | None) -> None:
    graph.branches[one].append(_Branch(two, length, support))
    graph.branches[two].append(_Branch(one, length, support))


def _middle(graph: _Graph) -> tuple[int, int, float]:
    """A node of the longest path between tips, the next one, and how far beyond the first its middle lies."""
    tips = graph.tips()
    near = graph.seen_from(tips[0])
    start = max(tips, key=lambda tip: near.depth[tip])
    seen = graph.seen_from(start)
    node = max(tips, key=lambda tip: seen.depth[tip])
    half = seen.depth[node] / 2
    while seen.depth[seen.parent[node]] > half:
        node = seen.parent[node]
    above = seen.parent[node]
    return above, node, half - seen.depth[above]


def _outgroup(graph: _Graph, outgroup: set[str]) -> tuple[int, int, float]:
    """The ends of the branch that parts the outgroup from all others, and its middle."""
    tips = graph.tips()
    own = {tip for tip in tips if graph.names[tip] in outgroup}
    others = [tip for tip in tips if tip not in own]
    if not others:
        raise DataError("All tips of the tree are in the outgroup. Name fewer species by --outgroup.")
    best: tuple[int, int, int] | None = None
    for start in others:  # whatever stands among the outgroup seen from one tip may not from another
        seen = graph.seen_from(start)
        node = _smallest(graph, seen, own)
        strange = len(_below(graph, seen, node)) - len(own)
        if best is None or strange < best[0]:
            best = (strange, start, node)
        if not strange:
            length = seen.depth[node] - seen.depth[seen.parent[node]]
            return seen.parent[node], node, length / 2
    assert best is not None
    seen = graph.seen_from(best[1])
    among = sorted(str(graph.names[tip]) for tip in _below(graph, seen, best[2]) if tip not in own)
    told = ", ".join(among[:5]) + (f" and {len(among) - 5} more" if len(among) > 5 else "")
    raise DataError(
        f"The outgroup is not on a branch of its own: {told} would be on it. Name others by --outgroup or leave it out."
    )


def _smallest(graph: _Graph, seen: _Seen, own: set[int]) -> int:
    """The node farthest from the start that has all of the outgroup behind it."""
    held = dict.fromkeys(seen.order, 0)
    for node in reversed(seen.order):
        held[node] += node in own
        if node != seen.parent[node]:
            held[seen.parent[node]] += held[node]
    return next(node for node in reversed(seen.order) if held[node] == len(own))


def _below(graph: _Graph, seen: _Seen, top: int) -> list[int]:
    """Tips that hang from a node."""
    inside, found = {top}, []
    for node in seen.order:
        if node == top or seen.parent[node] in inside:
            inside.add(node)
            found += [node] if len(graph.branches[node]) == 1 else []
    return found


def _hung(graph: _Graph, one: int, two: int, from_one: float) -> Tree:
    """The tree with its root on the branch between two nodes."""
    branch = next(branch for branch in graph.branches[one] if branch.node == two)
    ends = ((one, two, from_one), (two, one, branch.length - from_one))
    root = Clade()
    waiting = []
    for node, other, length in ends:
        child = Clade(max(length, 0.0), graph.names[node], confidence=_inner(graph, node, branch.support))
        root.clades.append(child)
        waiting.append((child, node, other))
    for clade, node, above in waiting:  # grows while it is walked
        for out in graph.branches[node]:
            if out.node != above:
                confidence = _inner(graph, out.node, out.support)
                clade.clades.append(Clade(out.length, graph.names[out.node], confidence=confidence))
                waiting.append((clade.clades[-1], out.node, node))
    return Tree(root, rooted=True)


def _inner(graph: _Graph, node: int, support: float | None) -> float | None:
    """The support of a branch to an inner node; one to a tip has none."""
    return None if graph.names[node] is not None else support
