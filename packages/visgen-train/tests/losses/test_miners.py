"""Which triplets of a batch each miner takes, by hand."""

import pytest
import torch
from visgen_train.losses import MINERS

# On a line: 0 and 1 of class 0, 1.5 and 8 of class 1.
LINE = torch.tensor([[0.0], [1.0], [1.5], [8.0]])
LABELS = torch.tensor([0, 0, 1, 1])


def mined(name, embedding=LINE, labels=LABELS, **more):
    return set(zip(*(part.tolist() for part in MINERS[name](embedding, labels, **more)), strict=True))


def test_all_is_left_to_the_loss():
    assert MINERS["all"](LINE, LABELS) is None


def test_hardest_is_the_furthest_positive_and_the_nearest_negative():
    assert mined("hardest") == {(0, 1, 2), (1, 0, 2), (2, 3, 1), (3, 2, 1)}
    three = torch.tensor([[0.0], [1.0], [4.0], [1.5]])
    assert mined("hardest", three, torch.tensor([0, 0, 0, 1])) == {(0, 2, 3), (1, 2, 3), (2, 0, 3)}


def test_semihard_negatives_lie_behind_the_positive_within_the_margin():
    """d(0, 1) = 1: from 0 the negative at 1.5 is 0.5 behind, that at 8 is 7 behind; from 1 they are in front and 6."""
    assert mined("semihard") == {(0, 1, 2), (3, 2, 1)}  # from 8, d = 6.5: class 0 lies 7 and 8 away
    assert mined("semihard", margin=0.4) == set()
    assert mined("semihard", margin=1.5) == {(0, 1, 2), (3, 2, 1), (3, 2, 0)}


def test_random_gives_one_triplet_an_anchor_and_reaches_all():
    torch.manual_seed(0)
    labels = torch.tensor([0, 0, 0, 1, 1])
    seen = set()
    for _ in range(60):
        triplets = mined("random", torch.zeros(5, 1), labels)
        assert sorted(anchor for anchor, _, _ in triplets) == [0, 1, 2, 3, 4]
        seen |= triplets
    assert len(seen) == 3 * 2 * 2 + 2 * 1 * 3


def test_embeddings_are_not_normalised():
    """By direction 0 and 1 would be one point; by distance 1 is the further positive of 2."""
    points = torch.tensor([[1.0, 0.0], [9.0, 0.0], [2.0, 0.5], [0.0, 1.0]])
    assert (2, 1, 3) in mined("hardest", points, torch.tensor([0, 0, 0, 1]))


@pytest.mark.parametrize("name", ["random", "semihard", "hardest"])
@pytest.mark.parametrize("seed", range(5))
def test_label_bug_of_the_published_miner(name, seed):
    """A mined negative is never of the anchor's class, a positive always is, and nothing is its own positive."""
    torch.manual_seed(seed)
    labels = torch.randint(0, 4, (24,))
    anchor, positive, negative = MINERS[name](torch.randn(24, 3), labels)
    assert len(anchor)
    assert (labels[negative] != labels[anchor]).all()
    assert (labels[positive] == labels[anchor]).all()
    assert (positive != anchor).all()


@pytest.mark.parametrize("name", ["random", "semihard", "hardest"])
def test_the_choice_carries_no_gradient(name):
    points = LINE.clone().requires_grad_()
    assert not any(part.requires_grad for part in MINERS[name](points, LABELS))
