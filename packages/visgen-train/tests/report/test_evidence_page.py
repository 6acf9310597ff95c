"""The page of an ablation: verdict first, every table, names escaped, points where the figures say."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from visgen_train.report import figures
from visgen_train.report.evidence import verdict
from visgen_train.report.evidence_page import write_evidence_page

HOSTILE = "<script>alert(1)</script> \"q\" & 'co' $x^2$"


class Page(HTMLParser):
    """Collects tags, what they load, the words, and the words of each table cell."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.words, self.cells = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href", "xlink:href")]
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, text):
        self.words.append(text)
        if self.cells:
            self.cells[-1] += text


@pytest.fixture
def written(tmp_path):
    """Writes a content's page; gives its text and the parsed page."""

    def write(content):
        (tmp_path / "ablation.json").write_text(json.dumps(content), encoding="utf-8")
        text = write_evidence_page(tmp_path).read_text(encoding="utf-8")
        return text, Page(text)

    return write


def words(page):
    return re.sub(r"\s+", " ", "".join(page.words))


def test_the_page_leads_with_the_verdict_and_holds_every_table(evidence, written):
    content = evidence()
    text, page = written(content)
    assert f'<p class="lead">{verdict(content)}</p>'.replace("'", "&#39;") in text
    assert page.tags.count("table") == 7 + 2  # the numbers of two figures
    assert page.tags.count("svg") == 3
    titles = re.findall("<h[23].*>(.*)</h[23]>", text)
    assert titles == [
        "Figures",
        "Real DNA minus each control",
        "Accuracy of each species",
        "Accuracy of the rare species",
        "Tables",
        "Table 1, %",
        "Real DNA minus each control, points",
        "Classifiers on ltr-aligned, %",
        "ltr-aligned: real minus shuffled DNA, points",
        "Every target, %",
        "How genera and species lie",
        "Species",
        "What the names mean",
        "The targets",
        "The classifiers",
        "Skipped",
        "How this was made",
        "Citation",
    ]
    said = words(page)
    assert "paper, EndlessForams" in said
    assert "Any anchors, even shuffled ones, space species" in said
    assert "Images: my/images." in said
    assert text.count('<tr class="rare">') == 3
    assert "<pre" not in text
    assert written(content)[0] == text


def test_names_are_escaped_and_nothing_is_loaded(evidence, written):
    content = evidence(images="</code><img src=x>", skipped=["<b>\u202ex</b>"])
    content["species"][0]["species"] = HOSTILE + "\u202e\u200f"
    text, page = written(content)
    assert "img" not in page.tags
    assert page.tags.count("script") == 1  # the page's own
    assert page.tags.count("b") == len(content["targets"]) + len(content["classifiers"])
    assert HOSTILE + "\\u202e\\u200f" in page.cells
    assert not re.search("[\u200f\u202e]", text)
    assert all(source.startswith(("#", "data:,")) for source in page.sources)
    assert not re.search(r"url\((?!#|&quot;#)", text)
    assert "default-src &#39;none&#39;; img-src data:" in text


def test_the_making_is_shown_where_it_is_known(evidence, written, tmp_path):
    (tmp_path / "config.yaml").write_text("seed: 7 # <i>\n")
    (tmp_path / "environment.json").write_text(json.dumps({"torch": "2.x"}))
    text, page = written(evidence())
    assert '<pre tabindex="0">seed: 7 # &lt;i&gt;' in text
    assert '"torch": "2.x"' in words(page)


def test_features_have_no_figures_of_the_paper(features_content, written):
    text, page = written(features_content)
    assert "EndlessForams" not in text
    assert "Features: my/features.npz." in words(page)
    assert "Images:" not in text
    assert "The split was drawn here" not in text
    assert "The split was drawn here" in written({**features_content, "split_given": False})[0]


def test_a_page_without_any_figure(empty_content, written):
    text, page = written(empty_content)
    assert "svg" not in page.tags
    assert "None" not in words(page)
    assert page.cells.count("–") > 100
    assert "could not be compared" in text


def test_a_page_of_images_alone(unaligned_content, written):
    text, page = written(unaligned_content)
    assert "Nothing was aligned to the DNA here" in text
    assert page.tags.count("svg") == 2  # each species, and the rare ones
    assert page.tags.count("table") == 4 + 2
    assert "Skipped" not in text


def test_one_seed(evidence, written):
    text, page = written(evidence(seeds=(7,)))
    assert "Does the DNA help? 12 species, 1 seed</h1>" in text
    assert "One seed:" in words(page)


def test_the_figure_has_a_panel_for_each_measure_and_skips_what_has_no_interval(evidence, written):
    content = evidence()
    assert "real DNA minus control, points" in written(content)[0]
    assert written(content)[0].count(">real DNA minus control, points<") == 2
    for one in content["differences"]:
        one["figures"]["tail"] = None
        if one["against"] == "collinear":
            one["figures"]["per_class"]["low"] = one["figures"]["per_class"]["high"] = None
    text = written(content)[0]
    assert text.count(">real DNA minus control, points<") == 1
    drawn = text[text.index("<svg") : text.index("</svg>")]
    assert "collinear" not in drawn
    assert drawn.index(">shuffled<") < drawn.index(">no alignment<")


def test_points_stand_where_the_figures_say():
    held = {"mean": 0.05, "low": 0.0, "high": 0.1, "seeds": [0.02, None, 0.08]}
    svg = figures.difference_points({"per class": {"shuffled": held, "other": held | {"seeds": []}}})
    root = ElementTree.fromstring(svg)
    marks = [
        float(use.get("x"))
        for use in root.iter("{http://www.w3.org/2000/svg}use")
        if "0072b2" in use.get("style")
    ]
    low, middle, high = sorted(marks)
    assert middle == pytest.approx((low + high) / 2, abs=0.01)
    assert svg.count("#0072b2") > 3
    assert svg.count("#999999") >= 2
