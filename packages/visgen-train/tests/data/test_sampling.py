"""Class-balanced batches: equal numbers, turns of species, and small sets."""

from collections import Counter

import numpy as np
import pytest
from visgen_train.data.sampling import balanced_batches, drawn_before


def batches(labels, size, per_class, seed=0):
    return list(balanced_batches(np.array(labels), size, per_class, np.random.default_rng(seed)))


def test_every_batch_holds_the_same_number_of_each_of_its_species():
    labels = [0] * 50 + [1] * 10 + [2] * 3 + [3]
    found = batches(labels, 8, 4)
    assert len(found) == 8  # 64 images in batches of 8
    for batch in found:
        assert sorted(Counter(np.array(labels)[batch]).values()) == [4, 4]


def test_species_and_images_take_turns():
    labels = [0] * 32 + [1] * 32 + [2] * 32
    found = batches(labels, 12, 4)
    assert sorted(np.concatenate(found)) == list(range(96))


def test_fewer_species_than_asked_and_a_species_with_one_image():
    found = batches([0, 0, 0, 1], 4, 2)
    assert all(len(batch) == 4 for batch in found)
    assert all((batch == 3).sum() == 2 for batch in found)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_generator_decides(seed):
    labels = list(range(5)) * 10
    same = [
        np.array_equal(a, b)
        for a, b in zip(batches(labels, 6, 2, seed), batches(labels, 6, 2, seed), strict=True)
    ]
    other = [
        np.array_equal(a, b)
        for a, b in zip(batches(labels, 6, 2, 0), batches(labels, 6, 2, seed), strict=True)
    ]
    assert all(same)
    assert not all(other)


def test_a_batch_keeps_its_size_where_species_are_few():
    labels = np.array([0] * 90 + [1] * 90 + [2] * 90)
    for batch in batches(labels, 32, 2):
        assert sorted(Counter(labels[batch]).values()) == [10, 10, 10]


def test_many_species_share_a_batch_by_turns():
    labels = np.repeat(np.arange(40), 7)
    found = batches(labels, 32, 2)
    assert [len(np.unique(labels[batch])) for batch in found] == [16] * 9
    assert len(np.unique(labels[np.concatenate(found[:5])])) == 40


def test_a_set_too_small_for_eight_batches_gets_smaller_ones():
    labels = np.array([0] * 20 + [1] * 20 + [2] * 20)
    assert len(batches(labels, 64, 2)) == 10  # of 6 images: three species, two of each
    assert len(batches(list(range(3)) * 400, 64, 2)) == 20


def test_draws_are_counted_through_batches_and_within_them():
    found = drawn_before([np.array([2, 0, 2, 2]), np.array([2, 0, 3])], images=4)
    assert [draws.tolist() for draws in found] == [[0, 0, 1, 2], [3, 1, 0]]
