"""The table of species, the advice, the thumbnails and the map of a run's page."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.report.advice import advice, needy
from visgen_train.report.interactive import curves, image_map
from visgen_train.report.run_content import read_run
from visgen_train.report.species_rows import Recall, SpeciesRow, counted_rows, species_rows
from visgen_train.report.thumbnails import fairly, thumbnails


def row(name, train, right, tested, taken_for=(), sequences=3):
    recalls = {"visual": Recall(0, tested), "aligned": Recall(right, tested)}
    return SpeciesRow(name, train, tested, sequences, False, recalls, taken_for, ("x", 0.5), (), tested)


def test_wilson_by_hand():
    z = 1.959963984540054
    for right, tested in ((3, 15), (0, 4), (15, 15)):
        share, square = right / tested, z * z / tested
        middle = (share + square / 2) / (1 + square)
        half = z * np.sqrt(share * (1 - share) / tested + square / (4 * tested)) / (1 + square)
        low, high = Recall(right, tested).interval
        assert low == pytest.approx(max(0, middle - half), abs=1e-12)
        assert high == pytest.approx(min(1, middle + half), abs=1e-12)
    assert Recall(0, 0).share is None
    assert Recall(0, 0).interval is None


def test_rows_agree_with_the_metrics(finished):
    content = read_run(finished)
    tested = counted_rows(content)
    assert content.image_species[tested].tolist() == content.truth.tolist()
    rows = species_rows(content)
    assert [one.train for one in rows] == sorted(one.train for one in rows)
    assert [one.units for one in rows] == [one.last.tested for one in rows]  # there are no groups
    for one in rows:
        for model, found in one.recalls.items():
            held = content.metrics[model]["species"][one.name]
            assert found.tested == held["test"]
            assert found.share == pytest.approx(held["recall"])
        assert (list(one.taken_for[0]) if one.taken_for else None) == held["most_often_taken_for"]
        for example in one.examples:
            assert content.truth[example.row] == one.name
            assert content.predicted["aligned"][example.row] == (example.taken_for or one.name)


def test_advice_names_what_needs_pictures_and_what_is_mixed_up():
    rows = [
        row("few and poor", 2, 1, 12, (("other", 11),)),
        row("few and fine", 3, 11, 12),
        row("few and half", 4, 6, 12, sequences=1),
        row("many and taken", 50, 2, 12, (("twin", 9), ("other", 1))),
        row("many and poor", 60, 1, 12, (("a", 2), ("b", 2))),
        row("hardly tested", 70, 1, 2),
    ]
    assert [one.name for one in needy(rows)] == ["few and poor"]
    pictures, twins, tests, sequences, control = advice({"aligned": {}}, rows)
    assert pictures.species == (("few and poor", "2 training images, 1 of 12 recognised"),)
    assert twins.species == (("many and taken", "taken for twin, 9 of 12"),)
    assert tests.text.startswith("1 of 6 species has fewer than 10 test images")
    assert sequences.species == (("few and half", ""),)
    assert "visgen ablate" in control.text
    assert not any("ablate" in one.text for one in advice({}, rows))
    assert "stands out" in advice({}, [row("a", 5, 12, 12)])[0].text
    by_specimen = [replace(row("a", 5, 12, 12), units=3), row("b", 5, 12, 12)]
    assert advice({}, by_specimen)[-1].text.startswith(
        "1 of 2 species has fewer than 10 groups of test images, such as specimens,"
    )
    many = advice({}, [row(f"s{i}", 1, 0, 12) for i in range(9)])[0]
    assert (len(many.species), many.left) == (5, 4)


def test_thumbnails_are_shared_out_fairly(tmp_path):
    truth = np.array(["a"] * 5 + ["b"] * 2)
    assert fairly(truth, {4}) == [4, 0, 5, 1, 6, 2, 3]
    (tmp_path / "broken.png").write_bytes(b"none")
    assert thumbnails(tmp_path, ["broken.png", "gone.png"], [0, 1], 65535) == {}


def test_the_map_holds_each_image_once_and_its_names_in_the_middle(finished):
    content = read_run(finished)
    chosen = [4, 0, 2, 1, 3]
    found = image_map(content, chosen)
    assert [found["species"][i] for i in found["truth"]] == content.truth[chosen].tolist()
    assert found["files"] == content.files[counted_rows(content)[chosen]].tolist()
    assert [model["title"] for model in found["models"]] == ["images alone", "aligned to the DNA"]
    for name, model in zip(("visual", "aligned"), found["models"], strict=True):
        assert [found["species"][i] for i in model["predicted"]] == content.predicted[name][chosen].tolist()
        for species, x, y in model["labels"]:
            mine = [i for i, one in enumerate(found["truth"]) if one == species]
            assert x == pytest.approx(np.median([model["x"][i] for i in mine]), abs=0.02)
            assert y == pytest.approx(np.median([model["y"][i] for i in mine]), abs=0.02)
    assert image_map(content, chosen) == found


def test_curves_count_epochs_through_the_stages():
    rows = [
        {"stage": "images", "epoch": "1", "loss": "2.5", "validation_per_class": "0.25"},
        {"stage": "images", "epoch": "2", "loss": "2", "validation_per_class": ""},
        {"stage": "align", "epoch": "1", "loss": "1", "validation_per_class": "0.5"},
    ]
    assert curves(rows) == [
        {"stage": "images", "epochs": [1, 2], "loss": [2.5, 2.0], "validation": [25.0, None]},
        {"stage": "align", "epochs": [3], "loss": [1.0], "validation": [50.0]},
    ]
