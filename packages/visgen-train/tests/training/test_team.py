"""Several processes take the steps of one: in float64, where only the order of sums differs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from visgen_train.errors import ConfigError, UsageError
from visgen_train.training.batch_norm import share_batch_norm
from visgen_train.training.joining import joined
from visgen_train.training.launched import Launched, launched
from visgen_train.training.team import Team

TRAININGS = ("all triplets", "random triplets", "hardest triplets", "softmax alone", "paper", "frozen")


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """By number of processes what team_child.py found."""
    folder = tmp_path_factory.mktemp("team")
    child = [sys.executable, str(Path(__file__).with_name("team_child.py")), str(folder)]
    ended = subprocess.run(child, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert ended.returncode == 0, ended.stderr
    return {size: torch.load(folder / f"{size}.pt") for size in (1, 2, 4)}


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_gradient_is_that_of_the_loss_of_all_rows(found, size):
    """L = (w (1 + 2 + 3))^2 at w = 2: dL/dw = 144."""
    assert found[size]["by hand"] == 144


@pytest.mark.parametrize("rows", ["7 rows", "1 rows"])
@pytest.mark.parametrize("size", [2, 4])
def test_batch_norm_is_torchs_of_one_process(found, size, rows):
    """Uneven shares, processes without any; outputs, running statistics, gradients of images, weight and bias."""
    assert_close(found[size][rows], found[1][rows])


@pytest.mark.parametrize(("size", "name"), [*((2, name) for name in TRAININGS), (4, "paper")])
def test_a_training_ends_with_the_weights_of_one_process(found, size, name):
    """Triplets reach across processes: the loss is that of the whole batch."""
    assert found[size][name]["loss"] == found[1][name]["loss"]
    assert_close(found[size][name]["state"], found[1][name]["state"])


def assert_close(found, expected):
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        torch.testing.assert_close(found[key], value, rtol=1e-9, atol=1e-9, msg=key)


def test_one_process_is_a_team_of_which_nothing_is_asked():
    with joined("cpu") as (team, device):
        assert type(team) is Team
        assert device.type == "cpu"
        rows = torch.ones(3, 2)
        assert team.gather(rows, 3) is rows
        assert team.share(3) == slice(0, 3)
        assert team.wrap(rows) is rows
    assert "lightning_fabric" not in sys.modules


@pytest.fixture
def environment(monkeypatch):
    def given(**values):
        for name in ("TORCHELASTIC_RUN_ID", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS_PER_NODE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, str(value))

    return given


def test_launchers_are_known_by_their_variables(environment):
    environment()
    assert launched() == Launched(0, 1, 0, 1)
    torchrun = {"RANK": 5, "WORLD_SIZE": 8, "LOCAL_RANK": 1, "LOCAL_WORLD_SIZE": 4}
    environment(TORCHELASTIC_RUN_ID="none", **torchrun)
    assert launched() == Launched(5, 8, 1, 4, "torchrun")
    assert launched().machines == 2
    environment(SLURM_NTASKS=8)  # a job of eight tasks, but this was not begun by srun
    assert launched().size == 1
    environment(SLURM_STEP_NUM_TASKS=8, SLURM_PROCID=5, SLURM_LOCALID=1)
    with pytest.raises(UsageError, match="srun --ntasks-per-node"):
        launched()
    environment(SLURM_STEP_NUM_TASKS=8, SLURM_PROCID=5, SLURM_LOCALID=1, SLURM_NTASKS_PER_NODE=4)
    assert launched() == Launched(5, 8, 1, 4, "srun")


@pytest.mark.parametrize("device", ["cuda:1", "mps"])
def test_one_device_is_not_for_several_processes(environment, device):
    environment(TORCHELASTIC_RUN_ID="none", RANK=0, WORLD_SIZE=2, LOCAL_RANK=0, LOCAL_WORLD_SIZE=2)
    with (
        pytest.raises(ConfigError, match=f"--device {device} names one device, and there are 2"),
        joined(device),
    ):
        pass


def test_a_batch_norm_of_its_own_kind_is_refused():
    class WithActivation(torch.nn.BatchNorm2d):
        pass

    with pytest.raises(ConfigError, match="0 is a WithActivation, whose statistics cannot be shared"):
        share_batch_norm(torch.nn.Sequential(WithActivation(3)))
