"""Softmax with a share of a metric loss: by hand, at weight zero, and without a triplet."""

import math

import pytest
import torch
from visgen_train.losses import METRIC_LOSSES, MINERS, ReciprocalTripletLoss, combined_loss

POINTS = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 2.0]])
LABELS = torch.tensor([0, 0, 1])
LOGITS = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]])
SOFTMAX = torch.nn.functional.cross_entropy(LOGITS, LABELS)


def test_by_hand():
    """Two classes with equal logits cost log 2; the triplets of the points cost 5.5 and 5 + 1/sqrt(13)."""
    expected = math.log(2) + 0.01 * (5.5 + 5 + 1 / math.sqrt(13)) / 2
    loss = combined_loss(torch.zeros(3, 2), POINTS, LABELS, ReciprocalTripletLoss(), 0.01)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_weight_zero_is_plain_softmax():
    assert combined_loss(LOGITS, POINTS, LABELS, ReciprocalTripletLoss(), 0) == SOFTMAX


def test_given_triplets_only():
    """The one triplet (a, p, n) costs 5.5 by eq. 3, 5 - 2 + 1 by eq. 2, and (5/2 + 0) / 2 by eq. 1."""
    triplet = tuple(torch.tensor([row]) for row in (0, 1, 2))
    for name, expected in (("reciprocal_triplet", 5.5), ("triplet", 4.0), ("contrastive", 1.25)):
        loss = combined_loss(LOGITS, POINTS, LABELS, METRIC_LOSSES[name](1.0), 0.5, triplet)
        assert loss.item() == pytest.approx(SOFTMAX.item() + 0.5 * expected, rel=1e-5), name


def test_the_prior_is_added_to_the_logits():
    """Classes of 3 : 1 images: equal logits cost -log(3/4) for the common class and -log(1/4) for the rare one."""
    prior = torch.log(torch.tensor([0.75, 0.25]))
    loss = combined_loss(torch.zeros(3, 2), POINTS, LABELS, ReciprocalTripletLoss(), 0, log_prior=prior)
    assert loss.item() == pytest.approx(-(2 * math.log(0.75) + math.log(0.25)) / 3, rel=1e-5)


@pytest.mark.parametrize(
    ("miner", "name"),  # all pairs of such a batch do cost something by eq. 1
    [(m, n) for m in MINERS for n in METRIC_LOSSES if (m, n) != ("all", "contrastive")],
)
@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2], [0]])
def test_a_batch_without_a_triplet_costs_the_softmax_alone_and_can_be_stepped(miner, name, labels):
    rows = len(labels)
    embedding, logits = torch.randn(rows, 4, requires_grad=True), torch.zeros(rows, 3, requires_grad=True)
    target = torch.tensor(labels)
    triplets = MINERS[miner](embedding, target)
    loss = combined_loss(logits, embedding, target, METRIC_LOSSES[name](1.0), 1.0, triplets)
    loss.backward()
    assert loss.item() == pytest.approx(math.log(3))
    assert torch.equal(embedding.grad, torch.zeros_like(embedding))
