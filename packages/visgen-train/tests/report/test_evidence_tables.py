"""ablation.csv and ablation.md: every figure, no formulas, well-formed tables."""

import re

import numpy as np
import pandas as pd
import pytest
from visgen_train.io.cells import neutralised
from visgen_train.report.evidence_layout import facts, tables
from visgen_train.report.evidence_tables import data_frames, escaped, markdown, write_tables

HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> *_x_* \u202e\"q\"\nz"


def read(folder):
    return pd.read_csv(folder / "ablation.csv", keep_default_na=False, na_values=[""])


def cells(line):
    return re.split(r"(?<!\\)\|", line)[1:-1]


def markdown_tables(text):
    """Each table of the text as rows of cells."""
    found, block = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            block.append([cell.strip() for cell in cells(line)])
        elif block:
            found.append(block)
            block = []
    return found


def test_the_csv_holds_every_figure(evidence, tmp_path):
    content = evidence()
    write_tables(tmp_path, content)
    table = read(tmp_path)
    for name, other in (("rows", "target"), ("differences", "against"), ("space", "target")):
        mine = table[table["table"] == name]
        expected = [(one, figure) for one in content[name] for figure in one["figures"]]
        assert len(mine) == len(expected)
        for (_, row), (one, figure) in zip(mine.iterrows(), expected, strict=True):
            assert (row["recipe"], row[other], row["figure"]) == (one["recipe"], one[other], figure)
            held = one["figures"][figure]
            ends = [np.nan if held[key] is None else held[key] for key in ("mean", "low", "high")]
            written = row[["mean", "low", "high", "seed 7", "seed 8", "seed 9"]].astype(float)
            np.testing.assert_array_equal(written, [*ends, *held["seeds"]])
            assert name == "space" or row["classifier"] == one["classifier"]
    assert set(table.loc[table["target"] == "shuffled", "cells"].dropna()) == {15}
    one = content["species"][3]
    mine = table[table["species"] == one["species"]].set_index(["figure", "target"], drop=False)["mean"]
    assert mine["train"].item() == one["train"]
    assert mine["sequences"].item() == one["sequences"]
    assert mine["recall", "shuffled"] == one["recall"]["shuffled"]


def test_texts_cannot_run_as_formulas_and_numbers_stay_numbers(evidence, tmp_path):
    content = evidence()
    content["species"][0]["species"] = HOSTILE
    write_tables(tmp_path, content)
    table = read(tmp_path)
    assert "'" + HOSTILE in set(table["species"])
    assert (table["mean"] < 0).any()
    for text in ("=1", "+1", "-1", "@x", "\tx", "\rx", "'=1"):
        assert neutralised(text) == "'" + text
    assert neutralised("a=1") == "a=1"


@pytest.mark.parametrize("seeds", [(7,), (7, 8, 9)])
def test_the_rows_for_data_frames_are_flat(evidence, seeds):
    content = evidence(seeds)
    content["rows"][0]["figures"]["tail"] = None
    frames = {name: pd.DataFrame(rows) for name, rows in data_frames(content).items()}
    tail = ["figure", "mean", "low", "high", *(f"seed {seed}" for seed in seeds)]
    assert list(frames["rows"]) == ["recipe", "target", "classifier", "cells", *tail]
    assert list(frames["differences"]) == ["recipe", "against", "classifier", *tail]
    assert list(frames["space"]) == ["recipe", "target", *tail]
    counts = ["species", "rare", "train", "validation", "test", "sequences"]
    assert list(frames["species"]) == [*counts, "recall none", "recall dna", "recall shuffled"]
    held = content["rows"][5]["figures"]["genus"]
    row = frames["rows"].iloc[5 * 8 + 5]
    assert row["figure"] == "genus"
    assert row[tail[1:]].tolist() == [held["mean"], held["low"], held["high"], *held["seeds"]]
    empty = frames["rows"].iloc[2]
    assert empty["figure"] == "tail"
    assert empty[tail[1:]].isna().all()


def test_markdown_tables_are_well_formed(evidence, features_content, empty_content, unaligned_content):
    hostile = evidence(seeds=(7,))
    hostile["species"][0]["species"] = HOSTILE
    expected = {"images": 7, "features": 7}
    for content in (evidence(), hostile, features_content, empty_content):
        found = markdown_tables(markdown(content))
        assert len(found) == expected[content["kind"]]
        for table in found:
            assert {len(row) for row in table} == {len(table[0])}
            assert all(cell in ("---", "---:") for cell in table[1])
    assert len(markdown_tables(markdown(unaligned_content))) == 4  # no differences, no controls


def test_markdown_says_what_the_content_says(evidence):
    content = evidence()
    text = markdown(content)
    assert text.index("Per class, ltr-aligned") < text.index("## Table 1, %")
    held = next(
        one["figures"]["tail"]
        for one in content["rows"]
        if (one["recipe"], one["target"], one["classifier"]) == ("ltr-aligned", "dna", "knn")
    )
    main = markdown_tables(text)[0]
    row = next(row for row in main if row[0] == "ltr-aligned")
    assert row[3] == f"{100 * held['mean']:.1f} ({100 * held['low']:.1f} to {100 * held['high']:.1f})"
    assert row[6:] == ["77.6", "59.7", "87.4", "88.0"]
    assert main[0][6:] == ["paper: per class", "paper: rare (tail)", "paper: common (head)", "paper: overall"]
    assert "They are not results of visgen." in text
    assert "12 species, 960 test images, 3 seeds (7, 8, 9); chance is 8.3 %." in text
    assert "(3 species); common: over 100 (4)." in text
    assert "- genus-shuffled of naive: no genus has two species" in text
    assert "- collinear: random anchors as near to each other as the DNA's are" in text
    assert "- real DNA (dna): anchors from the species' DNA" in text
    units = markdown(evidence(test_units=320))
    assert "960 test images of 320 specimens or other groups" in units


def test_the_intervals_are_described_as_they_are_made(evidence):
    several, one = facts(evidence()), facts(evidence(seeds=(7,)))
    drawn = (
        "within each species the test images (or specimens) are drawn again, the same ones for both models of a "
        "difference"
    )
    assert several.endswith(
        f" In brackets: 95 % interval. In each seed, {drawn}; over the S seeds it is mean ± √(t²s²/S + z²v), s² the "
        "variance between seeds (t of S − 1 degrees of freedom, so few seeds make it wide), v that over those draws. "
        "Measures of space: seeds alone."
    )
    assert one.endswith(f" In brackets: 95 % interval of one seed: {drawn}.")


def test_a_split_drawn_here_is_told_of_features(features_content, evidence):
    told = "The split was drawn here: if the model behind the features was trained on some of these images"
    assert told in markdown({**features_content, "split_given": False})
    assert told not in markdown(features_content)
    assert told not in markdown(evidence(split_given=False))


def test_nothing_of_a_name_is_markup():
    text = escaped("a|b *c* <i> [x](y) `z`\nw \u202e")
    assert text == r"a\|b \*c\* \<i\> \[x\](y) \`z\` w \\u202e"


def test_classifiers_are_shown_for_the_primary_recipe_alone(evidence):
    content = evidence()
    absolute, difference = tables(content)[2:4]
    networks = ("no alignment", "real DNA", "shuffled")
    named = [(classifier, network) for classifier in content["classifiers"] for network in networks]
    assert [(row[0].value, row[1].value) for row in absolute.rows] == named
    assert [row[0].value for row in difference.rows] == list(content["classifiers"])
    held = next(
        one["figures"]["macro_f1"]
        for one in content["differences"]
        if (one["recipe"], one["against"], one["classifier"]) == ("ltr-aligned", "shuffled", "centroid")
    )
    assert difference.rows[2][4].value == f"{100 * held['mean']:+.1f}".replace("-", "−")
    assert absolute.rows[0][-1].interval == ""


def test_species_stand_rarest_first_with_their_numbers(evidence):
    content = evidence(split_varies=True)
    table = tables(content)[-1]
    assert [cell.value for cell in table.rows[0]][:5] == ["Dus llbus", "13", "3", "40", "6"]
    assert [int(row[1].value) for row in table.rows] == sorted(13 + 9 * i for i in range(12))
    assert table.rare == {0, 1, 2}
    assert table.rows[0][6].value == f"{100 * content['species'][-1]['recall']['dna']:.1f}"
    assert "Each seed split the images anew" in table.note
    assert "anew" not in tables(evidence())[-1].note


def test_features_have_no_columns_of_the_paper(features_content):
    main = tables(features_content)[0]
    assert main.paper == 0
    assert len(main.columns) == 6
    assert "paper" not in markdown(features_content).lower()


def test_null_is_a_dash(empty_content, tmp_path):
    write_tables(tmp_path, empty_content)
    text = (tmp_path / "ablation.md").read_text(encoding="utf-8")
    assert "None" not in text
    assert "| naive | what naive is, in some words | – | – | – | – | 73.6 |" in text
    table = read(tmp_path)
    assert table.loc[table["table"] == "rows", ["mean", "low", "seed 9"]].isna().all(axis=None)
    assert "None" not in (tmp_path / "ablation.csv").read_text(encoding="utf-8")
