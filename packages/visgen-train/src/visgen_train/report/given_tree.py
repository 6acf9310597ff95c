"""A tree that a user brings, cut to the species of a run."""

from collections import Counter
from collections.abc import Collection
from pathlib import Path

from Bio.Phylo.BaseTree import Clade, Tree

from visgen_train.data.synonyms import in_force, load
from visgen_train.data.trees import read_tree
from visgen_train.errors import DataError, near

LEAST = 3
"""Species that a tree is drawn of."""


def given_tree(path: Path, species: Collection[str], synonyms: Path | None = None) -> Tree:
    """The tree of a file without the tips that are none of these species, rooted as it is there.

    Parameters
    ----------
    path : Path
        Newick or Nexus, as `data.trees.read_tree` has it.
    synonyms : Path, optional
        Over the built-in table.

    Returns
    -------
    Bio.Phylo.BaseTree.Tree
        A branch that is made of several has the sum of their lengths and the highest of their supports.

    Raises
    ------
    DataError
        The file is no tree, fewer than three of the species are tips, one is several tips, or a branch has no length
        or a negative one.
    """
    tree = read_tree(path, in_force(load(synonyms), ()))
    nodes = _nodes(tree.root)
    names = Counter(str(node.name) for node in nodes if not node.clades)
    there = sorted(names.keys() & set(species))
    if len(there) < LEAST:
        some, first = ", ".join(sorted(names)[:3]), sorted(species)[0]
        raise DataError(
            f"{path}: {len(there)} of the run's {len(species)} species are tips of this tree; it takes {LEAST} to draw "
            f"it. Its tips are {some} ..., the species {first} ...{near(first, sorted(names))}. Names must be the "
            "same; synonyms can be given by --synonyms."
        )
    several = [name for name in there if names[name] > 1]
    if several:
        raise DataError(
            f"{path}: {several[0]} has {names[several[0]]} tips; the figure takes one a species. visgen phylogeny "
            "without --all makes such a tree."
        )
    for node in nodes[1:]:
        if node.branch_length is None or not 0 <= node.branch_length < float("inf"):
            found = "no length" if node.branch_length is None else f"the length {node.branch_length}"
            raise DataError(f"{path}: a branch has {found}; the figure needs one from 0 for each.")
    return _cut(tree, set(there))


def _nodes(root: Clade) -> list[Clade]:
    nodes = [root]
    for node in nodes:  # grows while it is walked; Biopython's own walk gives up on deep trees
        nodes += node.clades
    return nodes


def _cut(tree: Tree, kept: set[str]) -> Tree:
    """The tree of some of its tips: a node that is left with one branch goes."""
    made: dict[int, Clade | None] = {}
    for node in reversed(_nodes(tree.root)):
        below = [one for child in node.clades if (one := made.pop(id(child))) is not None]
        if len(below) == 1:
            (one,) = below
            supports = [held for held in (node.confidence, one.confidence) if held is not None]
            one.branch_length += node.branch_length or 0.0
            one.confidence = max(supports) if supports and one.clades else None
            made[id(node)] = one
        elif below or (not node.clades and node.name in kept):
            made[id(node)] = Clade(node.branch_length, node.name, below, node.confidence)
        else:
            made[id(node)] = None
    return Tree(made[id(tree.root)], rooted=tree.rooted)
