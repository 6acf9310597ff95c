"""A phylogeny, and how far a visual space follows it, in words and a table."""

from collections.abc import Mapping
from typing import Any

BEFORE, AFTER, ANCHORS = "pictures, before alignment", "pictures, after alignment", "anchors of the run"
"""Names of a run's two spaces, and of what the second was pulled to."""
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
    columns = [name for name in ("tree", BEFORE, AFTER) if name in content["measures"]]
    width = max(len(name) for name in content["measures"])
    found = [
        f"Mantel correlation (Spearman's r; p of {content['permutations']} permutations of "
        f"{len(content['species'])} species):",
        f"  {'':<{width}}  " + "  ".join(f"{name:>26}" for name in columns),
    ]
    for row in content["measures"]:
        cells = "  ".join(f"{_cell(pair(content, row, name)):>26}" for name in columns)
        found.append(f"  {row:<{width}}  {cells}".rstrip())
    notes = [f"Note: {note}." for note in content["notes"]]
    return [*found, *(_sentence(content, name) for name in columns[1:]), *notes]


def pair(content: Mapping[str, Any], one: str, other: str) -> Mapping[str, Any] | None:
    """The figures of two measures, in either order; None of one with itself."""
    return next((row for row in content["pairs"] if {row["of"], row["with"]} == {one, other}), None)


def _cell(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return ""
    return "all equal" if figures["r"] is None else f"{figures['r']:.2f} (p {figures['p']:.3f})"


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
