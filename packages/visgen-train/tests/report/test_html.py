import dataclasses
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import CLASSIFIERS
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.report import figures
from visgen_train.report.evidence_layout import SPACE_NOTE
from visgen_train.report.html import write_report

HOSTILE = "Aus <script>alert(\"1\")</script> $x^2$ & 'co'"


class Page(HTMLParser):
    """Collects tags, attributes and text, the latter by table row as well."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.words, self.rows = [], [], [], []
        self.in_cell = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_data(self, text):
        self.words.append(text)
        if self.in_cell:
            self.rows[-1][-1] += " ".join(text.split())

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")


@pytest.fixture
def hostile_run(collection, small):
    """A run in which a species, with its folder, is called what no species should be."""
    folder = HOSTILE.replace("/", "\u2215")
    (collection / "images" / "Bus_ruber").rename(collection / "images" / folder)
    fasta = (collection / "sequences.fasta").read_text()
    table = "id,species\n" + "".join(
        '{},"{}"\n'.format(
            line[1:].split()[0], folder.replace('"', '""') if "ruber" in line else " ".join(line.split()[1:3])
        )
        for line in fasta.splitlines()
        if line.startswith(">")
    )
    (collection / "labels.csv").write_text(table)
    inputs = Inputs(collection / "images", collection / "sequences.fasta", labels=collection / "labels.csv")
    run(inputs, collection / "run", small)
    return collection / "run", folder


def test_the_page_is_self_contained_and_escapes_names(hostile_run):
    run_folder, name = hostile_run
    text = write_report(run_folder).read_text(encoding="utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert page.tags.count("svg") == 3
    assert page.tags.count("img") == 8  # three training pictures, but one species has two
    assert all(source.startswith(("data:image/jpeg;base64,", "#")) for source in page.sources)
    assert not re.search(r"url\((?!#|&quot;#)", text)
    assert "Content-Security-Policy" in text
    words = "".join(page.words)
    assert words.count(name) >= 2  # the table and the bars


def test_the_page_says_what_the_metrics_say(collection, small):
    metrics = run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", small)
    text = write_report(collection / "run").read_text(encoding="utf-8")
    words = re.sub(r"\s+", " ", "".join(Page(text).words))
    for model in ("visual", "aligned"):
        assert f"{100 * metrics[model]['per_class']:.1f} %" in words
    assert "Trained on 16 images, epoch chosen on 3, tested on 5 never used before; 6 DNA sequences." in words
    again = write_report(collection / "run").read_text(encoding="utf-8")
    assert again == text
    last = dataclasses.replace(small, train=dataclasses.replace(small.train, select="last", epochs=1))
    run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "last", last)
    assert "last epoch kept, tested on 5" in " ".join(write_report(collection / "last").read_text().split())


def figures_by_hand(overall, per_class, tail, calibration_error):
    points = {"overall": overall, "per_class": per_class, "tail": tail, "head": None}
    points |= {"macro_f1": 0.375, "genus": 0.75, "top3": 1.0}
    intervals = {key: None if value is None else [value - 0.125, value] for key, value in points.items()}
    return {**points, "calibration_error": calibration_error, "intervals": intervals, "chosen": {}}


def test_every_classifier_and_the_space_are_shown(collection, small):
    run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", small)
    file = collection / "run" / "metrics.json"
    metrics = json.loads(file.read_text())
    whitened = {**figures_by_hand(0.5, 0.25, None, 0.0625), "chosen": {"s2": 0.25, "<b>": 1.0}}
    metrics["classifiers"] = {
        "visual": {"knn": figures_by_hand(0.875, 0.625, 0.5, None), "whitened-means": whitened},
        "aligned": {"centroid": figures_by_hand(0.375, 0.25, 0.125, 0.03)},
    }
    metrics["recommended"] |= {"classifier": "knn", "without_dna": "knn", "why": "<b>Why</b>."}
    metrics["space"] = {
        "visual": {"genus_silhouette": -0.126, "species_silhouette": 0.25, "centroid_spread": 0.5},
        "aligned": {"genus_silhouette": 0.0625, "species_silhouette": 0.375, "centroid_spread": None},
    }
    file.write_text(json.dumps(metrics))
    text = write_report(collection / "run").read_text(encoding="utf-8")
    page = Page(text)
    named = {row[0]: row for row in page.rows if len(row) == 10}
    assert named["knn"][1] == CLASSIFIERS["knn"].description
    assert named["knn"][2:5] == ["62.5(50.0 to 62.5)", "50.0(37.5 to 50.0)", "–"]
    assert named["knn"][5:7] == ["87.5(75.0 to 87.5)", "37.5(25.0 to 37.5)"]
    assert named["knn"][7:] == ["75.0(62.5 to 75.0)", "100.0(87.5 to 100.0)", "–"]
    assert named["whitened-means(s2 = 0.25, <b> = 1)"][3] == "–"
    assert named["whitened-means(s2 = 0.25, <b> = 1)"][9] == "6.2"
    assert "<b>" not in text
    assert named["centroid"][2] == "25.0(12.5 to 25.0)"
    assert text.index("<h3>images alone, %") < text.index("<h3>aligned to the DNA, %")
    assert ["images alone", "−0.13", "0.25", "0.50"] in page.rows
    assert ["aligned to the DNA", "0.06", "0.38", "–"] in page.rows
    words = re.sub(r"\s+", " ", "".join(page.words))
    assert "Do not pick the row" in words
    assert f"{SPACE_NOTE} visgen ablate compares with shuffled DNA." in words
    assert "(–)" not in text  # common species: there are none, so no interval either
    assert "Genus: taken for" in text


def test_genera_are_not_spoken_of_where_there_is_one(collection, small):
    (collection / "images" / "Bus_ruber").rename(collection / "images" / "Aus_ruber")
    fasta = collection / "sequences.fasta"
    fasta.write_text(fasta.read_text().replace("Bus ruber", "Aus ruber"))
    run(Inputs(collection / "images", fasta), collection / "run", small)
    text = write_report(collection / "run").read_text(encoding="utf-8")
    heads = {cell for row in Page(text).rows for cell in row}
    assert {"macro F1", "among the first 3", "silhouette of species"} <= heads
    assert not {"genus", "silhouette of genera"} & heads
    assert "Genus: taken for" not in text


def test_a_run_without_training_has_no_curves_and_does_not_say_it_trained(collection, small):
    untrained = dataclasses.replace(
        small,
        train=dataclasses.replace(small.train, epochs=0),
        align=dataclasses.replace(small.align, epochs=0),
    )
    run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", untrained)
    text = write_report(collection / "run").read_text(encoding="utf-8")
    page = Page(text)
    words = re.sub(r"\s+", " ", "".join(page.words))
    assert "Nothing trained, 16 images to compare with, tested on 5 never used before" in words
    assert page.tags.count("svg") == 2
    assert "<h2>Training</h2>" not in text
    assert "epoch chosen" not in words


def test_the_heading_counts_the_species_that_have_dna(collection, small):
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">")[1:] if "ruber" not in part))
    wanted = dataclasses.replace(
        small,
        data=dataclasses.replace(small.data, species="all"),
        train=dataclasses.replace(small.train, epochs=0),
        align=dataclasses.replace(small.align, epochs=0),
    )
    run(Inputs(collection / "images", fasta), collection / "run", wanted)
    text = write_report(collection / "run").read_text(encoding="utf-8")
    assert "<h1>2 species, from pictures and DNA</h1>" in text
    assert "<title>visgen: 2 species" in text


def test_pictures_that_are_gone_are_left_out(collection, small):
    run(Inputs(collection / "images", collection / "sequences.fasta"), collection / "run", small)
    (collection / "images").rename(collection / "moved")
    assert "img" not in Page(write_report(collection / "run").read_text(encoding="utf-8")).tags


def test_figures_are_svg_and_draw_every_species():
    counts = {
        name: {"train": n, "recall": r}
        for name, n, r in (("Aus albus", 9, 0.5), ("Bus b", 3, 1.0), ("C c", 1, None))
    }
    svg = figures.recall_bars({"a": counts, "b": counts})
    ElementTree.fromstring(svg)
    assert "Aus albus (9)" in svg
    assert "C c" not in svg  # no test image, nothing to draw
    rng = np.random.default_rng(0)
    maps = figures.embedding_maps({"a": rng.normal(size=(12, 4))}, ["Aus albus", "Bus b"] * 6)
    ElementTree.fromstring(maps)
    assert "A. albus" in maps
    few = figures.embedding_maps({"a": rng.normal(size=(2, 4))}, ["Aus albus", "Bus b"])
    assert "B. b" in few
