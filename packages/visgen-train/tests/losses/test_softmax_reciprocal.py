import math

import pytest
import torch
from visgen_train.losses import softmax_reciprocal_loss

POINTS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
LABELS = torch.tensor([0, 0, 1])


def test_by_hand():
    """Two classes with equal logits cost log 2; the triplets of the points cost 5.5 and 5 + 1/sqrt(13)."""
    logits = torch.zeros(3, 2)
    expected = math.log(2) + 0.01 * (5.5 + 5 + 1 / math.sqrt(13)) / 2
    assert softmax_reciprocal_loss(logits, POINTS, LABELS).item() == pytest.approx(expected, rel=1e-5)


def test_weight_zero_is_plain_softmax():
    logits = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]])
    expected = torch.nn.functional.cross_entropy(logits, LABELS)
    assert softmax_reciprocal_loss(logits, POINTS, LABELS, weight=0) == expected
