"""Trees of species that users bring, in Newick or Nexus form."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from Bio.Nexus.Nexus import NexusError
from Bio.Phylo import NexusIO
from Bio.Phylo.BaseTree import Clade, Tree
from Bio.Phylo.NewickIO import NewickError, Parser

from visgen_train.data.headers import species_of_header
from visgen_train.data.species import parse
from visgen_train.errors import DataError


def read_tree(path: Path, accepted: Mapping[str, str] | None = None) -> Tree:
    """The one tree of a file, its tips named as species are spelt everywhere here.

    A tip `Genus_species`, with an authority or without, gets the species' name, and so does `Genus_species_7`, one
    of several individuals. What does not read as a species, such as an accession, keeps its name.

    Parameters
    ----------
    path : Path
        Newick, or Nexus if it begins with `#NEXUS`.
    accepted : mapping, optional
        Synonym -> accepted name, of `data.synonyms`; tips get the accepted name.

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
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: no tree in Newick form or Nexus, being no text in UTF-8 ({error})."
        ) from error
    form = "Nexus" if text.lstrip()[:6].upper() == "#NEXUS" else "Newick"
    try:
        _check(text)
        trees = _nexus(text) if form == "Nexus" else list(Parser(StringIO(text)).parse())
    except (NewickError, NexusError, ValueError, IndexError, AttributeError) as error:
        raise DataError(f"{path}: no tree in {form} form ({error}).") from error
    if len(trees) != 1:
        raise DataError(f"{path}: holds {len(trees)} trees; give one.")
    (tree,) = trees
    if not tree.root.clades:
        raise DataError(f"{path}: no tree in {form} form, or one of a single tip.")
    for node in _nodes(tree):
        if not node.clades:
            name = _name(node.name or "")
            node.name = (accepted or {}).get(name, name)
    return tree


def _nodes(tree: Tree) -> list[Clade]:
    nodes = [tree.root]
    for node in nodes:  # grows while it is walked; Biopython's own walk gives up on deep trees
        nodes += node.clades
    return nodes


def _nexus(text: str) -> list[Tree]:
    """The trees of a Nexus file. Biopython gives a branch without a length the length 0: if all have, none has one."""
    trees: list[Tree] = list(NexusIO.parse(StringIO(text)))
    for tree in trees:
        nodes = _nodes(tree)
        if not any(node.branch_length for node in nodes):
            for node in nodes:
                node.branch_length = None
    return trees


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
