"""The run folder: refused when taken, one process at a time, and what killed ones left."""

import json
import logging
import subprocess
import sys

import pytest
from visgen_train.errors import UsageError
from visgen_train.io.atomic import replacing
from visgen_train.training.rundir import RunFolder


def test_a_run_that_fails_before_it_wrote_leaves_no_folder(tmp_path):
    with pytest.raises(ValueError, match="bad"), RunFolder(tmp_path / "a" / "run"):
        raise ValueError("bad input")
    assert not (tmp_path / "a" / "run").exists()


def test_a_given_empty_folder_is_used_and_kept(tmp_path):
    with pytest.raises(ValueError, match="bad"), RunFolder(tmp_path):
        raise ValueError("bad input")
    assert tmp_path.is_dir()


def test_start_writes_environment_and_log(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        logging.getLogger("visgen_train.data").warning("early")
        folder.start()
        logging.getLogger("visgen_train.x").info("hello")
        folder.log_epoch({"stage": "images", "epoch": 1, "loss": 0.5})
        folder.log_epoch({"stage": "images", "epoch": 2, "loss": 0.25})
    run = tmp_path / "run"
    assert "torch" in json.loads((run / "environment.json").read_text())["packages"]
    log = (run / "log.txt").read_text()
    assert log.index("WARNING early") < log.index("INFO hello")
    assert (run / "metrics.csv").read_text().split() == ["stage,epoch,loss", "images,1,0.5", "images,2,0.25"]
    assert not (run / "lock").exists()


def test_an_epoch_logged_again_takes_the_place_of_itself_and_what_came_after(tmp_path):
    with RunFolder(tmp_path) as folder:
        for stage, epoch in (("images", 1), ("images", 2), ("images", 10), ("align", 1), ("images", 2)):
            folder.log_epoch({"stage": stage, "epoch": epoch, "loss": 0.5})
    assert (tmp_path / "metrics.csv").read_text().split() == [
        "stage,epoch,loss",
        "images,1,0.5",
        "align,1,0.5",
        "images,2,0.5",
    ]


def test_an_error_is_the_last_line_of_the_log(tmp_path):
    with pytest.raises(ValueError, match="oh"), RunFolder(tmp_path / "run") as folder:
        folder.start()
        raise ValueError("oh")
    assert "run ended: ValueError('oh')" in (tmp_path / "run" / "log.txt").read_text()


def test_a_taken_folder_is_refused_and_force_replaces_a_run_only(tmp_path):
    run, foreign = tmp_path / "run", tmp_path / "foreign"
    for folder in (run, foreign):
        (folder / "checkpoints").mkdir(parents=True)
        for name in ("metrics.json", "mine.txt", "config.yaml", "checkpoints/mine.safetensors"):
            (folder / name).write_text("x")
    (run / "environment.json").write_text('{"packages": {"visgen-train": "0.1.0"}}')
    (foreign / "environment.json").write_text('{"packages": {}}')
    with pytest.raises(UsageError, match=r"run is not empty.*--force"):
        RunFolder(run)
    with pytest.raises(UsageError, match="holds no run, so --force does not touch it"):
        RunFolder(foreign, force=True)
    with pytest.raises(UsageError, match=r"holds no run. Choose another --out\.$"):  # nothing about --force
        RunFolder(foreign)
    with RunFolder(run, force=True) as folder:
        assert (run / "metrics.json").exists()
        folder.start()
    assert not (run / "metrics.json").exists()
    for folder in (run, foreign):
        assert (folder / "mine.txt").exists()
        assert (folder / "checkpoints" / "mine.safetensors").exists()
    assert (foreign / "metrics.json").exists()


def test_a_run_that_was_stopped_is_to_be_gone_on_with(tmp_path):
    with pytest.raises(UsageError, match="holds no trained run. Make one: visgen train"):
        RunFolder.trained(tmp_path)
    (tmp_path / "environment.json").write_text('{"packages": {"visgen-train": "0.1.0"}}')
    with pytest.raises(UsageError, match="holds no trained run. Its training was stopped: .* --resume"):
        RunFolder.trained(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file; --out takes a folder"):
        RunFolder(tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be made"), RunFolder(tmp_path / "file" / "run"):
        pass


def test_force_takes_the_pdfs_of_figures_and_leaves_what_else_is_there(tmp_path):
    for name, other in (("a", None), ("b", "mine.txt")):
        figures = tmp_path / name / "figures"
        figures.mkdir(parents=True)
        (tmp_path / name / "environment.json").write_text('{"packages": {"visgen-train": "0.1.0"}}')
        for file in ("tree.pdf", *([other] if other else [])):
            (figures / file).write_text("x")
        with RunFolder(tmp_path / name, force=True) as folder:
            folder.start()
    assert not (tmp_path / "a" / "figures").exists()
    assert [path.name for path in (tmp_path / "b" / "figures").iterdir()] == ["mine.txt"]


def test_one_process_at_a_time_and_a_dead_one_holds_nothing(tmp_path):
    """Fault 29. The other process is killed with the folder open."""
    program = (
        "import sys, pathlib; from visgen_train.training.rundir import RunFolder\n"
        "with RunFolder(pathlib.Path(sys.argv[1])):\n    print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "run")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline().strip() == b"open"
        with pytest.raises(UsageError) as refused, RunFolder(tmp_path / "run"):
            pass
        assert str(refused.value) == (
            f"{tmp_path / 'run'}: another process is at work there. Wait until it ends, or choose another folder."
        )
        other.kill()
        other.wait()
    with RunFolder(tmp_path / "run") as folder:
        folder.start()
    assert {path.name for path in (tmp_path / "run").iterdir()} == {"environment.json", "log.txt"}


def test_what_a_killed_process_left_half_written_goes(tmp_path):
    """The first of its files, so that nothing tells yet that this is a run; and a checkpoint."""
    first = tmp_path / ".environment.json.abcd_123.json"
    first.touch()
    with RunFolder(tmp_path) as folder:
        folder.start()
    checkpoint = tmp_path / "checkpoints" / ".images.resume-0.safetensors.abcdefgh.safetensors"
    mine = tmp_path / "checkpoints" / ".mine.safetensors"
    mine.parent.mkdir()
    checkpoint.touch()
    mine.touch()
    with RunFolder(tmp_path, resume=True) as folder:
        folder.start(())
    assert not first.exists()
    assert [*mine.parent.iterdir()] == [mine]


def test_so_does_what_it_left_among_figures_and_cells(tmp_path):
    with RunFolder(tmp_path) as folder:
        folder.start()
    for name in ("figures/kappa.pdf", "cells/seed-0/naive/dna.npz"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.touch()
        with replacing(path) as temporary:
            pass
        temporary.touch()  # as after kill -9
        with RunFolder(tmp_path, resume=True) as folder:
            folder.start(())
        assert [*path.parent.iterdir()] == [path]


def test_resume_takes_an_empty_folder_or_a_run_and_nothing_else(tmp_path):
    with RunFolder(tmp_path / "run", resume=True) as folder:
        assert not folder.begun
        folder.start()
    (tmp_path / "run" / "data.json").touch()
    (tmp_path / "run" / "config.yaml").touch()
    with RunFolder(tmp_path / "run", resume=True) as folder:
        assert folder.begun
    (tmp_path / "run" / "plan.json").touch()
    with pytest.raises(UsageError, match="holds an ablation. Go on with it by visgen ablate --resume"):
        RunFolder(tmp_path / "run", resume=True)
    with pytest.raises(UsageError, match="holds no run, so --resume does not touch it"):
        RunFolder(tmp_path, resume=True)
    with pytest.raises(UsageError, match="--resume goes on .* --force replaces it: take one"):
        RunFolder(tmp_path / "run", force=True, resume=True)
