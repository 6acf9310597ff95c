"""A phylogeny, and how far a visual space follows it, in words and a table."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from visgen_train.report.evidence_cells import Cell, Table

BEFORE, AFTER, ANCHORS = "pictures, before alignment", "pictures, after alignment", "anchors of the run"
"""Names of a run's two spaces, and of what the second was pulled to."""
COPHENETIC = "cophenetic r"
_CLEAR = 0.05
_WEAK = (
    "That does not show that looks ignore descent: this test of plain cosine distances misses much. `visgen evidence` "
    "on the run looks closer."
)


def lines(facts: Mapping[str, Any]) -> list[str]:
    """What kind of tree it is, its support, and which genera are whole."""
    found = [f"{_kind(facts)}, {facts['tips']} tips, {facts['sequences']:,} sequences; {facts['root']}."]
    support = facts.get("support")
    if support:
        found.append(
            f"Support: median {support['median']:.0f} %, {support['at_least_95']} of {support['branches']} inner "
            "branches have 95 % or more."
        )
    fit = facts["cophenetic"]
    if fit["r"] is not None:
        found.append(f"Cophenetic correlation with {fit['with']} distances: {fit['r']:.2f}.")
    for what, groups in facts["groups"].items():
        found.append(_groups(what, groups))
    return [*found, *(f"Note: {note}." for note in facts["notes"])]


def _kind(facts: Mapping[str, Any]) -> str:
    if facts["method"] == "neighbour joining":
        how = f" of an alignment by {facts['aligner']}" if facts["aligner"] else ", without an alignment"
        return f"Neighbour joining by {facts['distance']} distances{how} (no support values)"
    return (
        f"Maximum likelihood ({facts['engine']}), model {facts['model']} chosen by {facts['model_chosen_by']}, "
        f"alignment by {facts['aligner']}, {facts['columns']:,} columns"
    )


def _groups(what: str, groups: Mapping[str, Mapping[str, Any]]) -> str:
    """How many genera, or species, are a branch of their own, and which are not."""
    split = [name for name, one in groups.items() if not one["whole"]]
    told = f"{len(groups) - len(split)} of {len(groups)} {what} of two tips or more are a branch of their own"
    return f"{told}; not {', '.join(split)}." if split else f"{told}."


def comparison_lines(content: Mapping[str, Any]) -> list[str]:
    """The table of Mantel correlations and the sentences on it."""
    columns = _columns(content)
    width = max(len(name) for name in content["measures"])
    found = [
        f"Mantel correlation (Spearman's r; p of {content['permutations']} permutations of "
        f"{len(content['species'])} species):",
        f"  {'':<{width}}  " + "  ".join(f"{name:>26}" for name in (*columns, COPHENETIC)).rstrip(),
    ]
    for row in content["measures"]:
        texts = [*(" ".join(_cell(pair(content, row, name))) for name in columns), _cophenetic(content, row)]
        cells = "  ".join(f"{text:>26}" for text in texts)
        found.append(f"  {row:<{width}}  {cells}".rstrip())
    notes = [f"Note: {note}." for note in content["notes"]]
    return [*found, *sentences(content), *notes]


def sentences(content: Mapping[str, Any]) -> list[str]:
    """Whether the spaces before and after alignment follow the tree, one each."""
    return [_sentence(content, name) for name in _columns(content)[1:]]


def comparison_table(content: Mapping[str, Any]) -> Table:
    """The same table for a page, with what its figures are."""
    columns = _columns(content)
    rows = tuple(
        (
            Cell(row),
            *(Cell(r, p.strip("()")) for r, p in (_cell(pair(content, row, name)) for name in columns)),
            Cell(_cophenetic(content, row)),
        )
        for row in content["measures"]
    )
    note = (
        "Mantel's test: Spearman's r of two kinds of distances over all pairs of species, p of "
        f"{content['permutations']} permutations of the {len(content['species'])} species. Tree: "
        f"{PurePath(content['tree']).name}. The tree's own alignment follows it by construction."
    )
    notes = "".join(f" {note[:1].upper()}{note[1:]}." for note in content["notes"])
    return Table(
        "Which distances follow the tree", ("distances", *columns, COPHENETIC), rows, note=note + notes
    )


def _columns(content: Mapping[str, Any]) -> list[str]:
    return [name for name in ("tree", BEFORE, AFTER) if name in content["measures"]]


def _cophenetic(content: Mapping[str, Any], name: str) -> str:
    """Pearson's r with the tree; of the tree itself, and where all are equal, nothing."""
    r = content["cophenetic"].get(name)
    return "" if r is None else f"{r:.2f}"


def pair(content: Mapping[str, Any], one: str, other: str) -> Mapping[str, Any] | None:
    """The figures of two measures, in either order; None of one with itself."""
    return next((row for row in content["pairs"] if {row["of"], row["with"]} == {one, other}), None)


def _cell(figures: Mapping[str, Any] | None) -> tuple[str, str]:
    """r, and p in brackets."""
    if figures is None:
        return "", ""
    return ("all equal", "") if figures["r"] is None else (f"{figures['r']:.2f}", f"(p {figures['p']:.3f})")


def _sentence(content: Mapping[str, Any], space: str) -> str:
    """Whether a space follows the tree, and what that means."""
    figures = pair(content, "tree", space)
    when = "Before" if space == BEFORE else "After"
    if figures is None or figures["r"] is None:
        return f"{when} alignment: all species are equally far apart, so nothing can be said."
    does = "follow" if figures["p"] <= _CLEAR else "do not clearly follow"
    low, high = figures["shuffled"]
    told = (
        f"{when} alignment the visual distances {does} the tree (r = {figures['r']:.2f}, p = {figures['p']:.3f}; with "
        f"species shuffled {low:.2f} to {high:.2f} in 95 of 100 cases)."
    )
    if space == AFTER:
        return f"{told} {_by_construction(content)}"
    return told if figures["p"] <= _CLEAR else f"{told} {_WEAK}"


def _by_construction(content: Mapping[str, Any]) -> str:
    """Why the space after alignment says nothing of looks, and how far it follows what it was pulled to."""
    told = "Whatever it follows of the DNA after alignment proves nothing about looks: pictures were pulled to anchors"
    to_tree, to_space = (pair(content, ANCHORS, other) for other in ("tree", AFTER))
    if not (to_tree and to_space) or None in (to_tree["r"], to_space["r"]):
        return f"{told} made of their species' DNA."
    return (
        f"{told} made of their species' DNA (anchors and tree: r = {to_tree['r']:.2f}; anchors and the space after "
        f"alignment: r = {to_space['r']:.2f}, p = {to_space['p']:.3f})."
    )
