"""The page of a run: what it says is what metrics.json says, and no name becomes markup."""

import base64
import dataclasses
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import CLASSIFIERS
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import run
from visgen_train.report.evidence_layout import SPACE_NOTE
from visgen_train.report.figures.all_of_a_run import FIGURES
from visgen_train.report.html import write_report


class Page(HTMLParser):
    """Collects tags with their attributes, scripts, and text, the latter by table row as well."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.words, self.rows, self.scripts = [], [], [], [], []
        self.in_cell = self.in_script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, *sorted(name for name, _ in attributes)))
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True
        elif tag == "script":
            self.scripts.append((dict(attributes).get("type"), ""))
            self.in_script = True
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]

    def handle_data(self, text):
        if self.in_script:
            kind, held = self.scripts[-1]
            self.scripts[-1] = (kind, held + text)
        else:
            self.words.append(text)
        if self.in_cell:
            self.rows[-1][-1] += " ".join(text.split())

    def handle_endtag(self, tag):
        self.in_cell = self.in_cell and tag not in ("td", "th")
        self.in_script = self.in_script and tag != "script"

    def named(self, tag):
        return [one for one in self.tags if one[0] == tag]

    def said(self):
        return re.sub(r"\s+", " ", "".join(self.words))


def written(folder):
    text = write_report(folder).read_text(encoding="utf-8")
    return text, Page(text)


def parted(text):
    """The figures of a page, and the page without them."""
    figure = re.compile("<svg.*?</svg>", re.DOTALL)
    return Page("".join(figure.findall(text))), Page(figure.sub("", text))


def changed(folder, name, **values):
    file = folder / name
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | values), encoding="utf-8")


@pytest.fixture(autouse=True)
def few_figures(request, monkeypatch):
    """Two of the figures, which have tests of their own; all where names are hostile."""
    if "hostile_run" not in request.fixturenames:
        for name in FIGURES.keys() - {"recall", "training"}:
            monkeypatch.delitem(FIGURES, name)


def test_no_name_becomes_a_tag_or_an_attribute(hostile_run, hostile_names):
    text, page = written(hostile_run)
    plain, _ = written(hostile_run.with_name("plain"))
    (drawn, around), (drawn_plain, around_plain) = map(parted, (text, plain))
    assert Counter(around.tags) == Counter(around_plain.tags)
    assert set(drawn.tags) == set(drawn_plain.tags)  # how many ticks an axis has depends on the names' length
    assert not re.search("[\u200e\u200f\u202a-\u202e]", text)
    for name in hostile_names:
        assert page.said().count(name) >= 3  # the table of species, the map's choice of species, its table
    assert page.said().count("{{ 7 * 7 }}") >= 3
    (held,) = (json.loads(text) for kind, text in page.scripts if kind and "species" in text)
    assert held["species"] == sorted(hostile_names)


def test_the_page_loads_nothing_and_runs_its_own_scripts_alone(finished):
    text, page = written(finished)
    assert all(source.startswith(("data:", "#")) for source in page.sources)
    assert not re.search(r"url\((?!#|&quot;#)", "".join(re.split("<script.*?</script>", text, flags=re.S)))
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1].replace(
        "&#39;", "'"
    )
    assert policy.startswith(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-"
    )
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for kind, script in page.scripts
        if kind is None
    ]
    assert re.search("script-src ([^;]*);", policy)[1].split() == hashes
    assert len(hashes) == 2  # plotly and ours
    assert len(text.encode()) < 8_000_000


def test_the_page_says_what_the_metrics_say(finished):
    metrics = json.loads((finished / "metrics.json").read_text())
    text, page = written(finished)
    for model in ("visual", "aligned"):
        assert f"{100 * metrics[model]['per_class']:.1f} %" in page.said()
    assert (
        "Trained on 16 images, epoch chosen on 3, tested on 5 never used before; 6 DNA sequences."
        in page.said()
    )
    assert "Shuffled DNA was not tried in this run" in page.said()
    assert "Nothing was left out" in page.said()
    assert re.search("SHA-256 over ids, species and bases [0-9a-f]{64}", page.said())
    assert "arXiv:1608.03533" in page.said()
    assert written(finished)[0] == text
    changed(finished, "metrics.json", epoch_kept="last")
    assert "last epoch kept, tested on 5" in written(finished)[1].said()


def test_sections_stand_in_their_order(finished):
    text, page = written(finished)
    order = ["summary", "accuracy", "species", "figures", "data", "made", "cite"]
    assert re.findall('<(?:h2|section)[^>]* id="([^"]*)"', text) == order
    assert page.sources[: len(order) + 2] == ["data:,", "#content", *(f"#{name}" for name in order)]


def test_what_was_left_out_is_told(finished):
    read = {"Aus vetus": {"accepted": "Aus albus", "images": 2, "sequences": 0, "why": "shipped table"}}
    changed(
        finished,
        "data.json",
        names_read_as=read,
        skipped_images={"a.png": "no picture"},
        images_without_sequences={"Cus c": 1},
        sequences_without_images={"Dus d": 2},
    )
    said = written(finished)[1].said()
    assert "Aus vetus as Aus albus: 2 images, 0 sequences (shipped table)" in said
    assert "1 left out (--skip-bad): a.png: no picture" in said
    assert "Cus c: 1 image, no sequence" in said
    assert "Dus d: 2 sequences, no image" in said
    assert "Nothing was left out" not in said


def test_a_verdict_of_visgen_evidence_is_told(finished):
    told = {"species": 3, "p_value": 0.5, "signal": 0.25, "signal_interval": [0.0, 1.0]}
    (finished / "evidence.json").write_text(json.dumps(told))
    assert "Too few species to say whether DNA informs looks: 3" in written(finished)[1].said()


def figures_by_hand(overall, per_class, tail, calibration_error):
    points = {"overall": overall, "per_class": per_class, "tail": tail, "head": None}
    points |= {"macro_f1": 0.375, "genus": 0.75, "top3": 1.0}
    intervals = {key: None if value is None else [value - 0.125, value] for key, value in points.items()}
    return {**points, "calibration_error": calibration_error, "intervals": intervals, "chosen": {}}


def test_every_classifier_and_the_space_are_shown(finished):
    whitened = {**figures_by_hand(0.5, 0.25, None, 0.0625), "chosen": {"s2": 0.25, "<b>": 1.0}}
    chosen = json.loads((finished / "metrics.json").read_text())["recommended"]
    chosen |= {"classifier": "knn", "without_dna": "knn", "why": "<b>Why</b>."}
    changed(
        finished,
        "metrics.json",
        recommended=chosen,
        classifiers={
            "visual": {"knn": figures_by_hand(0.875, 0.625, 0.5, None), "whitened-means": whitened},
            "aligned": {"centroid": figures_by_hand(0.375, 0.25, 0.125, 0.03)},
        },
        space={
            "visual": {"genus_silhouette": -0.126, "species_silhouette": 0.25, "centroid_spread": 0.5},
            "aligned": {"genus_silhouette": 0.0625, "species_silhouette": 0.375, "centroid_spread": None},
        },
    )
    text, page = written(finished)
    named = {row[0]: row for row in page.rows if len(row) == 10}
    assert named["knn"][1] == CLASSIFIERS["knn"].description
    assert named["knn"][2:5] == ["62.5(50.0 to 62.5)", "50.0(37.5 to 50.0)", "–"]
    assert named["knn"][5:7] == ["87.5(75.0 to 87.5)", "37.5(25.0 to 37.5)"]
    assert named["knn"][7:] == ["75.0(62.5 to 75.0)", "100.0(87.5 to 100.0)", "–"]
    assert named["whitened-means(s2 = 0.25, <b> = 1)"][3] == "–"
    assert named["whitened-means(s2 = 0.25, <b> = 1)"][9] == "6.2"
    assert named["centroid"][2] == "25.0(12.5 to 25.0)"
    assert text.index("<h3>images alone, %") < text.index("<h3>aligned to the DNA, %")
    assert ["images alone", "−0.13", "0.25", "0.50"] in page.rows
    assert ["aligned to the DNA", "0.06", "0.38", "–"] in page.rows
    assert "Do not pick the row" in page.said()
    assert "<b>Why</b>. Settled before the test images were met, knn recognises 62.5 %" in page.said()
    assert "62.5 % recognised by knn, which names species; their mean" in page.said()  # not aligned kNN
    assert f"{SPACE_NOTE} visgen ablate compares with shuffled DNA." in page.said()
    assert "(–)" not in text  # common species: there are none, so no interval either
    assert "Genus: taken for" in text


def test_genera_are_not_spoken_of_where_there_is_one(finished, rename_species):
    rename_species(finished, {"Bus ruber": "Aus ruber"})
    text, page = written(finished)
    heads = {cell for row in page.rows for cell in row}
    assert {"macro F1", "among the first 3", "silhouette of species"} <= heads
    assert not {"genus", "silhouette of genera"} & heads
    assert "Genus: taken for" not in text


def test_a_run_without_training_or_of_some_species_says_so(collection, small):
    fasta = collection / "sequences.fasta"
    fasta.write_text("".join(">" + part for part in fasta.read_text().split(">")[1:] if "ruber" not in part))
    untrained = dataclasses.replace(
        small,
        data=dataclasses.replace(small.data, species="all"),
        train=dataclasses.replace(small.train, epochs=0),
        align=dataclasses.replace(small.align, epochs=0),
    )
    run(Inputs(collection / "images", fasta), collection / "run", untrained)
    text, page = written(collection / "run")
    assert "Nothing trained, " in page.said()
    assert "epoch chosen" not in page.said()
    assert 'id="curves"' not in text
    assert "Shuffled DNA" not in page.said()
    assert "<h1>2 species, from pictures and DNA</h1>" in text
    assert "<title>visgen: 2 species" in text
    assert "No sequence: Bus ruber." in page.said()


def test_pictures_that_are_gone_are_left_out(finished):
    assert (
        len(written(finished)[1].named("img")) == 10
    )  # five test images, in the table of species and the map's
    changed(finished, "data.json", images=str(finished / "moved"))
    assert not written(finished)[1].named("img")


def test_a_folder_without_results_is_refused(finished):
    (finished / "metrics.json").unlink()
    with pytest.raises(DataError, match="visgen evaluate"):
        write_report(finished)


def test_the_page_shows_what_was_compared(finished):
    pairs = [
        {"of": "tree", "with": name, "r": r, "p": p, "shuffled": [-0.2, 0.2]}
        for name, r, p in (("words of 7 letters", 0.71, 0.001), ("pictures, before alignment", 0.19, 0.026))
    ]
    content = {
        "species": ["Aus albus"] * 5,
        "permutations": 999,
        "tree": "some/where/my.nwk",
        "notes": ["a note"],
    }
    content |= {"measures": ["tree", "words of 7 letters", "pictures, before alignment"], "pairs": pairs}
    content["cophenetic"] = {"words of 7 letters": 0.81, "pictures, before alignment": None}
    (finished / "comparison.json").write_text(json.dumps(content))
    page = write_report(finished).read_text(encoding="utf-8")
    assert "Before alignment the visual distances follow the tree (r = 0.19, p = 0.026" in page
    assert "0.71" in page
    assert "(p 0.001)" in page
    assert "Tree: my.nwk." in page
    assert "A note." in page
    (finished / "comparison.json").write_text("{}")
    with pytest.raises(DataError, match="comparison.json: cannot be read"):
        write_report(finished)
    (finished / "comparison.json").unlink()
    assert "Mantel" not in write_report(finished).read_text(encoding="utf-8")


def test_a_run_of_an_earlier_visgen_is_sent_to_be_evaluated_again(finished):
    file = finished / "metrics.json"
    metrics = json.loads(file.read_text())
    del metrics["recommended"]
    file.write_text(json.dumps(metrics))
    with pytest.raises(DataError, match="of an earlier visgen.*visgen evaluate"):
        write_report(finished)
