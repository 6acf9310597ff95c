"""Logit adjustment: by hand, and what training with it does to the logits."""

import numpy as np
import pytest
import torch
from visgen_train.balance import log_prior


def test_by_hand():
    assert log_prior(np.array([6, 2])) == pytest.approx(np.log([0.75, 0.25]))
    assert log_prior(np.array([6, 2]), tau=2) == pytest.approx(np.log([0.5625, 0.0625]))
    assert log_prior(np.array([6, 2]), tau=0).tolist() == [0, 0]


def test_logits_trained_with_it_no_longer_know_the_prior():
    """Nothing but the counts to learn from: plain softmax learns them, the adjusted one learns equal logits."""
    labels = torch.tensor([0] * 9 + [1])
    prior = torch.from_numpy(log_prior(np.array([9, 1])))
    for adjustment, expected in ((torch.zeros(2), np.log(9)), (prior, 0.0)):
        logits = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([logits], lr=2.0)
        for _ in range(300):
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy((logits + adjustment).expand(10, 2), labels).backward()
            optimiser.step()
        assert (logits[0] - logits[1]).item() == pytest.approx(expected, abs=1e-6)


def test_a_class_without_images():
    with pytest.raises(ValueError, match="without training images"):
        log_prior(np.array([1, 0]))
