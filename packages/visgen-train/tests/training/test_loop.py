"""What stages share: the rate, steps down the gradient, and losses that are not finite."""

import math

import pytest
import torch
from torch import nn
from visgen_train.errors import TrainingError
from visgen_train.training.loop import Optimiser


def test_the_rate_falls_along_half_a_cosine():
    weight = nn.Parameter(torch.zeros(1))
    optimiser = Optimiser([weight], lr=0.4, momentum=0, weight_decay=0, steps=4)
    rates = []
    for _ in range(4):
        rates.append(optimiser.sgd.param_groups[0]["lr"])
        optimiser.step((weight - 1).square().sum())
    assert rates == pytest.approx([0.2 * (1 + math.cos(math.pi * step / 4)) for step in range(4)])


def test_a_constant_rate_stays():
    weight = nn.Parameter(torch.zeros(1))
    optimiser = Optimiser([weight], lr=0.4, momentum=0, weight_decay=0, steps=2, schedule="constant")
    for _ in range(4):
        assert optimiser.sgd.param_groups[0]["lr"] == 0.4
        optimiser.step((weight - 1).square().sum())


def test_the_hook_comes_after_each_step_and_its_shares_are_taken_once():
    weight, seen = nn.Parameter(torch.tensor([2.0])), []

    def after_step():
        seen.append(weight.item())
        return len(seen) / 4

    optimiser = Optimiser([weight], lr=0.1, momentum=0, weight_decay=0, steps=9, after_step=after_step)
    for _ in range(2):
        optimiser.step(weight.sum())
    assert seen == pytest.approx([1.9, weight.item()])
    assert optimiser.take_shares() == [0.25, 0.5]
    assert optimiser.take_shares() == []


def test_a_step_goes_down_the_gradient():
    weight = nn.Parameter(torch.tensor([2.0]))
    optimiser = Optimiser([weight], lr=0.1, momentum=0, weight_decay=0.5, steps=1)
    assert optimiser.step(weight.square().sum()) == 4
    assert weight.item() == pytest.approx(2 - 0.1 * (4 + 0.5 * 2))


def test_a_steep_gradient_is_clipped():
    weight = nn.Parameter(torch.tensor([3.0, 4.0]))
    optimiser = Optimiser([weight], lr=0.1, momentum=0, weight_decay=0, steps=1)
    optimiser.step((weight * torch.tensor([3e6, 4e6])).sum())
    torch.testing.assert_close(weight.detach(), torch.tensor([3.0 - 0.1 * 3, 4.0 - 0.1 * 4]))


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_before_the_step(bad):
    weight = nn.Parameter(torch.tensor([3.0]))
    optimiser = Optimiser([weight], lr=0.1, momentum=0, weight_decay=0, steps=1)
    with pytest.raises(
        TrainingError, match=r"became (nan|inf) at learning rate 0\.1; no step was taken.*train\.lr"
    ):
        optimiser.step(weight.sum() * bad)
    assert weight.item() == 3


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_stops_before_the_step(bad):
    """The loss itself is 0 here; clipped to a norm of inf, the gradient would make every weight NaN."""
    weight = nn.Parameter(torch.tensor([3.0]))
    optimiser = Optimiser([weight], lr=0.1, momentum=0, weight_decay=0, steps=2)
    optimiser.step(weight.sum())
    weight.register_hook(lambda gradient: gradient * bad)
    with pytest.raises(
        TrainingError, match=rf"norm of the gradient became {bad} .*no step was taken\. .*norm was 1 a step"
    ):
        optimiser.step(weight.sum() * 0 + weight.sum())
    assert weight.item() == pytest.approx(2.9)
