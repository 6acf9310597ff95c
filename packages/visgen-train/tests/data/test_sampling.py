from collections import Counter

import numpy as np
import pytest
from visgen_train.data.sampling import balanced_batches


def batches(labels, size, per_class, seed=0):
    return list(balanced_batches(np.array(labels), size, per_class, np.random.default_rng(seed)))


def test_every_batch_holds_the_same_number_of_each_of_its_species():
    labels = [0] * 50 + [1] * 10 + [2] * 3 + [3]
    found = batches(labels, 8, 4)
    assert len(found) == 8  # 64 images in batches of 8
    for batch in found:
        assert sorted(Counter(np.array(labels)[batch]).values()) == [4, 4]


def test_species_and_images_take_turns():
    labels = [0] * 4 + [1] * 4 + [2] * 4
    found = batches(labels, 12, 4)
    assert sorted(np.concatenate(found)) == list(range(12))


def test_fewer_species_than_asked_and_a_species_with_one_image():
    found = batches([0, 0, 0, 1], 4, 2)
    assert all(sorted(np.unique(batch)) and len(batch) == 4 for batch in found)
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
    labels = np.array([0] * 30 + [1] * 30 + [2] * 30)
    for batch in batches(labels, 32, 2):
        assert sorted(Counter(labels[batch]).values()) == [10, 10, 10]


def test_many_species_share_a_batch_by_turns():
    labels = np.arange(40)
    found = batches(labels, 32, 2)
    assert [len(np.unique(labels[batch])) for batch in found] == [16, 16]
    assert len(np.unique(labels[np.concatenate(found)])) == 32
