"""InfoNCE: by hand, and as torch's cross-entropy of cosines."""

import math

import pytest
import torch
from torch.nn.functional import cross_entropy, normalize
from visgen_train.losses import InfoNCELoss

ANCHORS = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
SPECIES = torch.tensor([0, 1])


def loss(embeddings, labels, temperature, triplets=None):
    return InfoNCELoss(temperature)(
        ANCHORS, SPECIES, triplets, ref_emb=torch.tensor(embeddings), ref_labels=torch.tensor(labels)
    ).item()


def test_by_hand():
    """Image (3, 4) of species 0 has cosines 0.6 and 0.8, image (0, 5) of species 1 has 0 and 1."""
    first, second = math.log(1 + math.exp(0.2 / 0.5)), math.log(1 + math.exp(-1 / 0.5))
    assert loss([[3.0, 4.0], [0.0, 5.0]], [0, 1], 0.5) == pytest.approx((first + second) / 2, rel=1e-5)
    assert loss([[30.0, 40.0]], [0], 0.5) == pytest.approx(first, rel=1e-5)


def test_of_triplets_the_positives_count_as_often_as_they_are_one():
    images = [[3.0, 4.0], [0.0, 5.0], [1.0, 0.0]]
    triplets = tuple(torch.tensor(part) for part in ([0, 0, 1], [0, 0, 1], [1, 1, 0]))
    first, second = math.log(1 + math.exp(0.2)), math.log(1 + math.exp(-1))
    assert loss(images, [0, 1, 0], 1.0, triplets) == pytest.approx((2 * first + second) / 3, rel=1e-5)


def test_equals_torchs_cross_entropy_of_cosines_and_has_its_gradient():
    draw = torch.Generator().manual_seed(0)
    anchors, ours = torch.randn(6, 8, generator=draw), torch.randn(20, 8, generator=draw, requires_grad=True)
    species, truth = torch.arange(6), torch.randint(6, (20,), generator=draw)
    theirs = ours.detach().clone().requires_grad_(True)
    InfoNCELoss(0.07)(anchors, species, ref_emb=ours, ref_labels=truth).backward()
    cosine = normalize(theirs) @ normalize(anchors).T
    expected = cross_entropy(cosine / 0.07, truth)
    expected.backward()
    torch.testing.assert_close(ours.grad, theirs.grad)
    order = torch.randperm(
        6, generator=draw
    )  # the anchor of a species is found by its label, not by its place
    dealt = InfoNCELoss(0.07)(anchors[order], species[order], ref_emb=ours, ref_labels=truth)
    torch.testing.assert_close(dealt, expected)
