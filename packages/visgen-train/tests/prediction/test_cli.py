"""`visgen predict` as typed: trays with bad pictures, tables, formulas, wrong calls."""

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.prediction.tables import write_csv


@pytest.fixture
def tray(made, tmp_path, monkeypatch):
    """Good pictures, one of another kind, one that is cut, odd names, and what is no picture by its name."""
    monkeypatch.chdir(tmp_path)
    tray = tmp_path / "tray"
    (tray / "deep").mkdir(parents=True)
    shutil.copy(made.images / "Aus_albus" / "00.png", tray / "=1+1 <script>alert(1)<.png")
    shutil.copy(made.images / "Bus_ruber" / "00.png", tray / "deep" / "two\nlines.png")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)).save(
        tray / "noise.png"
    )
    (tray / "cut.png").write_bytes((tray / "noise.png").read_bytes()[:300])
    (tray / "._noise.png").write_bytes(b"of a Mac")
    (tray / "film.mp4").write_bytes(b"0")
    return tray


def call(*arguments, **more):
    return CliRunner().invoke(app, ["predict", *map(str, arguments)], **more)


def test_a_tray_with_a_bad_picture(made, tray):
    done = call(made.run, "tray", "--csv", "out.csv", "--html", "out.html", "--json")
    assert done.exit_code == 1
    found = {one["file"]: one for one in json.loads(done.stdout)}
    assert found["tray/cut.png"]["status"] == "bad"
    assert found["tray/noise.png"]["none_of_these"]
    assert len(found) == 4
    one = found["tray/deep/two\nlines.png"]
    assert one["candidates"][0].keys() == {"species", "probability", "seen"}
    assert len(one["candidates"]) == len(one["nearest"]) == 3
    assert "1 .mp4" in done.stderr
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == list(found)
    bad = rows[1]
    assert [key for key, cell in bad.items() if cell] == ["file", "status", "problem"]  # no distance of 0
    assert rows[-1]["species_1"] == one["candidates"][0]["species"]
    page = (tray.parent / "out.html").read_text()
    assert page.count("<script") == 1  # the page's own
    assert page.count("data:image/jpeg") == 3 * 4  # each good one and its three nearest
    assert not re.search(r"(?:src|href)=\"(?!data:|#)", page)
    assert call(made.run, "tray", "--csv", "out.csv").exit_code == 2
    assert call(made.run, "tray", "--csv", "out.csv", "--force", "-q").exit_code == 1


def test_a_formula_in_a_name_is_neutralised(made, tray, monkeypatch):
    monkeypatch.chdir(tray)
    assert call(made.run, "=1+1 <script>alert(1)<.png", "--csv", "out.csv").exit_code == 0
    with Path("out.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["file"].startswith("'=1+1")


def test_paths_from_standard_input_and_a_table(made, tray):
    listed = "tray/noise.png\n\ntray/deep\n"
    done = call(made.run, "-", "--top", "1", input=listed)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["file", "answer", "candidates"]
    assert lines[1].startswith("tray/noise.png")
    assert "none of these" in lines[1]
    assert "two\\nlines.png" in lines[2]
    assert "2 pictures:" in done.stderr
    assert "calibration error" in done.stderr


@pytest.mark.parametrize(
    "more", [[], ["--barcodes", "x.fasta", "tray"], ["--barcodes", "x.fasta", "--html", "x"]]
)
def test_wrong_calls(made, tray, more):
    assert call(made.run, *more).exit_code == 2


def test_files_of_the_run_and_one_file_for_both_are_refused(made, tray):
    before = (made.run / "metrics.json").read_bytes()
    done = call(made.run, "tray", "--csv", made.run / "metrics.json", "--force")
    assert done.exit_code == 2
    assert "a file of the run" in done.stderr
    assert (made.run / "metrics.json").read_bytes() == before
    assert call(made.run, "tray", "--html", "out", "--csv", "./out").exit_code == 2


def test_columns_are_in_the_order_of_the_longest_row(tmp_path):
    write_csv(tmp_path / "t.csv", [{"a": 1, "z": 2}, {"a": 3, "b": 4, "z": 5}])
    assert (tmp_path / "t.csv").read_text() == "a,b,z\n1,,2\n3,4,5\n"


def test_sequences(made, tray):
    done = call(made.run, "--barcodes", made.sequences, "--json", "--csv", "out.csv")
    assert done.exit_code == 0
    assert {one["verdict"] for one in json.loads(done.stdout)} == {"species"}
    assert call(made.run, "--barcodes", "nowhere.fasta").exit_code == 1
    plain = call(made.run, "--barcodes", made.sequences)
    assert plain.stdout.startswith("R0: Aus albus (distance 0.00)")
