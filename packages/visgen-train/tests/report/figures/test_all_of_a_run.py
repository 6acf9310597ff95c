"""All figures of a run at once: complete, the same each time, and safe with hostile names."""

import logging
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from visgen_train.errors import DataError
from visgen_train.report.figures import exhibits, spaces, svg, tree, write_pdfs
from visgen_train.report.run_content import read_run

ORDER = [
    *(
        "sgt",
        "sequences",
        "tree",
        "spaces",
        "counts",
        "recall",
        "rare",
        "confusion",
        "reliability",
        "training",
    )
]
HOSTILE = {
    "Aus <script>alert(\"1\")</script> $x^2$ & 'co'": (9, 1, 3),
    'Aus id="axes_1" url(#evil) \u202e\u200fbig': (8, 1, 3),
    "Bus \x07\x1b ]]> --> \u6d77\u6d0b \u0645": (7, 1, 3),
    "Bus": (6, 1, 3),
    f"Cus {'long' * 45}": (5, 1, 3),
}


@pytest.fixture(scope="module")
def drawn(made_once):
    return {exhibit.name: exhibit for exhibit in exhibits(read_run(made_once))}


def test_a_run_has_every_figure_each_with_words_and_a_table(drawn):
    assert list(drawn) == ORDER
    for exhibit in drawn.values():
        assert exhibit.title
        assert exhibit.caption.endswith((".", ")"))
        assert exhibit.rows
        assert all(len(row) == len(exhibit.header) for row in exhibit.rows)
        cells = [cell for row in exhibit.rows for cell in row]
        assert all(type(cell) in (str, int, float, type(None)) for cell in cells)


def test_no_id_stands_twice_on_a_page_and_every_reference_meets_its_own(drawn):
    texts = {name: svg(exhibit) for name, exhibit in drawn.items()}
    ids = [one for text in texts.values() for one in re.findall(r' id="([^"]*)"', text)]
    assert len(ids) == len(set(ids)) > 100
    for name, text in texts.items():
        mine = {one for one in ids if one.startswith(f"{name}-")}
        meant = set(re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', text))
        assert {first or second for first, second in meant} <= mine
        assert not re.search(r'(?:src|href)="(?!#|data:image/png)', text)


def test_figures_are_the_same_each_time(made_once, drawn):
    content = read_run(made_once)
    for draw in (tree.draw, spaces.draw):
        again = draw(content)
        assert svg(again) == svg(drawn[again.name]) == svg(drawn[again.name])
        assert again.rows == drawn[again.name].rows


def test_hostile_names_are_shown_and_do_nothing(made, tmp_path):
    shown = exhibits(read_run(made(HOSTILE)))
    assert [exhibit.name for exhibit in shown] == ORDER
    for exhibit in shown:
        text = svg(exhibit)
        root = ElementTree.fromstring(text)
        assert not any(element.tag.endswith("script") for element in root.iter())
        words = {"".join(element.itertext()) for element in root.iter() if element.tag.endswith("text")}
        assert not any(mark in word for word in words for mark in ("\u202e", "\u200f", "\x07"))
        if exhibit.name in ("counts", "tree", "confusion"):
            first, _, _, fourth, long = HOSTILE
            assert {first, fourth, long[:43] + "…"} <= words
            assert 'Aus id="axes_1" url(#evil) \\u202e\\u200fbig' in words
            assert "Bus \\x07\\x1b ]]> --> \u6d77\u6d0b \u0645" in words
    write_pdfs([exhibit for exhibit in shown if exhibit.name == "confusion"], tmp_path / "pdf")
    assert (tmp_path / "pdf" / "confusion.pdf").stat().st_size > 5000


def test_an_older_run_lacks_some_figures_and_the_log_says_why(made, caplog):
    newer = ("sequence_ids", "sequence_species", "sequence_vectors", "distances", "distance_species")
    newer += tuple(f"{model}_confidence" for model in ("visual", "softmax", "aligned"))
    with caplog.at_level(logging.INFO, logger="visgen_train"):
        shown = exhibits(read_run(made(**dict.fromkeys(newer))))
    assert [exhibit.name for exhibit in shown] == [
        "spaces",
        "counts",
        "recall",
        "rare",
        "confusion",
        "training",
    ]
    told = {record.args[0]: str(record.args[1]) for record in caplog.records}
    assert told.keys() == {"sgt", "sequences", "tree", "reliability"}
    assert "genetic distances" in told["tree"]
    assert "visgen evaluate" in told["sgt"]


def test_two_species_without_tests_still_give_what_they_can(made):
    shown = exhibits(read_run(made({"Aus albus": (4, 0, 0), "Bus ater": (2, 0, 0)})))
    assert [exhibit.name for exhibit in shown] == ["sgt", "sequences", "counts", "training"]


def test_pdfs_are_vectors_and_take_the_place_of_earlier_ones(drawn, tmp_path):
    folder = tmp_path / "figures"
    write_pdfs([drawn["counts"], drawn["training"]], folder)
    first = (folder / "counts.pdf").read_bytes()
    (folder / "mine.pdf").write_bytes(b"kept")
    write_pdfs([drawn["counts"]], folder)
    assert {path.name for path in folder.iterdir()} == {"counts.pdf", "mine.pdf"}
    assert (folder / "counts.pdf").read_bytes() == first
    assert first.startswith(b"%PDF")
    assert b"/Subtype /Image" not in first


def test_arrays_that_do_not_belong_together_are_refused(made):
    folder = made(aligned_predicted=np.array(["Aus albus"]))
    with pytest.raises(DataError, match=r"predictions have not the 15 rows.*visgen evaluate"):
        read_run(folder)
    (folder / "metrics.json").unlink()
    with pytest.raises(DataError, match=r"metrics.json: not there.*visgen evaluate"):
        read_run(folder)
