"""report.html of an ablation: the verdict, its figure, and every table."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markupsafe import Markup

from visgen_train.io.atomic import write_text
from visgen_train.report.evidence import verdict
from visgen_train.report.evidence_cells import called, plural
from visgen_train.report.evidence_layout import PAPER, facts, meanings, tables
from visgen_train.report.evidence_standing import estimate
from visgen_train.report.figures import (
    Exhibit,
    NothingToDraw,
    difference_points,
    rare_exhibit,
    recall_exhibit,
    svg,
)
from visgen_train.report.page import render

SECTIONS = (
    ("summary", "In short"),
    ("figures", "Figures"),
    ("tables", "Tables"),
    ("names", "What the names mean"),
    ("made", "How it was made"),
    ("cite", "Citation"),
)
PANELS = {"per_class": "per class", "tail": "rare species"}


def write_evidence_page(folder: Path) -> Path:
    """Write `report.html` into the folder of an ablation, from `ablation.json` and what else it says of the making.

    Everything that came from outside (species, paths) is escaped, and the page loads nothing.

    Returns
    -------
    Path
        The page.
    """
    content = json.loads((folder / "ablation.json").read_text(encoding="utf-8"))
    config, environment = folder / "config.yaml", folder / "environment.json"
    page = render(
        "evidence.html.j2",
        sections=SECTIONS,
        version=version("visgen-train"),
        content=content,
        title=f"Does the DNA help? {len(content['species'])} species, {plural(len(content['seeds']), 'seed')}",
        verdict=verdict(content),
        facts=facts(content),
        figure=Markup(_figure(content)),
        exhibits=[(one, Markup(svg(one))) for one in _exhibits(content)],
        tables=tables(content),
        meanings=meanings(content),
        paper=PAPER,
        skipped=content["skipped"],
        config=config.read_text(encoding="utf-8") if config.exists() else "",
        environment=environment.read_text(encoding="utf-8") if environment.exists() else "",
    )
    write_text(folder / "report.html", page)
    return folder / "report.html"


def _figure(content: Mapping[str, Any]) -> str:
    """The intervals of the primary recipe as SVG, shuffled DNA at the top; empty where there is none."""
    controls = dict.fromkeys(["shuffled", *(held["against"] for held in content["differences"])])
    panels = {
        title: {called(control): found for control in controls if (found := estimate(content, control, key))}
        for key, title in PANELS.items()
    }
    drawn = {title: held for title, held in panels.items() if held}
    return difference_points(drawn) if drawn else ""


def _exhibits(content: Mapping[str, Any]) -> Iterator[Exhibit]:
    """Species by species, and the rare ones: the primary recipe with each target (Karaderi et al. 2024, Figs. 8, 9)."""
    species = {one["species"]: one for one in content["species"]}
    recalls = {
        called(target): {name: one["recall"].get(target) for name, one in species.items()}
        for target in sorted(content["targets"], key="dna".__eq__)  # last, so blue as in the page of a run
        if any(one["recall"].get(target) is not None for one in species.values())
    }
    train = {name: one["train"] for name, one in species.items()}
    sides = ("train",) if content["tail_count"] == "train" else ("train", "validation", "test")
    counted = {name: sum(one[side] for side in sides) for name, one in species.items()}
    classifier = content["classifiers"][content["classifier"]]
    if recalls:
        with contextlib.suppress(NothingToDraw):
            yield recall_exhibit(recalls, train, classifier)
        with contextlib.suppress(NothingToDraw):
            yield rare_exhibit(recalls, counted, classifier, content["tail_below"])
