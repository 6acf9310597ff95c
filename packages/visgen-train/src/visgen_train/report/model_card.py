"""model-card.md: what a model is, learnt from, gets right and cannot do, in the form of Hugging Face's model cards."""

import json
import re
import string
import unicodedata
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from visgen_train.config import Config, load_config
from visgen_train.io.atomic import write_text
from visgen_train.report import summary
from visgen_train.training.rundir import CARD

EXPORTED = "whitened-means"
"""The classifier that `visgen export` writes."""
HUB = {
    "per_class": ("recall", "per-class accuracy"),
    "overall": ("accuracy", "overall accuracy"),
    "macro_f1": ("f1", "macro F1"),
}
"""Figures: the metric of Hugging Face, and what it is called here."""
HARMLESS = frozenset(",-%'.;?")
"""Punctuation that means nothing to Markdown within a line, but for the dot of www."""
TAGS = ("biology", "taxonomy", "image-classification", "dna-barcode", "long-tail", "visgen")


def write_card(folder: Path) -> Path:
    """Write `model-card.md` into the folder of an evaluated run, from its metrics, data, settings and versions."""
    write_text(folder / CARD, model_card(folder))
    return folder / CARD


def model_card(folder: Path) -> str:
    """The card: YAML front matter and Markdown, in which everything that came from outside is escaped.

    Paths of the machine stay out of it.
    """
    metrics = _read(folder, "metrics.json")
    data, environment = _read(folder, "data.json"), _read(folder, "environment.json")
    config = load_config(file=folder / "config.yaml")
    models = {name: summary.title(metrics, name) for name in summary.models(metrics)}
    last = "aligned" if "aligned" in models else "visual"
    rows = [
        (title if name == "softmax" else f"{title}, kNN", metrics[name]) for name, title in models.items()
    ]
    exported = (
        f"{models[last]}, {EXPORTED} (what visgen export gives)",
        metrics["classifiers"][last][EXPORTED],
    )
    totals = {
        key: sum(counts[key] for counts in data["species"].values())
        for key in ("train", "validation", "test", "sequences")
    }
    return (
        _environment()
        .get_template("model-card.md.j2")
        .render(
            front=Markup(_front_matter(metrics, config, [rows[-1 if last == "aligned" else 0], exported])),
            metrics=metrics,
            data=data,
            environment=environment,
            config=config,
            weights=_weights(config.model.weights),
            models=models,
            last=last,
            rows=[*rows, exported],
            totals=totals,
            trained=summary.trained(metrics, totals),
            sentences=[summary.per_class(metrics), summary.tail(metrics)],
            verdict=summary.verdict(metrics),
            counted=summary.counted(metrics),
        )
    )


def escaped(text: str) -> str:
    """Text that Markdown and HTML show as it stands, on one line: no mark-up, no link, no change of direction.

    >>> print(escaped("<b>Aus</b> | *albus*"))
    \\<b\\>Aus\\<\\/b\\> \\| \\*albus\\*
    """
    plain = "".join(_visible(character) for character in text)
    special = set(string.punctuation) - HARMLESS
    shown = "".join(f"\\{character}" if character in special else character for character in plain)
    return re.sub(r"(?i)(www)\.", r"\1\\.", shown)


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] == "Z" or character in "\t\r\n":
        return " "
    return "\ufffd" if kind[0] == "C" else character  # controls, marks of direction, and what has no meaning


def _environment() -> Environment:
    """Of templates in which every string is escaped that a filter or `safe` has not declared ours."""

    def finalize(value: object) -> object:
        return escaped(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=PackageLoader("visgen_train.report"),
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in ("percent", "span", "points"):
        environment.filters[name] = _ours(getattr(summary, name))
    return environment


def _ours(shown: Any) -> Any:
    return lambda *arguments: Markup(shown(*arguments))


def _front_matter(metrics: dict[str, Any], config: Config, rows: list[tuple[str, dict[str, Any]]]) -> str:
    name = f"{len(metrics['visual']['species'])} species from pictures and DNA ({config.model.backbone})"
    figures = [
        {"type": kind, "name": f"{told}, {title}", "value": round(held[figure], 4)}
        for title, held in rows
        for figure, (kind, told) in HUB.items()
        if held[figure] is not None
    ]
    result = {
        "task": {"type": "image-classification"},
        "dataset": {"type": "imagefolder", "name": f"the run's {metrics['test_images']} test images"},
        "metrics": figures,
    }
    content = {
        "library_name": "visgen",
        "pipeline_tag": "image-classification",
        "tags": list(TAGS),
        "metrics": [kind for kind, _ in HUB.values()],
        "model-index": [{"name": name, "results": [result]}],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)


def _weights(weights: str) -> str:
    told = {
        "default": "the library's pretrained ones (torchvision's are ImageNet's)",
        "imagenet": "ImageNet's",
        "none": "random",
    }
    return told.get(weights, "from a file of the trainer's")


def _read(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return content
