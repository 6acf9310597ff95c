import csv
import json
import shlex
import signal
import subprocess
import sys
import time

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
    assert result.stdout.startswith("not ready: 1 error, ")
    assert result.stdout.splitlines()[-1].endswith("--skip-bad --out my-run")
    assert visgen(*words, "--quiet").output == ""
    told = json.loads(visgen(*words, "--json").stdout)
    assert told["verdict"] == "not ready"
    assert told["next"].endswith("--skip-bad --out my-run")


def test_names_are_suggested_written_and_never_over_another_file(words, collection):
    (collection / "images" / "Aus_albus").rename(collection / "images" / "Aus_allbus")
    last = visgen(*words).stdout.splitlines()[-1]
    assert last.endswith("--suggest-names names.csv")
    out = collection / "names.csv"
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
    """Fault 15: refused, or left out by name; never a silent substitute."""
    (collection / "images" / "Aus_albus" / "00.png").write_bytes(b"no picture")
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    told = json.loads(visgen(*words, "--json").stdout)["next"]
    run = collection / "run"
    assert told.startswith("visgen run ")
    typed = ["train", *shlex.split(told)[2:-1], run, "--config", collection / "small.yaml"]
    refused = visgen(*(word for word in typed if word != "--skip-bad"))
    assert (refused.exit_code, "--skip-bad" in refused.stderr) == (1, True)
    result = visgen(*typed)
    assert result.exit_code == 0, result.output
    assert "1 of 24 images are left out: Aus_albus/00.png" in result.stderr
    data = json.loads((run / "data.json").read_text())
    assert list(data["skipped_images"]) == ["Aus_albus/00.png"]
    assert "not a picture" in data["skipped_images"]["Aus_albus/00.png"]
    assert len(data["items"]) == 23
    done = visgen("evaluate", run, "--set", "align.epochs=0")  # the run is read again without it
    assert done.exit_code == 0, done.output


def test_a_split_that_names_a_skipped_picture_still_holds(words, collection, small):
    (collection / "small.yaml").write_text(to_yaml(small, "small"))
    options = ["--config", collection / "small.yaml"]
    first = visgen("train", *words[1:], "--out", collection / "a", *options)
    assert first.exit_code == 0, first.output
    (collection / "images" / "Aus_albus" / "00.png").write_bytes(b"no picture")
    given = ["--split", collection / "a" / "split.csv", "--skip-bad"]
    second = visgen("train", *words[1:], "--out", collection / "b", *options, *given)
    assert second.exit_code == 0, second.output
    sides = [
        {
            item["file"]: item["split"]
            for item in json.loads((collection / run / "data.json").read_text())["items"]
        }
        for run in ("a", "b")
    ]
    assert sides[1] == {file: side for file, side in sides[0].items() if file != "Aus_albus/00.png"}


def test_skip_bad_does_not_go_with_features(words, collection):
    result = visgen("run", "--features", "x.npz", words[2], "--out", collection / "run", "--skip-bad")
    assert (result.exit_code, "--skip-bad do not go with it" in result.stderr) == (2, True)


def test_ctrl_c_ends_at_once_without_a_traceback(collection):
    large = Image.effect_noise((3000, 3000), 60)
    for index in range(60):
        large.save(collection / "images" / "Aus_albus" / f"large{index}.bmp")
    code = "from visgen_train.cli.main import main; main()"
    command = [sys.executable, "-c", code, "check", collection / "images", collection / "sequences.fasta"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert output == ""
