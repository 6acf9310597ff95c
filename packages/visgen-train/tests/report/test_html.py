import dataclasses
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.report import figures
from visgen_train.report.html import write_report

HOSTILE = "Aus <script>alert(\"1\")</script> $x^2$ & 'co'"


class Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_data(self, text):
        self.words.append(text)


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
