"""Reciprocal triplet loss: value and gradient by hand."""

import pytest
import torch
from visgen_train.losses import ReciprocalTripletLoss

LABELS = torch.tensor([0, 0, 1])


def test_by_hand():
    """a = (0, 0), p = (3, 4), n = (0, 2). Triplets: (a, p, n): 5 + 1/2; (p, a, n): 5 + 1/sqrt(13)."""
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
    expected = (5 + 1 / 2 + 5 + 1 / 13**0.5) / 2
    assert ReciprocalTripletLoss()(points, LABELS).item() == pytest.approx(expected, rel=1e-5)


def test_a_given_triplet_alone():
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
    triplet = tuple(torch.tensor([i]) for i in (0, 1, 2))
    assert ReciprocalTripletLoss()(points, LABELS, triplet).item() == pytest.approx(5.5, rel=1e-5)


def test_gradient_by_hand():
    """For one triplet on a line, a = 0, p = 1, n = 2: dL/dp = 1, dL/dn = -1/4, dL/da = -1 + 1/4."""
    points = torch.tensor([[0.0], [1.0], [2.0]], requires_grad=True)
    triplet = tuple(torch.tensor([i]) for i in (0, 1, 2))
    ReciprocalTripletLoss()(points, LABELS, triplet).backward()
    torch.testing.assert_close(points.grad, torch.tensor([[-0.75], [1.0], [-0.25]]), atol=1e-5, rtol=0)


def test_loss_and_gradient_stay_finite_where_points_meet():
    points = torch.zeros(3, 2, requires_grad=True)
    loss = ReciprocalTripletLoss()(points, LABELS)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(points.grad).all()


def test_a_batch_without_triplets_costs_nothing():
    points = torch.randn(3, 2, requires_grad=True)
    assert ReciprocalTripletLoss()(points, torch.tensor([0, 1, 2])).item() == 0
