"""Cosine triplet loss towards anchors: by hand, and beside torch's."""

import pytest
import torch
from torch.nn.functional import cosine_embedding_loss
from visgen_train.losses import CosineAlignmentLoss

ANCHORS = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
SPECIES = torch.tensor([0, 1])


def loss(embeddings, labels, margin=0.5):
    return CosineAlignmentLoss(margin)(
        ANCHORS, SPECIES, ref_emb=torch.tensor(embeddings), ref_labels=torch.tensor(labels)
    ).item()


def test_by_hand():
    """Images (3, 4) of species 0 and (0, 1) of species 1.

    Anchor 0: positive 1 - 3/5, negative max(0, 0 - 0.5) = 0. Anchor 1: positive 0, negative 4/5 - 1/2.
    """
    assert loss([[3.0, 4.0], [0.0, 1.0]], [0, 1]) == pytest.approx((0.4 + 0.3) / 2, rel=1e-5)
    assert loss([[3.0, 4.0], [0.0, 1.0]], [0, 1], margin=0.9) == pytest.approx(0.4 / 2, rel=1e-5)


def test_lengths_do_not_matter():
    assert loss([[30.0, 40.0], [0.0, 0.1]], [0, 1]) == pytest.approx(loss([[3.0, 4.0], [0.0, 1.0]], [0, 1]))


def test_equals_torchs_cosine_embedding_loss_of_one_triplet():
    anchor, positive, negative = torch.randn(3, 1, 8, generator=torch.Generator().manual_seed(0))
    ours = CosineAlignmentLoss(0.1)(
        anchor, torch.tensor([0]), ref_emb=torch.cat([positive, negative]), ref_labels=torch.tensor([0, 1])
    )
    theirs = cosine_embedding_loss(anchor, positive, torch.tensor([1])) + cosine_embedding_loss(
        anchor, negative, torch.tensor([-1]), margin=0.1
    )
    torch.testing.assert_close(ours, theirs)


def test_a_batch_of_one_species_costs_nothing():
    assert loss([[3.0, 4.0]], [0]) == 0
