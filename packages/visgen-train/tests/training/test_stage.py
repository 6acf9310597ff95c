"""A stage: which epoch it keeps, what it logs, how it stops and goes on (faults 23, 26, 29)."""

import math
import signal

import pytest
import torch
from torch import nn
from visgen_train.errors import TrainingError
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.stage import Stage


def run_epochs(scores, select="best", clipped=()):
    module, rows = nn.Linear(1, 1, bias=False), []
    waiting, shares = iter(scores), iter(clipped)
    after_step = (lambda: next(shares)) if clipped else None
    optimiser = Optimiser(module.parameters(), 0.0, 0, 0, steps=9, after_step=after_step)
    stage = Stage("images", module, optimiser, lambda: next(waiting), rows.append, select)
    for epoch, losses in stage.epochs([(1.0, 2.0)] * len(scores)):
        nn.init.constant_(module.weight, epoch)
        for loss in losses:
            stage.step(module.weight.sum() * 0 + loss)
        stage.end_epoch()
    stage.restore()
    return module.weight.item(), rows


def test_the_best_epoch_is_restored_the_first_of_equals():
    weight, rows = run_epochs([0.2, 0.7, 0.7, 0.1])
    assert weight == 1
    assert [(row["stage"], row["epoch"], row["loss"], row["validation_per_class"]) for row in rows] == [
        ("images", 1, 1.5, 0.2),
        ("images", 2, 1.5, 0.7),
        ("images", 3, 1.5, 0.7),
        ("images", 4, 1.5, 0.1),
    ]


def test_without_validation_the_last_epoch_stays():
    weight, rows = run_epochs([math.nan, math.nan])
    assert weight == 1
    assert rows[0]["validation_per_class"] == ""


def test_the_last_epoch_is_kept_where_the_paper_is_followed():
    weight, rows = run_epochs([0.2, 0.7, 0.1], select="last")
    assert weight == 2
    assert [row["validation_per_class"] for row in rows] == [0.2, 0.7, 0.1]


def test_the_share_of_clipped_rows_is_logged_or_left_empty():
    assert run_epochs([0.1], clipped=[0.25, 0.75])[1][0]["clipped_rows"] == 0.5
    assert run_epochs([0.1])[1][0]["clipped_rows"] == ""


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch):
    monkeypatch.setattr("os.fsync", lambda handle: None)


EPOCHS = [(0, 1, 2), (3, 4), (5, 6, 7, 8)]


class Training:
    """A small stage in which everything matters that a checkpoint holds: dropout, momentum, BatchNorm, rate, best."""

    def __init__(self, folder, resume=False, minutes=0.0, schedule="cosine"):
        folder.mkdir(exist_ok=True)
        torch.manual_seed(0)
        self.module = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
        self.rows, self.steps, data = [], 0, torch.Generator().manual_seed(1)
        self.inputs, self.targets = torch.randn(9, 5, 3, generator=data), torch.randn(9, 5, 1, generator=data)
        shares = lambda: self.module[0].weight.sum().item()  # noqa: E731
        optimiser = Optimiser(self.module.parameters(), 0.1, 0.9, 1e-3, 9, schedule, shares)
        checkpoints = Checkpoints(folder, {"seed": 0}, minutes, resume)
        self.stage = Stage(
            "images", self.module, optimiser, self.validate, self.rows.append, "best", checkpoints
        )

    def validate(self):
        return self.module[3].weight.sum().item()

    def run(self, before_step=lambda steps: None):
        with self.stage:
            for _, batches in self.stage.epochs(EPOCHS):
                self.module.train()
                for batch in batches:
                    before_step(self.steps)
                    self.steps += 1
                    output = self.module(self.inputs[batch])
                    self.stage.step((output - self.targets[batch]).square().mean())
                self.stage.end_epoch()
        self.stage.restore()
        rows = [{key: value for key, value in row.items() if key != "seconds"} for row in self.rows]
        return {key: value.clone() for key, value in self.module.state_dict().items()}, rows


def same(one, other):
    return all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize("schedule", ["cosine", "constant"])
def test_stopped_before_any_step_it_ends_with_the_same_bits(tmp_path, schedule):
    whole, rows = Training(tmp_path / "whole", schedule=schedule).run()
    for stop in range(9):
        folder = tmp_path / str(stop)

        def killed(steps, stop=stop):
            if steps == stop:
                raise RuntimeError("killed")

        with pytest.raises(RuntimeError, match="killed"):
            Training(folder, schedule=schedule).run(killed)
        torch.manual_seed(99)
        after = Training(folder, resume=True, schedule=schedule)
        state, left = after.run()
        assert same(state, whole), stop
        assert after.steps == 9 - stop
        assert left == rows[3 - len(left) :]


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_a_signal_waits_for_the_step_then_there_is_a_checkpoint(tmp_path, caplog, number, raised):
    whole, _ = Training(tmp_path / "whole").run()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def terminated(signum, frame):
        raise SystemExit(128 + signum)

    signal.signal(signal.SIGTERM, terminated)
    try:
        for stop in (0, 2, 8):  # in the midst of an epoch, at its end, at the end of all
            folder = tmp_path / str(stop)
            stopped = Training(folder, minutes=60)
            with pytest.raises(raised) as ended:
                stopped.run(lambda steps, stop=stop: signal.raise_signal(number) if steps == stop else None)
            assert stopped.steps == stop + 1
            assert raised is KeyboardInterrupt or ended.value.code == 143
            assert "stopped with a checkpoint after batch" in caplog.text
            after = Training(folder, resume=True, minutes=60)
            assert same(after.run()[0], whole)
            assert after.steps == 8 - stop
        assert signal.getsignal(signal.SIGINT) is before[signal.SIGINT]
        assert signal.getsignal(signal.SIGTERM) is terminated
    finally:
        signal.signal(signal.SIGTERM, before[signal.SIGTERM])


def test_a_second_signal_does_not_wait(tmp_path):
    def twice(steps):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    training = Training(tmp_path, minutes=60)
    with pytest.raises(KeyboardInterrupt):
        training.run(twice)
    assert not (tmp_path / "checkpoints").exists()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_loss_that_is_not_finite_leaves_the_checkpoint_and_says_where(tmp_path):
    training = Training(tmp_path)

    def spoilt(steps):
        if steps == 4:
            training.inputs[4] = math.inf

    with pytest.raises(
        TrainingError, match=r"became nan at learning rate .*norm was .* a step before"
    ) as told:
        training.run(spoilt)
    (note,) = told.value.__notes__
    assert note == (
        "This was batch 2 of epoch 2. The last checkpoint, after batch 1 of epoch 2, is as it was."
    )
    after = Training(tmp_path, resume=True)
    assert all(value.isfinite().all() for value in after.module.state_dict().values())
    after.run()
    assert after.steps == 5
    nothing = Training(tmp_path / "never", minutes=60)
    nothing.inputs[0] = math.inf
    with pytest.raises(TrainingError) as told:
        nothing.run()
    assert told.value.__notes__ == ["This was batch 1 of epoch 1. There is no checkpoint yet."]
