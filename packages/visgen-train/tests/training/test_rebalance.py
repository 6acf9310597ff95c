"""The classifier trained again: rare species gain, and only the classifier moves."""

import copy
import math

import numpy as np
import pytest
import torch
from visgen_train.balance import class_balanced_weights
from visgen_train.config import BalanceConfig
from visgen_train.models.network import ProjectionHead
from visgen_train.training.rebalance import rebalance

LABELS = np.array([0] * 90 + [1] * 6)
CONFIG = BalanceConfig(epochs=60, lr=0.1, weight_decay=0.0, beta=0.9999)


@pytest.fixture
def head():
    torch.manual_seed(0)
    return ProjectionHead(width=2, hidden=6, embedding=4, classes=2)


@pytest.fixture
def features():
    """Two classes that overlap, so that the prior decides between them."""
    generator = torch.Generator().manual_seed(1)
    return torch.randn(96, 2, generator=generator) + torch.from_numpy(LABELS)[:, None] * 1.0


def rebalanced(head, views, config=CONFIG, validate=lambda: math.nan, **more):
    rows = []
    rebalance(head, views, LABELS, config, 0, validate, rows.append, **more)
    return rows


def rare_share(head, features):
    return (head(features).logits.argmax(1) == 1).float().mean().item()


def test_only_the_classifier_moves_and_no_gradient_is_left_behind(head, features):
    before = copy.deepcopy(head.state_dict())
    rebalanced(head, [features], BalanceConfig(epochs=1))
    moved = {key for key, value in head.state_dict().items() if not torch.equal(value, before[key])}
    assert moved == {"classifier.weight", "classifier.bias"}
    assert head.hidden.weight.grad is None


def test_the_weights_make_up_for_rarity(head, features):
    plain, balanced = copy.deepcopy(head), copy.deepcopy(head)
    rebalanced(plain, [features], BalanceConfig(epochs=60, lr=0.1, weight_decay=0.0, beta=0.0))
    rebalanced(balanced, [features])
    assert rare_share(plain, features) < 0.1
    assert rare_share(balanced, features) > 0.2


def test_the_first_loss_by_hand(head, features):
    """Rate 0: each batch's loss is the weighted mean over its images, and those over the epoch are logged."""
    (row,) = rebalanced(head, [features], BalanceConfig(epochs=1, lr=0.0))
    weights = class_balanced_weights(np.array([90, 6]))[LABELS]
    logits = head(features).logits.detach()
    each = (
        weights
        * torch.nn.functional.cross_entropy(logits, torch.from_numpy(LABELS), reduction="none").numpy()
    )
    order = np.random.default_rng((0, 4, 0)).permutation(96)
    assert row["loss"] == pytest.approx((each[order[:64]].mean() + each[order[64:]].mean()) / 2, abs=1e-5)
    assert (row["stage"], row["epoch"], row["clipped_rows"]) == ("balance", 1, "")


def test_max_norm_holds_after_every_step_and_its_share_is_logged(head, features):
    norms = head.classifier.weight.detach().norm(dim=1)
    bound = norms.min() + 0.1 * (norms.max() - norms.min())
    rows = rebalanced(head, [features], BalanceConfig(epochs=3, lr=0.1, weight_decay=0.0, max_norm=0.1))
    assert (head.classifier.weight.norm(dim=1) <= bound * (1 + 1e-5)).all()
    assert all(0 < row["clipped_rows"] <= 1 for row in rows)


def test_no_epochs_no_change(head, features):
    before = copy.deepcopy(head.state_dict())
    assert rebalanced(head, [features], BalanceConfig()) == []
    assert all(torch.equal(value, before[key]) for key, value in head.state_dict().items())


def test_views_are_taken_in_turn_and_equal_seeds_give_equal_rows(head, features):
    first, second = copy.deepcopy(head), copy.deepcopy(head)
    config = BalanceConfig(epochs=2, lr=0.0)
    losses = [row["loss"] for row in rebalanced(first, [features, features * 3], config)]
    again = [row["loss"] for row in rebalanced(second, [features, features * 3], config)]
    assert losses == again
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_best_and_last_epoch(head, features):
    for select, expected in (("best", 0), ("last", 2)):
        states, tried = [], copy.deepcopy(head)

        def validate(states=states, tried=tried):
            states.append(copy.deepcopy(tried.classifier.state_dict()))
            return [0.9, 0.5, 0.1][len(states) - 1]

        rebalanced(tried, [features], BalanceConfig(epochs=3), validate, select=select)
        assert torch.equal(tried.classifier.weight, states[expected]["weight"])


def test_features_computed_in_inference_mode_will_do(head, features):
    with torch.inference_mode():
        views = [features * 1]
    rebalanced(head, views, BalanceConfig(epochs=1))
