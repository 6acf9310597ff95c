"""Newick as it is written here: tips without quotes, support on inner nodes, eight digits of length."""

from io import StringIO
from pathlib import Path

from Bio.Phylo.BaseTree import Clade, Tree
from Bio.Phylo.NewickIO import Parser

from visgen_train.io.atomic import write_text

_UNSAFE = str.maketrans(dict.fromkeys(" \t()[]{}:;,'\"", "_"))


def tip_name(*words: str) -> str:
    """`Genus_species`, or more words, without what has a meaning in Newick."""
    return "_".join(words).translate(_UNSAFE)


def tips_of(tree: Tree) -> list[Clade]:
    """The tips, from the root outwards. Biopython's own walk gives up on deep trees."""
    nodes = [tree.root]
    for node in nodes:  # grows while it is walked
        nodes += node.clades
    return [node for node in nodes if not node.clades]


def parse(text: str) -> Tree:
    """The tree of a text that a program or `save` wrote."""
    tree: Tree = next(Parser(StringIO(text)).parse())
    return tree


def save(tree: Tree, path: Path | None = None) -> str:
    """The tree as a line of Newick, written to a file if one is given."""
    text = f"{_written(tree.root)};\n"
    if path is not None:
        write_text(path, text)
    return text


def _written(root: Clade) -> str:
    """Node by node, children first, so that a deep tree is no deep recursion."""
    nodes, done = [root], dict[int, str]()
    for node in nodes:  # grows while it is walked
        nodes += node.clades
    for node in reversed(nodes):
        if node.clades:
            label = "" if node.confidence is None else f"{node.confidence:g}"
            text = f"({','.join(done.pop(id(child)) for child in node.clades)}){label}"
        else:
            text = node.name or ""
        done[id(node)] = text if node.branch_length is None else f"{text}:{node.branch_length:.8f}"
    return done[id(root)]


def inner_supports(tree: Tree) -> list[float]:
    """Support of the inner branches of a rooted tree; that of the branch the root lies on once."""
    nodes = [tree.root]
    for node in nodes:  # grows while it is walked
        nodes += node.clades
    halves = [node for node in tree.root.clades if node.clades]
    twice = halves[0] if len(tree.root.clades) == len(halves) == 2 else None
    return [float(node.confidence) for node in nodes if node is not twice and node.confidence is not None]
