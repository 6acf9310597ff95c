"""report.html: one self-contained page, made from the files of a run folder."""

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markupsafe import Markup

from visgen_train.errors import DataError
from visgen_train.io.atomic import write_text
from visgen_train.report import signal, summary
from visgen_train.report.advice import advice
from visgen_train.report.figures import exhibits, write_pdfs
from visgen_train.report.figures.exhibit import svg
from visgen_train.report.interactive import MOST_POINTS, curves, image_map
from visgen_train.report.page import render
from visgen_train.report.phylogeny import comparison_table, sentences
from visgen_train.report.run_content import RunContent, read_run
from visgen_train.report.run_tables import classifier_tables, space_table
from visgen_train.report.species_rows import SpeciesRow, compared, counted_rows, species_rows
from visgen_train.report.thumbnails import fairly, thumbnails
from visgen_train.training.rundir import COMPARISON, EVIDENCE, FIGURES

SECTIONS = (
    ("summary", "In short"),
    ("accuracy", "Accuracy"),
    ("species", "Species"),
    ("figures", "Figures"),
    ("data", "Data"),
    ("made", "How it was made"),
    ("cite", "Citation"),
)

FIRST = ("recall", "rare", "confusion")
"""Exhibits that a reader looks for; they stand before the map, all others behind it."""
PLOTS = {"training": "curves"}
"""Exhibits that the page's script draws in place of their SVG, with the id of the plot."""


def write_report(folder: Path, tree: Path | None = None, synonyms: Path | None = None) -> Path:
    """Write `report.html` into a finished run folder, from its metrics, data, embeddings and configuration.

    Its figures are written beside it as PDF. Everything that came from outside (species, file names) is escaped, and
    the page loads nothing.

    Parameters
    ----------
    folder : Path
    tree : Path, optional
        Newick or Nexus, to show in place of neighbour joining on the run's distances.
    synonyms : Path, optional
        For the names of its tips.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    DataError
        The folder holds no finished run, or one of an earlier visgen that did not settle what names species; or
        `given_tree` refuses the tree.
    """
    content = replace(read_run(folder), tree_file=tree, synonyms=synonyms)
    if "recommended" not in content.metrics:
        raise DataError(
            f"{folder / 'metrics.json'}: of an earlier visgen, it does not say what names species; evaluate the run "
            f"again: visgen evaluate {folder}"
        )
    rows, drawn = species_rows(content), exhibits(content)
    write_pdfs(drawn, folder / FIGURES)
    page = render(
        "report.html.j2",
        plots=True,
        sections=SECTIONS,
        version=version("visgen-train"),
        **_words(content, rows),
        **_tables(content, rows),
        **_pictures(content, rows),
        **_relatives(folder / COMPARISON),
        exhibits=[(one, "" if one.name in PLOTS else Markup(svg(one))) for one in drawn],
        first=FIRST,
        plots_of=PLOTS,
        curves=curves(content.epochs),
        config=(folder / "config.yaml").read_text(encoding="utf-8"),
        environment=json.dumps(content.environment, indent=1, ensure_ascii=False),
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


def _words(content: RunContent, rows: Sequence[SpeciesRow]) -> dict[str, Any]:
    metrics = content.metrics
    totals = {
        side: sum(counts[side] for counts in content.data["species"].values())
        for side in ("train", "validation")
    }
    evidence = content.folder / EVIDENCE
    return {
        "trained": summary.trained(metrics, totals),
        "sentences": [summary.per_class(metrics), summary.tail(metrics)],
        "tiles": _tiles(metrics),
        "verdict": summary.verdict(metrics),
        "signal": signal.verdict(json.loads(evidence.read_text(encoding="utf-8")))
        if evidence.exists()
        else "",
        "recommended": summary.recommended(metrics),
        "advice": advice(metrics, rows),
        "counted": summary.counted(metrics),
    }


def _relatives(comparison: Path) -> dict[str, Any]:
    """What `visgen phylogeny --compare` found of the run, if it was asked."""
    if not comparison.is_file():
        return {}
    try:
        found = json.loads(comparison.read_text(encoding="utf-8"))
        return {"relatives": comparison_table(found), "follows": sentences(found)}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{comparison}: cannot be read ({error!r}). Make it again by visgen phylogeny --compare, or remove it."
        ) from error


def _tiles(metrics: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures that matter, each with what it is and its interval or size."""
    chosen = metrics["recommended"]
    names = metrics["classifiers"][chosen["embedding"]][chosen["classifier"]]
    rare = f"of the {metrics['tested_species']['tail']} rare species that were tested, by the same"
    found = [
        (
            f"{len(metrics['visual']['species'])} species",
            "with pictures and DNA",
            f"{metrics['test_images']} test images",
        ),
        _tile(names, "per_class", f"recognised by {chosen['classifier']}, which names species; their mean"),
        _tile(names, "tail", rare),
    ]
    if "aligned" in metrics:
        gain = metrics["aligned_minus_visual"]
        interval = f"95 % interval {summary.span(gain['intervals']['per_class'], signed=True)}"
        if gain["units_that_differ"] < summary.LEAST_DIFFERING:
            interval = "on too few test images to say anything"
        found.append(
            (
                f"{summary.points(gain['per_class'])} points",
                "by aligning to the DNA, as kNN sees it",
                interval,
            )
        )
    return [tile for tile in found if tile[0] != summary.percent(None)]


def _tile(figures: dict[str, Any], name: str, words: str) -> tuple[str, str, str]:
    return summary.percent(figures[name]), words, f"95 % interval {summary.span(figures['intervals'][name])}"


def _tables(content: RunContent, rows: Sequence[SpeciesRow]) -> dict[str, Any]:
    return {
        "metrics": content.metrics,
        "data": content.data,
        "models": content.titles,
        "compared": {model: content.titles[model] for model in compared(content)},
        "classifiers": classifier_tables(content.metrics),
        "space": space_table(content.metrics),
        "rows": rows,
    }


def _pictures(content: RunContent, rows: Sequence[SpeciesRow]) -> dict[str, Any]:
    """The map, and thumbnails of the examples and of as many of the map's images as there is room for."""
    examples = {one.row for row in rows for one in row.examples}
    chosen = fairly(content.truth, examples)[:MOST_POINTS]
    files = content.files[counted_rows(content)].tolist()
    made = thumbnails(Path(content.data["images"]), files, chosen, content.config.data.white)
    return {
        "map": image_map(content, chosen),
        "map_pictures": [made.get(place) for place in chosen],
        "thumbnails": made,
    }
