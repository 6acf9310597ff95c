"""Trees of species that users bring, in Newick form."""

import io
from pathlib import Path

from Bio.Phylo.BaseTree import Tree
from Bio.Phylo.NewickIO import NewickError, Parser

from visgen_train.data.headers import species_of_header
from visgen_train.data.species import parse
from visgen_train.errors import DataError


def read_tree(path: Path) -> Tree:
    """The one tree of a file, its tips named as species are spelt everywhere here.

    A tip `Genus_species`, with an authority or without, gets the species' name, and so does `Genus_species_7`, one
    of several individuals. What does not read as a species, such as an accession, keeps its name.

    Returns
    -------
    Bio.Phylo.BaseTree.Tree

    Raises
    ------
    DataError
        The file cannot be read, or does not hold one tree of two tips or more.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        _check(text)
        trees: list[Tree] = list(Parser(io.StringIO(text)).parse())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (NewickError, ValueError) as error:
        raise DataError(f"{path}: no tree in Newick form ({error}).") from error
    if len(trees) != 1:
        raise DataError(f"{path}: holds {len(trees)} trees; give one.")
    (tree,) = trees
    if not tree.root.clades:
        raise DataError(f"{path}: no tree in Newick form, or one of a single tip.")
    nodes = [tree.root]
    for node in nodes:  # grows while it is walked; Biopython's own walk gives up on deep trees
        nodes += node.clades
        if not node.clades:
            node.name = _name(node.name or "")
    return tree


def _check(text: str) -> None:
    """Raise ValueError for what Biopython's expressions would ponder for hours: each backslash doubles their time."""
    if "\\" in text:
        raise ValueError("it holds a backslash, which Newick does not know")
    if text.rfind("[") > text.rfind("]"):
        raise ValueError("a comment, [, without its end, ]")


def _name(text: str) -> str:
    if (name := parse(text)) is not None:
        return str(name)
    named = species_of_header(text)
    return named[0] if len(named) == 1 else text
