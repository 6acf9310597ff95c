"""Views of pictures: plain ones are never random, augmented ones by seed, epoch, image and draw alone."""

import dataclasses

import numpy as np
import pytest
import torch
from visgen_train.config import TrainConfig
from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD, augmented, plain

CPU = torch.device("cpu")
CONFIG = TrainConfig()


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (4, 3, 32, 32), dtype=np.uint8)


def grey_levels(images):
    """Undo the ImageNet normalisation."""
    return images * torch.tensor(IMAGENET_STD).view(1, 3, 1, 1) + torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1)


def test_a_plain_view_is_normalised_and_never_random(pixels):
    flat = np.full((1, 3, 8, 8), 51, np.uint8)
    expected = (0.2 - torch.tensor(IMAGENET_MEAN)) / torch.tensor(IMAGENET_STD)
    torch.testing.assert_close(plain(flat, CPU)[0, :, 3, 3], expected)
    assert torch.equal(plain(pixels, CPU), plain(pixels, CPU))


def test_randomness_comes_from_seed_epoch_index_and_draw_alone(pixels):
    together = augmented(pixels, [7, 8, 9, 10], [0, 0, 2, 0], 1, 0, CONFIG, CPU)
    alone = augmented(pixels[2:3], [9], [2], 1, 0, CONFIG, CPU)
    torch.testing.assert_close(together[2:3], alone)
    for index, draw, epoch, seed in ((9, 2, 2, 0), (9, 2, 1, 1), (8, 2, 1, 0), (9, 1, 1, 0)):
        other = augmented(pixels[2:3], [index], [draw], epoch, seed, CONFIG, CPU)
        assert not torch.allclose(other, alone)


def test_without_rotation_scale_and_noise_a_view_is_the_picture(pixels):
    still = dataclasses.replace(CONFIG, rotation=0.0, scale=0.0, noise=0.0)
    view = grey_levels(augmented(pixels, range(4), [0] * 4, 0, 0, still, CPU))
    torch.testing.assert_close(view, torch.from_numpy(pixels) / 255, atol=1e-5, rtol=0)


def turning_sense(images):
    """Sign of the triangle red -> green -> blue of one dot in each channel."""
    rows, columns = torch.meshgrid(torch.arange(33.0), torch.arange(33.0), indexing="ij")
    weights = images[0] / images[0].sum((1, 2), keepdim=True)
    y, x = (weights * rows).sum((1, 2)), (weights * columns).sum((1, 2))
    return torch.sign((x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0]))


def test_pictures_are_turned_all_the_way_round_but_never_mirrored():
    dots = np.zeros((1, 3, 33, 33), np.uint8)
    for channel, (row, column) in enumerate(((10, 16), (20, 10), (20, 22))):
        dots[0, channel, row - 1 : row + 2, column - 1 : column + 2] = 255
    config = dataclasses.replace(CONFIG, noise=0.0)
    views = [grey_levels(augmented(dots, [0], [0], epoch, 0, config, CPU)).clamp(0, 1) for epoch in range(40)]
    expected = turning_sense(torch.from_numpy(dots) / 255)
    assert turning_sense(torch.from_numpy(dots[..., ::-1].copy()) / 255) == -expected
    assert all(turning_sense(view) == expected for view in views)
    red_below = [view[0, 0, 18:].sum() > view[0, 0, :15].sum() for view in views]
    assert 8 < sum(red_below) < 32


def test_plain_views_are_smoothed_as_augmented_ones_are():
    """A picture of pure noise must keep the same share of its variance in both views, or the network meets
    another texture at test time than in training."""
    noise = np.random.default_rng(1).integers(0, 256, (32, 3, 64, 64), dtype=np.uint8)
    turning = dataclasses.replace(CONFIG, scale=0.0, noise=0.0)
    middle = (..., slice(20, 44), slice(20, 44))
    before = (torch.from_numpy(noise) / 255)[middle].var()
    kept_plain = float(grey_levels(plain(noise, CPU))[middle].var() / before)
    kept_augmented = float(
        grey_levels(augmented(noise, range(32), [0] * 32, 0, 0, turning, CPU))[middle].var() / before
    )
    assert kept_plain == pytest.approx(4 / 9, abs=0.01)
    assert kept_augmented == pytest.approx(kept_plain, abs=0.02)
