"""`visgen check` as typed: exit codes, closing lines, suggested synonyms, `--skip-bad`, Ctrl-C."""

import csv
import json
import shlex

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.config import to_yaml

RUNNER = CliRunner()


def visgen(*words):
    return RUNNER.invoke(app, [str(word) for word in words])


@pytest.fixture
def words(collection):
    """The call; of the fixture's pictures some differ in colour alone, which counts as alike."""
    for index in range(4):
        noise = np.random.default_rng(index).integers(0, 255, (30, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(collection / "images" / "Bus_ruber" / f"{index:02d}.png")
    return ["check", collection / "images", collection / "sequences.fasta"]


def test_a_clean_set_ends_with_0_and_the_command_that_runs_it(words, collection):
    result = visgen(*words)
    assert result.exit_code == 0, result.output
    first, *_, last = result.stdout.splitlines()
    assert first == "clean: 1 note in 24 images of 3 species and 6 sequences of 3 species"
    assert last == f"Next: visgen run {words[1]} {words[2]} --out my-run"
    assert result.stderr == ""


def test_warnings_and_errors_end_with_1(words, collection):
    (collection / "images" / "Aus_albus" / "00.png").write_bytes(b"")
    result = visgen(*words)
    assert result.exit_code == 1
    assert result.stdout.startswith("usable, with doubts: 1 warning, ")
    assert result.stdout.splitlines()[-1].endswith("--skip-bad --out my-run")
    assert visgen(*words, "--quiet").output == ""
    told = json.loads(visgen(*words, "--json").stdout)
    assert told["verdict"] == "usable"
    assert told["next"].endswith("--skip-bad --out my-run")
    assert visgen(*words, "--skip-bad").exit_code == 0  # it is left out on purpose
    (collection / "sequences.fasta").write_text("no FASTA")
    result = visgen(*words, "--skip-bad")
    assert result.exit_code == 1
    assert result.stdout.startswith("not ready: 1 error, ")
    assert f"Next: correct the errors, then visgen check {words[1]} {words[2]} --skip-bad\n" in result.stdout


def test_names_are_suggested_written_and_never_over_another_file(words, collection):
    (collection / "images" / "Aus_albus").rename(collection / "images" / "Aus_allbus")
    last = visgen(*words).stdout.splitlines()[-1]
    assert last.endswith("--suggest-names names.csv")
    out = collection / "names.csv"
    result = visgen(*words, "--suggest-names", collection / "none" / "names.csv")
    assert result.exit_code == 2
    assert "none/names.csv: cannot be written (No such file or directory). Make the folder" in result.stderr
    result = visgen(*words, "--suggest-names", out)
    with out.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["synonym"], row["accepted"]) == ("Aus allbus", "Aus albus")
    assert row["reason"]
    assert f"--synonyms {out}" in result.stdout.splitlines()[-1]
    result = visgen(*words, "--suggest-names", out)
    assert (result.exit_code, "is there already" in result.stderr) == (2, True)


def test_wrong_calls(words):
    result = visgen(*words, "--group", "specimen")
    assert (result.exit_code, "give the table by --metadata" in result.stderr) == (2, True)


def test_skip_bad_runs_as_the_check_says_and_records_what_was_left_out(words, collection, small):
    """Fault 15: refused, or left out by name; never a silent substitute. A split that names it still holds."""
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    options = ["--config", collection / "small.yaml", "--set", "train.epochs=1"]
    assert visgen("train", *words[1:], "--out", collection / "whole", *options).exit_code == 0
    (collection / "images" / "Aus_albus" / "00.png").write_bytes(b"no picture")
    split = ["--split", collection / "whole" / "split.csv"]
    told = json.loads(visgen(*words, *split, "--json").stdout)["next"]
    typed = ["train", *shlex.split(told)[2:-1], collection / "run", *options]
    assert "--split" in typed
    refused = visgen(*(word for word in typed if word != "--skip-bad"))
    assert (refused.exit_code, "--skip-bad" in refused.stderr) == (1, True)
    result = visgen(*typed)
    assert result.exit_code == 0, result.output
    assert "1 of 24 images are left out: Aus_albus/00.png" in result.stderr
    before, after = (json.loads((collection / run / "data.json").read_text()) for run in ("whole", "run"))
    assert before["skipped_images"] == {}
    assert list(after["skipped_images"]) == ["Aus_albus/00.png"]
    assert "not a picture" in after["skipped_images"]["Aus_albus/00.png"]
    kept = [item for item in before["items"] if item["file"] != "Aus_albus/00.png"]
    assert after["items"] == kept


def test_skip_bad_does_not_go_with_features(words, collection):
    result = visgen("run", "--features", "x.npz", words[2], "--out", collection / "run", "--skip-bad")
    assert (result.exit_code, "--skip-bad are for pictures" in result.stderr) == (2, True)


def test_ctrl_c_ends_without_a_traceback(words, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("visgen_train.audit.audit.look", interrupted)
    result = visgen(*words)
    assert result.exit_code == 130
    assert "Traceback" not in result.output
    assert result.stdout == ""
