"""The card of a run, read by Hugging Face's own reader and by a reader of Markdown."""

import dataclasses
import json
import re

import pytest
from markdown_it import MarkdownIt
from visgen_train.config import load_config, to_yaml
from visgen_train.report.model_card import escaped, model_card, write_card

HOSTILE = (
    "<script>alert(1)</script>",
    "[Aus](javascript:alert) ![x](http://evil.example/x.png)",
    "Aus | albus `code` *b* __c__ ~~d~~ $e$",
    "Bus\n# heading\n---",
    "Cus \u202eruber\u202c www.evil.example me@evil.example",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt; \\",
)
"""Names as a table of labels could hold them."""


def _figures(value):
    names = ("overall", "per_class", "tail", "head", "macro_f1", "genus", "top3", "calibration_error")
    return {**dict.fromkeys(names, value), "intervals": {key: [value - 0.1, value + 0.1] for key in names}}


def _per_species(recall):
    rows = {name: {"recall": recall, "train": 5, "test": 3} for name in HOSTILE}
    return {**_figures(recall), "species": rows}


@pytest.fixture
def folder(tmp_path):
    metrics = {
        "visual": _per_species(0.5),
        "aligned": _per_species(0.625),
        "aligned_minus_visual": {**_figures(0.125), "units_that_differ": 9},
        "classifiers": {
            "visual": {"whitened-means": _figures(0.6)},
            "aligned": {"whitened-means": _figures(0.75)},
        },
        "epochs": {"images": 3, "balance": 0, "align": 2},
        "epoch_kept": "best",
        "test_images": 18,
        "chance": 1 / 6,
        "tested_species": {"per_class": 6, "tail": 6, "head": 0},
        "tail_species": list(HOSTILE),
        "trained_only_species": [],
        "tail_below": 20,
        "tail_count": "train",
        "seed": 4,
    }
    counts = {"train": 5, "validation": 2, "test": 3, "sequences": 4}
    data = {
        "species": dict.fromkeys(HOSTILE, counts),
        "group": "<b>specimen",
        "sequences": {"sha256": "ab12"},
        "images": "/home/me/secret",
    }
    packages = {"visgen-train": "0.1.0", "torch": "2", "torchvision": "0", "sgt-dna": "0.1.0"}
    for name, content in (
        ("metrics", metrics),
        ("data", data),
        ("environment", {"python": "3.12", "packages": packages}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    config = load_config("light", settings=["model.weights=none"])
    model = dataclasses.replace(config.model, weights="/home/me/secret.pth")
    (tmp_path / "config.yaml").write_text(to_yaml(dataclasses.replace(config, model=model), "settings"))
    return tmp_path


def test_hostile_names_are_shown_as_they_stand_and_do_nothing(folder):
    card = model_card(folder)
    body = card.split("---\n", 2)[2]
    reader = MarkdownIt("gfm-like", {"linkify": False}).enable("table")
    tokens = [part for token in reader.parse(body) for part in (token, *(token.children or ()))]
    assert not {token.type for token in tokens} & {
        "link_open",
        "image",
        "html_inline",
        "html_block",
        "s_open",
    }
    names = ["".join(part.content for part in token.children) for token in tokens if token.type == "inline"]
    for name in HOSTILE:
        assert name.replace("\n", " ").replace("\u202e", "\ufffd").replace("\u202c", "\ufffd") in names
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1
    assert "/home/me" not in card
    assert "\u202e" not in card


def test_links_that_readers_make_of_bare_addresses():
    for text in ("www.evil.example", "WWW.evil.example", "http://evil.example", "me@evil.example"):
        rendered = escaped(text)
        assert not any(sign in rendered.lower() for sign in ("www.", "://", "e@"))


def test_hugging_faces_reader_finds_the_figures(folder):
    hub = pytest.importorskip(
        "huggingface_hub", reason="huggingface_hub, which timm brings, is not installed"
    )
    card = hub.ModelCard.load(write_card(folder))
    found = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert found["per-class accuracy, aligned to the DNA, kNN"] == 0.625
    assert found["overall accuracy, aligned to the DNA, whitened-means (what visgen export gives)"] == 0.75
    assert card.data.license is None  # the user's to choose
    assert card.data.pipeline_tag == "image-classification"


def test_the_table_of_figures(folder):
    lines = model_card(folder).splitlines()
    assert "| images alone, kNN | 50.0 % (40.0 to 60.0) | 50.0 % (40.0 to 60.0) |" in "\n".join(lines)
    changed = next(line for line in lines if line.startswith("| aligned minus before"))
    assert changed.count("+12.5 (+2.5 to +22.5)") == 4
    assert sum(line.endswith("| 5 | 2 | 3 | 4 | 50.0 % | 62.5 % |") for line in lines) == 6
    assert "30 training, 12 validation and 18 test images, 24 DNA sequences." in lines


@pytest.mark.parametrize(
    ("error", "told"),
    [(0.0625, "are calibrated on the validation images; .*: 6.2 %."), (None, "are not calibrated, for want")],
)
def test_what_the_exported_probabilities_are_worth(folder, error, told):
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["classifiers"]["aligned"]["whitened-means"]["calibration_error"] = error
    (folder / "metrics.json").write_text(json.dumps(metrics))
    assert re.search(told, model_card(folder))


def test_a_run_without_alignment(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    for name in ("aligned", "aligned_minus_visual"):
        del metrics[name]
    del metrics["classifiers"]["aligned"]
    metrics["epochs"]["align"] = 0
    (folder / "metrics.json").write_text(json.dumps(metrics))
    card = model_card(folder)
    assert "| images alone, whitened-means" in card
    assert "aligned to the" not in card.split("# How well")[1].split("## Data")[0]
