"""report.html: one self-contained page, made from the files of a run folder."""

import base64
import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, Template
from markupsafe import Markup
from PIL import Image

from visgen_train.config import load_config
from visgen_train.io.atomic import write_text
from visgen_train.io.images import decode
from visgen_train.report import figures, summary
from visgen_train.report.run_content import read_run
from visgen_train.report.run_tables import classifier_tables, space_table
from visgen_train.training.rundir import FIGURES

THUMBNAIL = 72
THUMBNAILS_PER_SPECIES = 3
REPORTED = ("train", "test", "sequences", "most_often_taken_for", "nearest_by_dna")


def write_report(folder: Path) -> Path:
    """Write `report.html` into a finished run folder, from its metrics, data, embeddings and configuration.

    Its figures are written beside it as PDF. Everything that came from outside (species, file names) is escaped, and
    the page loads nothing.

    Returns
    -------
    Path
        The page.
    """
    metrics = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    totals = {
        side: sum(counts[side] for counts in data["species"].values()) for side in ("train", "validation")
    }
    page = template("report.html.j2").render(
        metrics=metrics,
        data=data,
        models={name: summary.title(metrics, name) for name in summary.models(metrics)},
        scored=len(metrics["visual"]["species"]),
        trained=summary.trained(metrics, totals),
        sentences=[summary.per_class(metrics), summary.tail(metrics)],
        verdict=summary.verdict(metrics),
        counted=summary.counted(metrics),
        classifiers=classifier_tables(metrics),
        space=space_table(metrics),
        rows=_species_rows(metrics, data, load_config(file=folder / "config.yaml").data.white),
        figures={name: Markup(svg) for name, svg in _figures(folder, metrics).items()},
        config=(folder / "config.yaml").read_text(encoding="utf-8"),
        environment=json.loads((folder / "environment.json").read_text(encoding="utf-8")),
    )
    figures.write_pdfs(figures.exhibits(read_run(folder)), folder / FIGURES)
    write_text(folder / "report.html", page)
    return folder / "report.html"


def template(name: str) -> Template:
    """A page's template: everything is escaped in it."""
    environment = Environment(loader=PackageLoader("visgen_train.report"), autoescape=True, trim_blocks=True)
    environment.filters.update(percent=summary.percent, span=summary.span, points=summary.points)
    return environment.get_template(name)


def _figures(folder: Path, metrics: dict[str, Any]) -> dict[str, str]:
    titles = {name: summary.title(metrics, name) for name in ("visual", "aligned") if name in metrics}
    with np.load(folder / "embeddings.npz", allow_pickle=False) as stored:
        tested = stored["split"] == "test"
        species = stored["species"][tested]
        embeddings = {title: stored[f"{name}_embedding"][tested] for name, title in titles.items()}
    drawn = {
        "bars": figures.recall_bars({title: metrics[name]["species"] for name, title in titles.items()}),
        "maps": figures.embedding_maps(embeddings, species.tolist()),
    }
    epochs = _epochs(folder)
    return {**drawn, "curves": figures.training_curves(epochs)} if epochs else drawn


def _epochs(folder: Path) -> list[dict[str, str]]:
    try:
        with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:  # no stage was trained
        return []


def _species_rows(metrics: dict[str, Any], data: dict[str, Any], white: int) -> list[dict[str, Any]]:
    models = summary.models(metrics)
    pictures = _thumbnails(data, white)
    rows = [
        {
            "name": name,
            **{key: held[key] for key in REPORTED},
            "rare": name in metrics["tail_species"],
            "recalls": [metrics[model]["species"][name]["recall"] for model in models],
            "pictures": pictures.get(name, []),
        }
        for name, held in metrics[models[-1]]["species"].items()
    ]
    return sorted(rows, key=lambda row: (row["train"], row["name"]))


def _thumbnails(data: dict[str, Any], white: int) -> dict[str, list[str]]:
    """Some training pictures of each species as data URIs; none where the files are no longer there."""
    root, found = Path(data["images"]), dict[str, list[str]]()
    for item in data["items"]:
        mine = found.setdefault(item["species"], [])
        if item["split"] == "train" and len(mine) < THUMBNAILS_PER_SPECIES:
            try:
                pixels = decode((root / item["file"]).read_bytes(), THUMBNAIL, white=white)
            except (OSError, ValueError):
                continue
            encoded = io.BytesIO()
            Image.fromarray(pixels.transpose(1, 2, 0)).save(encoded, "JPEG", quality=80)
            mine.append("data:image/jpeg;base64," + base64.b64encode(encoded.getvalue()).decode())
    return found
