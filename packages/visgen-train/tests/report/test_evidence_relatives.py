"""Kriging's control and species without images, in tables, files and closing lines."""

import csv

import pandas as pd
import pytest
from visgen_train.io.atomic import write_json
from visgen_train.report.evidence_page import write_evidence_page
from visgen_train.report.evidence_relatives import relatives_lines, relatives_tables
from visgen_train.report.evidence_tables import data_frames, markdown, write_tables


def estimate(mean, low, high):
    return {"mean": mean, "low": low, "high": high, "seeds": [mean] * 3}


def figures_of(held, **keys):
    (found,) = (one["figures"] for one in held if keys.items() <= one.items())
    return found


def test_the_tables_have_the_primary_recipe_and_every_method(with_relatives):
    content = with_relatives()
    kriging, zero_shot, minus = relatives_tables(content)
    assert {row[0].value for row in kriging.rows} == {"ltr-aligned"}
    assert [row[3].value for row in kriging.rows[:4]] == [
        "shuffled DNA",
        "no DNA (shrinkage)",
        "shuffled DNA",
        "no DNA (fused-shrinkage)",
    ]
    figures_of(content["zero_shot"]["rows"], method="kriging")["top3"] = estimate(0.52, 0.4, 0.634)
    figures_of(content["zero_shot"]["differences"], against="shuffled")["top1"] = estimate(0.2, -0.01, 0.41)
    _, zero_shot, minus = relatives_tables(content)
    assert zero_shot.columns[2:4] == ("first of those left out", "among the first 3")
    assert "among the first 5" not in zero_shot.columns  # of four
    assert (zero_shot.rows[0][3].value, zero_shot.rows[0][3].interval) == ("52.0", "40.0 to 63.4")
    assert zero_shot.rows[3][1].value == "chance"
    assert zero_shot.rows[3][4].value == "–"
    assert (minus.rows[0][1].value, minus.rows[0][2].value) == ("shuffled DNA", "+20.0")
    assert minus.rows[0][2].interval == "−1.0 to +41.0"
    assert "What counts is minus shuffled" in minus.note
    assert "a quarter of the 12 species, up to 4 at once" in zero_shot.note


def test_without_a_primary_recipe_all_are_told_and_nothing_left_out_is_no_table(with_relatives):
    content = with_relatives(primary_recipe=None, zero_shot=None) | {"zero_shot": None}
    (kriging,) = relatives_tables(content)
    assert {row[0].value for row in kriging.rows} == {"naive", "ltr-aligned"}


def test_the_closing_lines_say_what_counts(with_relatives, evidence):
    content = with_relatives()
    keys = {"recipe": "ltr-aligned", "classifier": "kriging", "against": "shuffled"}
    figures_of(content["kriging"], target="none", **keys)["per_class"] = estimate(0.031, 0.01, 0.05)
    figures_of(content["kriging"], target="dna", **keys)["per_class"] = estimate(0.005, -0.01, 0.02)
    table = content["zero_shot"]
    for method, share in {"kriging": 0.5, "shuffled": 0.26, "anchor": 0.4, "chance": 0.25}.items():
        figures_of(table["rows"], method=method)["top1"] = estimate(share, share, share)
    figures_of(table["differences"], against="shuffled")["top1"] = estimate(0.24, 0.1, 0.38)
    found = relatives_lines(content)
    assert found[0] == ""
    assert max(map(len, found)) <= 120
    text = " ".join(found[1:])
    assert text.startswith(
        "Kriging (relatives by DNA), real minus shuffled DNA, points per class: ltr-aligned before alignment +3.1 "
        "(+1.0 to +5.0), above zero; ltr-aligned after it +0.5 (−1.0 to +2.0), which can be chance."
    )
    assert (
        "ltr-aligned: first among them 50.0 (shuffled 26.0, anchor 40.0, chance 25.0); real minus shuffled DNA +24.0 "
        "(+10.0 to +38.0), above zero."
    ) in text
    assert "of fewer than 3 seeds, which proves nothing" in " ".join(relatives_lines(with_relatives((7,))))
    assert relatives_lines(evidence()) == []


def test_files_page_and_frames_have_them(with_relatives, tmp_path):
    content = with_relatives()
    write_tables(tmp_path, content)
    with (tmp_path / "ablation.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["table"] == "zero_shot"]
    assert [row["method"] for row in rows[::6]] == ["kriging", "shuffled", "anchor", "chance"]
    held = figures_of(content["zero_shot"]["rows"], method="kriging")["top1"]
    assert float(rows[0]["low"]) == pytest.approx(held["low"])
    frames = {name: pd.DataFrame(made) for name, made in data_frames(content).items()}
    assert len(frames["kriging"]) == len(content["kriging"]) * 8
    shuffled = frames["zero_shot_differences"].query("against == 'shuffled' and figure == 'top1'")
    assert (
        shuffled["mean"].item()
        == figures_of(content["zero_shot"]["differences"], against="shuffled")["top1"]["mean"]
    )
    write_json(tmp_path / "ablation.json", content)
    page = write_evidence_page(tmp_path).read_text()
    for text in (page, markdown(content)):
        for table in relatives_tables(content):
            assert table.title in text.replace("\\", "")
