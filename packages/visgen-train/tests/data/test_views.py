"""What the network is shown, of pictures and of features."""

import numpy as np
import torch
from visgen_train.config import TrainConfig
from visgen_train.data.transforms import augmented, plain
from visgen_train.data.views import FeatureViews, ImageViews

CPU = torch.device("cpu")


def test_pictures_are_seen_plain_or_augmented():
    pixels = np.random.default_rng(0).integers(0, 255, (5, 3, 8, 8)).astype(np.uint8)
    config = TrainConfig()
    views, rows, draws = ImageViews(pixels, config, 7, CPU), np.array([3, 1]), np.array([0, 2])
    assert torch.equal(views.plain(rows), plain(pixels[rows], CPU))
    expected = augmented(pixels[rows], rows, draws, 4, 7, config, CPU)
    assert torch.equal(views.augmented(rows, draws, 4), expected)
    assert not views.fixed


def test_features_are_standardised_by_the_training_rows_alone():
    """Training rows 0 and 2: means 2 and 5, spreads 1 and 0, which divides nothing."""
    vectors = np.array([[1.0, 5.0], [100.0, -7.0], [3.0, 5.0]])
    views = FeatureViews(vectors, np.array([0, 2]), CPU)
    assert views.plain(np.array([0, 1, 2])).tolist() == [[-1, 0], [98, -12], [1, 0]]
    assert torch.equal(views.augmented(np.array([1]), np.array([0]), 9), views.plain(np.array([1])))
    assert views.fixed


def test_features_of_any_size_are_seen_alike():
    vectors = np.random.default_rng(0).normal(size=(20, 4))
    training = np.arange(15)
    rows = np.arange(20)
    one, thousand = (FeatureViews(vectors * by, training, CPU).plain(rows) for by in (1e-6, 1e6))
    torch.testing.assert_close(one, thousand)
