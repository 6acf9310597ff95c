"""What genetic distances did: kriging with real ones and with shuffled ones, and species without images."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from visgen_train.report.evidence_cells import Cell, Table, differences, plural, shares
from visgen_train.report.evidence_standing import side_of
from visgen_train.report.summary import points, span

WIDTH: Final = 120
LEAST_SEEDS: Final = 3
"""With fewer, nothing in an interval stands for which species happen to be left out together."""
ACCURACY: Final = {
    "per_class": "per class",
    "tail": "rare (tail)",
    "head": "common (head)",
    "overall": "overall",
}
AMONG_ALL: Final = {
    "unseen": "left out, among all species",
    "seen": "the others, among all",
    "harmonic": "harmonic mean of the two",
}
METHODS: Final = {
    "kriging": "kriging: by DNA from their relatives",
    "shuffled": "the same by shuffled DNA",
    "anchor": "nearest DNA anchor",
    "chance": "chance",
}
CONTROLS: Final = {
    "shuffled": "shuffled DNA",
    "anchor": "nearest DNA anchor",
    "chance": "chance",
    "shrinkage": "no DNA (shrinkage)",
    "fused-shrinkage": "no DNA (fused-shrinkage)",
}
EMBEDDINGS: Final = {"none": "before alignment", "dna": "after it"}
MEANING: Final = {1: "above zero", 0: "which can be chance", -1: "below zero"}


def relatives_tables(content: Mapping[str, Any]) -> list[Table]:
    """Kriging minus its controls; species without images, and kriging minus its controls there.

    Parameters
    ----------
    content : mapping
        Of ablation.json.
    """
    found = [_kriging_table(content)]
    if content["zero_shot"] is not None:
        found += [_zero_shot_table(content), _zero_shot_differences(content)]
    return found


def relatives_lines(content: Mapping[str, Any]) -> list[str]:
    """The closing lines on a terminal: kriging minus shuffled, and for each recipe how species left out fared."""
    told = [*_kriging_lines(content), *_zero_shot_lines(content)]
    return ["", *(line for one in told for line in textwrap.wrap(one, WIDTH))] if told else []


def _kriging_table(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            *(Cell(held["recipe"]), Cell(EMBEDDINGS[held["target"]])),
            *(Cell(held["classifier"]), Cell(CONTROLS[held["against"]])),
            *differences(held["figures"], ACCURACY),
        )
        for held in _told(content)
    )
    note = (
        "The classifiers kriging and fused draw the means of species with few images to those of their relatives by "
        "DNA. What counts is minus shuffled: there each species has the genetic distances of another (after alignment "
        "its anchor, too), and all else is the same. Minus no DNA says what leaving it out would cost. Above zero: the "
        f"species' own DNA recognised more. {len(content['species'])} species; all recipes are in ablation.csv."
    )
    columns = ("recipe", "embedding", "classifier", "minus", *ACCURACY.values())
    return Table("Relatives by DNA: kriging minus each control, points", columns, rows, 4, note=note)


def _told(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Of the primary recipe, and of features as they came; of every recipe where none is primary."""
    primary = content["primary_recipe"]
    wanted = ("features", primary) if primary else tuple(content["recipes"])
    return [held for held in content["kriging"] if held["recipe"] in wanted]


def _zero_shot_table(content: Mapping[str, Any]) -> Table:
    table = content["zero_shot"]
    figures = _figures(table)
    rows = tuple(
        (Cell(held["recipe"]), Cell(METHODS[held["method"]]), *shares(held["figures"], figures))
        for held in table["rows"]
    )
    columns = ("recipe", "by", *figures.values())
    return Table("Species without images, %", columns, rows, 2, note=_how(content))


def _how(content: Mapping[str, Any]) -> str:
    left, species = content["zero_shot"]["species_left_out"], len(content["species"])
    return (
        f"In turn a quarter of the {species} species, up to {left} at once, was left out of all training and of every "
        "choice, as if there were no picture of them, and placed by their DNA among the other species' pictures. Then "
        "their test pictures were asked for: among those left out alone (the first columns), and among all species, "
        "with a constant taken off the others' scores that may cost them a tenth of their accuracy. Means over "
        "species. The intervals cover seeds and test pictures, not the choice of species: others could fare otherwise."
    )


def _zero_shot_differences(content: Mapping[str, Any]) -> Table:
    table = content["zero_shot"]
    figures = _figures(table)
    rows = tuple(
        (Cell(held["recipe"]), Cell(CONTROLS[held["against"]]), *differences(held["figures"], figures))
        for held in table["differences"]
    )
    note = (
        "What counts is minus shuffled: there each species has the DNA distances of another, and all else is the same. "
        f"Above zero: the species' own DNA helped to find them. {len(content['species'])} species, "
        f"{plural(len(content['seeds']), 'seed')}."
    )
    columns = ("recipe", "minus", *figures.values())
    return Table("Species without images: kriging minus each control, points", columns, rows, 2, note=note)


def _figures(table: Mapping[str, Any]) -> dict[str, str]:
    """Those that say something: among the first three of three species is every one."""
    firsts = {1: "first of those left out", 3: "among the first 3", 5: "among the first 5"}
    told = {f"top{k}": name for k, name in firsts.items() if k < table["species_left_out"]}
    return {**told, **AMONG_ALL}


def _kriging_lines(content: Mapping[str, Any]) -> Iterator[str]:
    found = [
        f"{held['recipe']} {EMBEDDINGS[held['target']]} {_difference(held['figures']['per_class'])}"
        for held in _told(content)
        if (held["classifier"], held["against"]) == ("kriging", "shuffled") and held["figures"]["per_class"]
    ]
    if found:
        yield f"Kriging (relatives by DNA), real minus shuffled DNA, points per class: {'; '.join(found)}."


def _zero_shot_lines(content: Mapping[str, Any]) -> Iterator[str]:
    table, seeds = content["zero_shot"], len(content["seeds"])
    if table is None:
        return
    held = {(row["recipe"], row["method"]): row["figures"] for row in table["rows"]}
    minus = {(row["recipe"], row["against"]): row["figures"] for row in table["differences"]}
    yield (
        f"Zero-shot, {table['species_left_out']} of {len(content['species'])} species at a time without images, placed "
        "by their DNA; per class, % (intervals cover seeds and test images, not the choice of species):"
    )
    for recipe in dict.fromkeys(recipe for recipe, _ in held):
        found = held[recipe, "kriging"]
        if found["top1"] is None:
            continue
        methods = [name for name in ("shuffled", "anchor", "chance") if (recipe, name) in held]
        yield (
            f"{recipe}: first among them {_percent(found['top1'])} ({_beside(held, recipe, methods)}); real minus "
            f"shuffled DNA {_difference(minus[recipe, 'shuffled']['top1'], seeds >= LEAST_SEEDS)}. Among all species "
            f"{_percent(found['unseen'])}, and {_percent(found['seen'])} of those with images."
        )


def _beside(held: Mapping[tuple[str, str], Any], recipe: str, methods: Sequence[str]) -> str:
    return ", ".join(f"{name} {_percent(held[recipe, name]['top1'])}" for name in methods)


def _difference(estimate: Mapping[str, Any], enough: bool = True) -> str:
    """`+3.1 (−1.0 to +5.2), which can be chance`; of too few seeds it says so in place of a meaning."""
    if estimate["low"] is None:
        return points(estimate["mean"])
    ends = span([estimate["low"], estimate["high"]], signed=True)
    meaning = (
        MEANING[side_of(estimate)] if enough else f"of fewer than {LEAST_SEEDS} seeds, which proves nothing"
    )
    return f"{points(estimate['mean'])} ({ends}), {meaning}"


def _percent(estimate: Mapping[str, Any] | None) -> str:
    return "–" if estimate is None else f"{100 * estimate['mean']:.1f}"
