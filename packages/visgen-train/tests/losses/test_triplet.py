"""Triplet loss: by hand, and beside those of torch and of the library."""

import pytest
import torch
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.losses import TripletMarginLoss
from pytorch_metric_learning.reducers import MeanReducer
from visgen_train.losses import TripletLoss

POINTS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
LABELS = torch.tensor([0, 0, 1])


def random_points():
    return torch.randn(12, 5, generator=torch.Generator().manual_seed(0)), torch.arange(12) % 3


def test_by_hand():
    """Triplets (a, p, n): 5 - 2 + margin; (p, a, n): 5 - sqrt(13) + margin."""
    expected = (5 - 2 + 1 + 5 - 13**0.5 + 1) / 2
    assert TripletLoss(1.0)(POINTS, LABELS).item() == pytest.approx(expected, rel=1e-5)


def test_triplets_that_cost_nothing_count_in_the_average():
    """a = 0, p = 1, n = 3 on a line: (a, p, n) costs max(0, 1 - 3 + 1.5) = 0, (p, a, n) 1 - 2 + 1.5."""
    points = torch.tensor([[0.0], [1.0], [3.0]])
    assert TripletLoss(1.5)(points, LABELS).item() == pytest.approx(0.5 / 2)


def test_equals_torchs_loss_of_given_triplets():
    points, labels = random_points()
    rows = torch.tensor([0, 1, 2]), torch.tensor([3, 4, 5]), torch.tensor([7, 8, 6])
    theirs = torch.nn.TripletMarginLoss(2.0, eps=0)(*(points[part] for part in rows))
    torch.testing.assert_close(TripletLoss(2.0)(points, labels, rows), theirs)


def test_equals_the_librarys_loss_of_all_triplets():
    points, labels = random_points()
    theirs = TripletMarginLoss(2.0, distance=LpDistance(normalize_embeddings=False), reducer=MeanReducer())
    torch.testing.assert_close(TripletLoss(2.0)(points, labels), theirs(points, labels))
