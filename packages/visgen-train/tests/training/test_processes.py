"""Whole runs of two processes: stopped, killed, spoilt. One program does them all, and imports once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner
from visgen_train.cli.main import app

ONE_ENDED = "visgen: error: Another of the 2 processes has ended"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Exit codes by run, whether weights were the same, and the folder."""
    tests = Path(__file__).parents[1]
    folder = tmp_path_factory.mktemp("processes")
    make = "import sys; from pathlib import Path; from conftest import SPECIES, write_collection as write"
    make += "; write(Path(sys.argv[1]), SPECIES, (12, 8, 4))"
    subprocess.run([sys.executable, "-c", make, str(folder)], cwd=tests, check=True)
    child = [sys.executable, str(Path(__file__).with_name("processes_child.py")), str(folder)]
    ended = subprocess.run(child, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert ended.returncode == 0, ended.stderr
    return {**json.loads(ended.stdout), "folder": folder}


def said(runs, name, rank):
    return (runs["folder"] / f"said-{name}.{rank}").read_text()


def test_killed_and_terminated_it_goes_on_to_the_same_weights(runs):
    assert runs["codes"]["killed"] == [-9, -9]
    assert runs["codes"]["terminated"] == [143, 0]
    assert runs["codes"]["out"] == runs["codes"]["out-two"] == [0, 0]
    assert "stopped with a checkpoint after batch" in said(runs, "15", 0)
    assert "going on with stage images from its checkpoint after batch" in said(runs, "out", 0)
    assert runs["same"]
    assert (runs["folder"] / "out" / "report.html").exists()


def test_what_two_processes_began_one_ends(runs):
    assert runs["codes"]["out-one"] == [0]
    assert "going on with stage images from its checkpoint after batch" in said(runs, "out-one", 0)


@pytest.mark.parametrize("name", ["9", "15", "out", "out-two", "spoilt", "infinite", "unshared"])
def test_the_others_say_nothing(runs, name):
    assert said(runs, name, 1) == ""


def test_other_pictures_are_refused_before_anything_is_trained(runs):
    assert runs["codes"]["spoilt"] == [1, 0]
    assert said(runs, "spoilt", 0) == (
        "visgen: error: Process 1 of 2, counted from 0: Its pictures or their species are not those that the first "
        "process has.\n"
    )


def test_a_process_that_dies_ends_the_run(runs):
    assert runs["codes"]["bereft"] == [1, -9]
    assert said(runs, "bereft", 0).startswith(ONE_ENDED)
    assert said(runs, "bereft", 0).count("\n") == 1


def test_an_error_that_all_have_is_said_once(runs):
    assert runs["codes"]["infinite"] == [1, 0]
    assert "The loss became nan" in said(runs, "infinite", 0)
    assert "This was batch 2 of epoch 1." in said(runs, "infinite", 0)


def test_what_befalls_one_alone_it_says_once(runs):
    assert runs["codes"]["ill"] == [1, 1]
    assert said(runs, "ill", 0).startswith(ONE_ENDED)
    assert said(runs, "ill", 1) == (
        "visgen: [Errno 28] No space left on device: 'its file' This befell process 1 of 2, counted from 0, alone.\n"
    )


def test_a_batch_norm_of_its_own_kind_is_refused_before_pictures_are_read(runs):
    assert runs["codes"]["unshared"] == [2, 0]
    assert "is a WithActivation, whose statistics cannot be shared" in said(runs, "unshared", 0)
    assert not (runs["folder"] / "out-unshared" / "split.csv").exists()


def test_other_verbs_are_for_one_process(monkeypatch, tmp_path):
    place = {
        "TORCHELASTIC_RUN_ID": "none",
        "RANK": "0",
        "WORLD_SIZE": "2",
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": "2",
    }
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    for words in (
        ["align", "run"],
        ["run", "--features", "f.npz", "s.fasta", "--out", str(tmp_path / "out")],
        ["run", "images", "s.fasta", "--out", str(tmp_path / "out"), "--estimate"],
    ):
        ended = CliRunner().invoke(app, words)
        assert ended.exit_code == 2
        assert "works in one process, and 2 were started" in ended.stderr
