"""The control of stage 2: the same layers and steps, without DNA."""

import copy
import dataclasses
import math

import numpy as np
import pytest
import torch
from visgen_train.config import AlignConfig, TrainConfig
from visgen_train.models.network import ProjectionHead
from visgen_train.training import refine as module
from visgen_train.training.align import align
from visgen_train.training.refine import refine

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
CONFIG = AlignConfig(epochs=3, lr=0.05)
SAMPLING = TrainConfig(batch=4)


@pytest.fixture
def features():
    rng = np.random.default_rng(0)
    return torch.from_numpy(rng.normal(size=(8, 6)) + LABELS[:, None]).float()


@pytest.fixture
def head():
    torch.manual_seed(0)
    return ProjectionHead(6, 8, 4, 2)


def refined(head, views, config=CONFIG, sampling=SAMPLING, seed=0):
    rows = []
    refine(head, views, LABELS, config, sampling, seed, lambda: math.nan, rows.append)
    return rows


def test_the_projection_moves_the_softmax_stays_and_the_loss_falls(head, features):
    before = copy.deepcopy(head.state_dict())
    rows = refined(head, [features], dataclasses.replace(CONFIG, epochs=20))
    moved = {key for key, value in head.state_dict().items() if not torch.equal(value, before[key])}
    assert moved == {f"{layer}.{part}" for layer in ("hidden", "embedding") for part in ("weight", "bias")}
    assert rows[-1]["loss"] < rows[0]["loss"]


def test_it_takes_the_steps_of_alignment_in_its_batches(head, features, monkeypatch):
    seen = {"refine": [], "align": []}

    class Watched(ProjectionHead):
        def forward(self, given):
            seen[self.who].append(given.clone())
            return super().forward(given)

    for who in seen:
        torch.manual_seed(0)
        watched = Watched(6, 8, 4, 2)
        watched.who = who
        if who == "refine":
            refined(watched, [features, features + 1], seed=3)
        else:
            anchors = np.eye(2, 4)
            views = [features, features + 1]
            align(watched, views, LABELS, anchors, CONFIG, SAMPLING, 3, lambda: math.nan, lambda row: None)
    assert len(seen["refine"]) == len(seen["align"]) == 3 * 2
    assert all(torch.equal(one, other) for one, other in zip(*seen.values(), strict=True))


def test_the_loss_is_that_of_stage_1(head, features, monkeypatch):
    weights = []
    combined = module.combined_loss
    monkeypatch.setattr(module, "combined_loss", lambda *given: weights.append(given[4]) or combined(*given))
    refined(head, [features], sampling=dataclasses.replace(SAMPLING, metric_weight=0.25))
    assert set(weights) == {0.25}


def test_the_best_epoch_is_kept(head, features):
    scores, states = iter([0.1, 0.9, 0.2]), []

    def validate():
        states.append(copy.deepcopy(head.state_dict()))
        return next(scores)

    refine(head, [features], LABELS, CONFIG, SAMPLING, 0, validate, lambda row: None)
    assert all(torch.equal(value, states[1][key]) for key, value in head.state_dict().items())
