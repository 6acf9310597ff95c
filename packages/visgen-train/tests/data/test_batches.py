"""An epoch of batches, balanced or by the paper's sampling of triplets."""

import dataclasses

import numpy as np
from visgen_train.config import TrainConfig
from visgen_train.data.batches import epoch_batches
from visgen_train.data.sampling import balanced_batches
from visgen_train.data.triplets import paper_triplets

LABELS = np.array([0, 0, 0, 0, 1, 1, 2])


def rng():
    return np.random.default_rng(3)


def test_balanced_batches_leave_the_triplets_to_the_miner():
    drawn = list(epoch_batches(LABELS, TrainConfig(batch=4, images_per_class=2), rng()))
    expected = list(balanced_batches(LABELS, 4, 2, rng()))
    assert all(triplets is None for _, triplets in drawn)
    assert [rows.tolist() for rows, _ in drawn] == [rows.tolist() for rows in expected]


def test_the_papers_sampling_brings_its_triplets():
    drawn = list(epoch_batches(LABELS, TrainConfig(sampling="paper", batch=6), rng()))
    for (rows, triplets), (expected, also) in zip(drawn, paper_triplets(LABELS, 6, rng()), strict=True):
        np.testing.assert_array_equal(rows, expected)
        np.testing.assert_array_equal(triplets, also)


def test_an_epoch_of_the_papers_sampling_has_three_images_a_triplet_and_the_settings_say_so():
    """Each image is an anchor once, so 20 epochs are 60 image passes; of balanced batches (rounded up) they are 20."""
    sizes = {
        sampling: sum(len(rows) for rows, _ in epoch_batches(LABELS, TrainConfig(sampling=sampling), rng()))
        for sampling in ("paper", "balanced")
    }
    assert sizes["paper"] == 3 * len(LABELS)
    assert len(LABELS) <= sizes["balanced"] < 2 * len(LABELS)
    (epochs,) = (item for item in dataclasses.fields(TrainConfig) if item.name == "epochs")
    assert "three times the images" in epochs.metadata["help"]
