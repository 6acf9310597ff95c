"""MaxNorm: rows projected by hand, and a bound that stays what it was."""

import pytest
import torch
from torch import nn
from visgen_train.balance import MaxNorm
from visgen_train.errors import ConfigError

ROWS = torch.tensor([[3.0, 4.0], [0.0, 1.0], [0.0, 2.0]])  # norms 5, 1 and 2


@pytest.fixture
def classifier():
    layer = nn.Linear(2, 3)
    layer.weight.data.copy_(ROWS)
    layer.bias.data.fill_(100.0)
    return layer


def test_by_hand(classifier):
    """delta = 1 + 0.1 (5 - 1) = 1.4: (3, 4) becomes (0.84, 1.12), (0, 2) becomes (0, 1.4), (0, 1) stays."""
    bound = MaxNorm(classifier, 0.1)
    assert bound.delta == pytest.approx(1.4)
    assert bound.project() == pytest.approx(2 / 3)
    torch.testing.assert_close(classifier.weight.data, torch.tensor([[0.84, 1.12], [0.0, 1.0], [0.0, 1.4]]))
    assert (classifier.bias == 100).all()


def test_the_bound_stays_what_it_was_at_the_start(classifier):
    bound = MaxNorm(classifier, 0.5)
    assert bound.delta == 3
    classifier.weight.data.mul_(10)
    assert bound.project() == 1
    torch.testing.assert_close(classifier.weight.data.norm(dim=1), torch.full((3,), 3.0))


def test_at_the_ends(classifier):
    assert MaxNorm(classifier, 1).project() == 0
    assert torch.equal(classifier.weight.data, ROWS)
    assert MaxNorm(classifier, 0).project() == pytest.approx(2 / 3)
    torch.testing.assert_close(classifier.weight.data.norm(dim=1), torch.ones(3))


def test_a_row_of_zeros_is_no_trouble(classifier):
    classifier.weight.data[0] = 0
    assert MaxNorm(classifier, 0.5).project() == pytest.approx(1 / 3)
    assert torch.isfinite(classifier.weight).all()


@pytest.mark.parametrize("t", [-0.1, 1.1, float("nan")])
def test_t_out_of_range(classifier, t):
    with pytest.raises(ConfigError, match="must lie between 0 and 1"):
        MaxNorm(classifier, t)
