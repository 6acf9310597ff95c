"""The paper's sampling of triplets: every image an anchor once, negatives from every class alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from visgen_train.data.triplets import paper_triplets
from visgen_train.errors import ConfigError, DataError

labellings = st.lists(st.integers(0, 6), min_size=2, max_size=60).filter(lambda values: len(set(values)) > 1)


def epoch(labels, size=30, seed=0):
    """All batches of an epoch, and its triplets as rows (anchor, positive, negative) of image positions."""
    batches = list(paper_triplets(np.array(labels), size, np.random.default_rng(seed)))
    return batches, np.concatenate([np.stack([rows[part] for part in apn], axis=1) for rows, apn in batches])


@given(labellings, st.integers(3, 40), st.integers(0, 1000))
def test_every_image_is_an_anchor_once_and_classes_are_right(labels, size, seed):
    labels = np.array(labels)
    batches, triplets = epoch(labels, size, seed)
    anchor, positive, negative = triplets.T
    assert sorted(anchor) == list(range(len(labels)))
    assert (labels[positive] == labels[anchor]).all()
    assert (labels[negative] != labels[anchor]).all()
    alone = np.bincount(labels)[labels[anchor]] == 1
    assert ((positive == anchor) == alone).all()
    for rows, (a, p, n) in batches:
        share = len(rows) // 3
        assert rows.dtype == np.int64
        assert len(rows) <= size
        assert np.array_equal(np.concatenate([a, p, n]), np.arange(3 * share))


def test_batches_are_as_large_as_they_may_be():
    assert [len(rows) for rows, _ in epoch([0, 1] * 6, size=17)[0]] == [15, 15, 6]


def test_negatives_come_from_every_other_class_alike_whatever_its_size():
    """1,200 anchors of class 0 against classes of 300, 30, 3 and 1 images: uniform over classes, then images."""
    labels = np.repeat([0, 1, 2, 3, 4], [1200, 300, 30, 3, 1])
    _, triplets = epoch(labels)
    drawn = triplets[labels[triplets[:, 0]] == 0, 2]
    assert chisquare(np.bincount(labels[drawn], minlength=5)[1:]).pvalue > 0.01
    within = drawn[labels[drawn] == 2]
    assert chisquare(np.bincount(within - 1500, minlength=30)).pvalue > 0.01


def test_positives_are_every_other_image_of_the_class_alike():
    labels = np.array([0, 0, 0, 0, 1])
    drawn = np.zeros((4, 4), int)
    for seed in range(300):
        for anchor, positive, _ in epoch(labels, seed=seed)[1]:
            if anchor < 4:
                drawn[anchor, positive] += 1
    assert (drawn.diagonal() == 0).all()
    assert chisquare(drawn[~np.eye(4, dtype=bool)]).pvalue > 0.01


def test_a_class_with_one_image_never_crashes_as_it_did_in_the_published_code():
    _, triplets = epoch([0, 1])
    assert sorted(map(tuple, triplets.tolist())) == [(0, 0, 1), (1, 1, 0)]


def test_class_numbers_need_not_be_dense():
    _, triplets = epoch([70, -3, 70])
    assert sorted(map(tuple, triplets.tolist())) == [
        (0, 2, 1),
        (1, 1, triplets[triplets[:, 0] == 1, 2][0]),
        (2, 0, 1),
    ]


def test_the_generator_decides():
    labels = np.arange(40) % 4
    assert np.array_equal(epoch(labels, seed=1)[1], epoch(labels, seed=1)[1])
    assert not np.array_equal(epoch(labels, seed=1)[1], epoch(labels, seed=2)[1])


def test_one_class_or_a_batch_too_small_for_a_triplet_say_so_at_once():
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="All images are of one species"):
        paper_triplets(np.zeros(5, int), 30, rng)
    with pytest.raises(ConfigError, match=r"batch of 2 images holds no triplet.*train\.batch"):
        paper_triplets(np.array([0, 1]), 2, rng)
