"""Losses by the names of the settings."""

import math

import pytest
import torch
from visgen_train.config import AlignConfig
from visgen_train.losses import ALIGNMENT_LOSSES, METRIC_LOSSES

POINTS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
LABELS = torch.tensor([0, 0, 1])
ANCHORS = torch.tensor([[1.0, 0.0], [0.0, 2.0]])


@pytest.mark.parametrize(
    ("name", "margin", "expected"),
    [
        ("reciprocal_triplet", 9.0, (5.5 + 5 + 13**-0.5) / 2),
        ("triplet", 2.0, (5 - 2 + 2 + 5 - 13**0.5 + 2) / 2),
        ("contrastive", 3.0, (5 + (3 - 2)) / 2 / 3),
    ],
)
def test_metric_losses_by_name_with_their_margin(name, margin, expected):
    assert METRIC_LOSSES[name](margin)(POINTS, LABELS).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Anchor (1, 0): positive (3, 4) has cosine 3/5, negative (0, 1) cosine 0. Anchor (0, 2): 1 and 4/5.
        ("cosine", ((1 - 0.6) + 0 + (1 - 1) + (0.8 - 0.3)) / 2),
        # Distances of anchor (1, 0): sqrt(20) and sqrt(2); of anchor (0, 2): 1 and sqrt(13).
        ("euclidean", (20**0.5 + 2**-0.5 + 1 + 13**-0.5) / 2),
        # Image (3, 4): cosine 0.8 to the other anchor, 0.6 to its own. Image (0, 1): 0 and 1.
        ("infonce", (math.log(1 + math.exp(0.2 / 2)) + math.log(1 + math.exp(-1 / 2))) / 2),
    ],
)
def test_alignment_losses_by_name(name, expected):
    loss = ALIGNMENT_LOSSES[name](AlignConfig(margin=0.3, temperature=2.0))(
        ANCHORS,
        torch.tensor([0, 1]),
        ref_emb=torch.tensor([[3.0, 4.0], [0.0, 1.0]]),
        ref_labels=torch.tensor([0, 1]),
    )
    assert loss.item() == pytest.approx(expected, rel=1e-5)
