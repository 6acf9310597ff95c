"""The tables of ablation.json as text, laid out once for the terminal, Markdown and the page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from visgen_train.io.cells import visible
from visgen_train.report.evidence_cells import (
    Cell,
    Table,
    called,
    differences,
    plain,
    plural,
    share,
    shares,
)
from visgen_train.report.evidence_relatives import relatives_tables
from visgen_train.report.summary import counted, percent

MAIN = {"per_class": "per class", "tail": "rare (tail)", "head": "common (head)", "overall": "overall"}
OTHER = {"macro_f1": "macro F1", "genus": "genus", "top3": "among the first 3"}
SPACE = {
    "genus_silhouette": "silhouette of genera",
    "species_silhouette": "silhouette of species",
    "centroid_spread": "spread of centroid distances",
}
COUNTS = {
    "train": "training images",
    "validation": "validation images",
    "test": "test images",
    "sequences": "DNA",
}
PAPER = "paper, EndlessForams"
PAPER_NOTE = (
    "The paper's figures (Karaderi et al. 2024) are of EndlessForams: 6,801 test images, 32 species, one run each, "
    "rare under 100 images and common over 1,000. They are not results of visgen."
)
SPACE_NOTE = (
    "Silhouettes run from −1 to 1; larger: images of one genus (or species) lie closer together than to the next. "
    "Spread: how much the distances between the species' centroids vary, over their mean; smaller: the species stand "
    "more evenly. Any anchors, even shuffled ones, space species: only a difference from shuffled says something of "
    "genetics."
)


def tables(content: Mapping[str, Any]) -> list[Table]:
    """All tables that have a row, in the order they are read.

    Parameters
    ----------
    content : mapping
        Of ablation.json.
    """
    built = [
        main_table(content),
        difference_table(content),
        *_classifier_tables(content),
        *relatives_tables(content),
        _control_table(content),
        _space_table(content),
        _species_table(content),
    ]
    return [table for table in built if table.rows]


def main_table(content: Mapping[str, Any]) -> Table:
    """Each recipe as it ends: aligned to the real DNA if it aligns; the paper's figures beside it if it has any."""
    recipes = content["recipes"]
    paper = any(recipe["paper"] for recipe in recipes.values())
    rows = []
    for name, recipe in recipes.items():
        found = _matching(content["rows"], name, "dna" if recipe["aligns"] else "none", content["classifier"])
        theirs = recipe["paper"] or {}
        rows.append(
            (
                *(Cell(name), Cell(recipe["what"])),
                *shares(found[0]["figures"] if found else {}, MAIN),
                *(Cell(f"{theirs[key]:.1f}" if key in theirs else "–") for key in MAIN if paper),
            )
        )
    title = "Table 1, %" if paper else "Accuracy, %"
    columns = ("recipe", "what", *MAIN.values(), *(MAIN.values() if paper else ()))
    note = f"Classifier: {content['classifier']}.{' ' + PAPER_NOTE if paper else ''}"
    return Table(title, columns, tuple(rows), 2, len(MAIN) if paper else 0, note)


def difference_table(content: Mapping[str, Any], recipe: str | None = None) -> Table:
    """Real DNA minus each control by the pre-declared classifier, of one recipe or of all."""
    rows = tuple(
        (Cell(held["recipe"]), Cell(called(held["against"])), *differences(held["figures"], MAIN))
        for held in content["differences"]
        if held["classifier"] == content["classifier"] and recipe in (None, held["recipe"])
    )
    note = (
        "Above zero: real DNA recognised more. Only real minus shuffled says something of genetics, and that beside "
        "real minus same-steps, since wrong anchors can do harm."
    )
    columns = ("recipe", "control", *MAIN.values())
    return Table("Real DNA minus each control, points", columns, rows, 2, note=note)


def facts(content: Mapping[str, Any]) -> str:
    """What the figures rest on: how many of everything, what the intervals cover, where the split comes from."""
    images, units = content["test_images"], content["test_units"]
    tested = f"{images} test images" + (f" of {units} specimens or other groups" if units != images else "")
    seeds = ", ".join(map(str, content["seeds"]))
    numbers = (
        f"{len(content['species'])} species, {tested}, {plural(len(content['seeds']), 'seed')} ({seeds}); chance is "
        f"{percent(content['chance'])}. Rare: under {content['tail_below']} {counted(content)} "
        f"({content['tail_species']} species); common: over {content['head_above']} ({content['head_species']})."
    )
    return " ".join(filter(None, (numbers, _intervals(len(content["seeds"])), split_note(content))))


def split_note(content: Mapping[str, Any]) -> str:
    """What a split drawn here can hide in the features of a model that was trained elsewhere; else empty."""
    if content["kind"] != "features" or content["split_given"]:
        return ""
    return (
        "The split was drawn here: if the model behind the features was trained on some of these images, test images "
        "it has seen are among them and the figures are too good; give its split (splits)."
    )


def _intervals(seeds: int) -> str:
    """How an interval is made (`evaluation.seeds.across`)."""
    drawn = (
        "within each species the test images (or specimens) are drawn again, the same ones for both models of a "
        "difference"
    )
    if seeds == 1:
        return f"In brackets: 95 % interval of one seed: {drawn}."
    return (
        f"In brackets: 95 % interval. In each seed, {drawn}; over the S seeds it is mean ± √(t²s²/S + z²v), s² the "
        "variance between seeds (t of S − 1 degrees of freedom, so few seeds make it wide), v that over those draws. "
        "Measures of space: seeds alone."
    )


def meanings(content: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Heading -> name -> what it is: every target, with its name in the tables and files, and every classifier."""
    targets = {
        f"{called(name)} ({name})" if called(name) != name else name: what
        for name, what in content["targets"].items()
    }
    return {"The targets": targets, "The classifiers": dict(content["classifiers"])}


def _classifier_tables(content: Mapping[str, Any]) -> Iterator[Table]:
    primary = content["primary_recipe"]
    wanted = (None, ("none",)) if primary is None else (primary, ("none", "dna", "shuffled"))
    found = [
        held
        for classifier in content["classifiers"]
        for held in content["rows"]
        if held["classifier"] == classifier
        and wanted[0] in (None, held["recipe"])
        and held["target"] in wanted[1]
    ]
    rows = tuple(
        (
            Cell(held["classifier"]),
            Cell(held["recipe"] if primary is None else called(held["target"])),
            *shares(held["figures"], ("per_class", "tail", "overall", *OTHER, "calibration_error")),
        )
        for held in found
    )
    some = ("per class", "rare (tail)", "overall", *OTHER.values())
    columns = ("classifier", "recipe" if primary is None else "target", *some, "calibration error")
    note = "Fixed beforehand: " + content["classifier"] + ". Calibration error: smaller is better."
    yield Table(f"Classifiers{f' on {primary}' if primary else ''}, %", columns, rows, 2, note=note)
    rows = tuple(
        (Cell(held["classifier"]), *differences(held["figures"], ("per_class", "tail", "overall", *OTHER)))
        for held in content["differences"]
        if held["recipe"] == primary and held["against"] == "shuffled"
    )
    note = "Of many intervals some leave out zero by chance; the verdict was fixed beforehand to one."
    yield Table(f"{primary}: real minus shuffled DNA, points", ("classifier", *some), rows, note=note)


def _control_table(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            *(Cell(held["recipe"]), Cell(called(held["target"])), Cell(str(held["cells"]))),
            *shares(held["figures"], MAIN),
        )
        for held in content["rows"]
        if content["recipes"][held["recipe"]]["aligns"] and held["classifier"] == content["classifier"]
    )
    columns = ("recipe", "target", "trained models", *MAIN.values())
    return Table("Every target, %", columns, rows, 2)


def _space_table(content: Mapping[str, Any]) -> Table:
    rows = tuple(
        (
            Cell(held["recipe"]),
            Cell(called(held["target"])),
            *(plain(held["figures"].get(key)) for key in SPACE),
        )
        for held in content["space"]
    )
    columns = ("recipe", "target", *SPACE.values())
    return Table("How genera and species lie", columns, rows, 2, note=SPACE_NOTE)


def _species_table(content: Mapping[str, Any]) -> Table:
    held = sorted(content["species"], key=lambda one: (one["train"], one["species"]))
    targets = [key for key in content["targets"] if any(key in one["recall"] for one in held)]
    rows = tuple(
        (
            Cell(visible(one["species"])),
            *(Cell(str(one[key])) for key in COUNTS),
            *(Cell(share(one["recall"].get(target))) for target in targets),
        )
        for one in held
    )
    which = f" by {content['primary_recipe']}" if content["primary_recipe"] else ""
    classifier = content["classifier"]
    note = (
        f"Share of each species' test images recognised{which}, classifier {classifier}, mean of the seeds."
    )
    if content["split_varies"]:
        note += " Each seed split the images anew; the numbers of images are those of the first."
    columns = (
        *("species, rarest first", *COUNTS.values()),
        *(f"recognised, {called(target)}, %" for target in targets),
    )
    rare = frozenset(i for i, one in enumerate(held) if one["rare"])
    return Table("Species", columns, rows, note=note, species=True, rare=rare)


def _matching(
    rows: Sequence[Mapping[str, Any]], recipe: str, target: str, classifier: str
) -> list[Mapping[str, Any]]:
    key = (recipe, target, classifier)
    return [held for held in rows if (held["recipe"], held["target"], held["classifier"]) == key]
