"""Contrastive loss: by hand, and beside the library's."""

import pytest
import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import ContrastiveLoss as LibrarysLoss
from pytorch_metric_learning.reducers import MeanReducer
from visgen_train.losses import ContrastiveLoss

POINTS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
LABELS = torch.tensor([0, 0, 1])


def test_by_hand():
    """Pairs: (a, p) of one class costs 5/2, (a, n) at distance 2 (margin - 2)/2, (p, n) at sqrt(13) likewise."""
    assert ContrastiveLoss(1.0)(POINTS, LABELS).item() == pytest.approx(2.5 / 3, rel=1e-5)
    expected = (5 + (4 - 2) + (4 - 13**0.5)) / 2 / 3
    assert ContrastiveLoss(4.0)(POINTS, LABELS).item() == pytest.approx(expected, rel=1e-5)


def test_pairs_of_one_kind_only():
    assert ContrastiveLoss()(POINTS[:2], torch.tensor([0, 0])).item() == pytest.approx(2.5)
    assert ContrastiveLoss(7.0)(POINTS[:2], torch.tensor([0, 1])).item() == pytest.approx(1.0)


def test_triplets_become_pairs_as_often_as_they_name_them():
    """Twice (a, p) and twice (a, n)."""
    triplets = tuple(torch.tensor([row, row]) for row in (0, 1, 2))
    assert ContrastiveLoss(4.0)(POINTS, LABELS, triplets).item() == pytest.approx((5 / 2 + 2 / 2) / 2)


def test_half_of_the_librarys_loss_of_each_kind_of_pair():
    """Its mean over positive pairs plus its mean over negative pairs; ours is one mean over both, and halved."""
    generator = torch.Generator().manual_seed(0)
    points, labels = torch.randn(12, 5, generator=generator), torch.arange(12) % 3
    library = LibrarysLoss(0, 3.0, distance=LpDistance(normalize_embeddings=False), reducer=MeanReducer())
    library(points, labels)
    same = labels[:, None] == labels
    positive, negative = int(same.sum()) - 12, int((~same).sum())
    parts = []
    for margin in (0.0, 3.0):  # no negative pair costs anything at margin 0
        parts.append(
            LibrarysLoss(0, margin, distance=library.distance, reducer=MeanReducer())(points, labels)
        )
    within, between = parts[0], parts[1] - parts[0]
    expected = (within * positive + between * negative) / (positive + negative) / 2
    torch.testing.assert_close(ContrastiveLoss(3.0)(points, labels), expected)
