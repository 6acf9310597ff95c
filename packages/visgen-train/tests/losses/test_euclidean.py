"""The Euclidean distance of the losses: finite gradients where points meet."""

import pytest
import torch
from visgen_train.losses import METRIC_LOSSES
from visgen_train.losses.euclidean import EuclideanDistance


@pytest.mark.parametrize(
    "rows", [3, 40]
)  # torch has one way of computing distances up to 25 points, another above
@pytest.mark.parametrize("name", METRIC_LOSSES)
def test_loss_and_gradient_stay_finite_where_points_meet(name, rows):
    points = torch.full((rows, 8), 0.7, requires_grad=True)
    loss = METRIC_LOSSES[name](1.0)(points, torch.arange(rows) % 2)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(points.grad).all()


@pytest.mark.parametrize("rows", [3, 40])
def test_near_points_are_not_taken_for_one(rows):
    points = torch.full((rows, 8), 10.0)
    points[1, 0] += 2**-10
    assert EuclideanDistance()(points)[0, 1].item() == pytest.approx(2**-10, rel=1e-4)


def test_by_hand():
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    torch.testing.assert_close(EuclideanDistance()(points), torch.tensor([[0.0, 5.0], [5.0, 0.0]]))
    torch.testing.assert_close(
        EuclideanDistance()(points, torch.tensor([[0.0, 2.0]])), torch.tensor([[2.0], [13**0.5]])
    )
