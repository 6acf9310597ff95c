"""What slide and camera add: focus, debris, exposure."""

import numpy as np
import pytest
from scipy.special import ndtr
from visgen_train.simulate.camera import LENS, debris, expose, focus
from visgen_train.simulate.morphology import Shell, ShellTraits
from visgen_train.simulate.render import View, render_shell


@pytest.mark.parametrize(("height", "plane"), [(0.3, 0.3), (0.3, 0.1), (0.1, 0.4)])
def test_an_edge_is_as_soft_as_it_is_far_from_the_focal_plane(height: float, plane: float) -> None:
    """A blurred step is the normal distribution function, of deviation LENS + blur * distance."""
    step = np.zeros((200, 200), np.float32)
    step[:, 100:] = 1
    depth = np.full((200, 200), height, np.float32)
    deviation = 200 * (LENS + 0.1 * abs(height - plane))
    expected = ndtr((np.arange(200) - 99.5) / deviation)
    np.testing.assert_allclose(focus(step, depth, 0.1, plane)[100], expected, atol=0.02)


def test_of_two_balls_the_one_in_focus_has_the_harder_edge() -> None:
    centres = np.array([[-1.5, 0.0, 2.0], [1.5, 0.0, -2.0]])
    pair = Shell(centres, np.ones(2), np.array([[0.0, 0, -9], [0.0, 0, -9]]))
    traits = ShellTraits(1.2, 0.5, 90, 0, 1, 0.0, 0.2, 0.25, ambient=1.0, translucency=0)
    brightness, depth = render_shell(pair, traits, View(np.eye(3), np.array([0.0, 0.0, 1.0])), 120)
    left = float(depth[60, 8])
    seen = focus(brightness, depth, 0.03, left)[60]
    assert np.abs(np.diff(seen[:60])).max() > 2 * np.abs(np.diff(seen[60:])).max()
    assert depth[60, 8] > depth[60, 112] + 0.4


def test_no_debris_no_light() -> None:
    assert not debris(64, 0.0, np.random.default_rng(0)).any()


def test_most_of_the_ground_has_no_debris() -> None:
    shares = [(debris(160, 12.0, np.random.default_rng(seed)) > 0).mean() for seed in range(40)]
    assert 0.01 < np.mean(shares) < 0.15
    assert max(shares) < 0.3


def test_debris_gives_as_much_light_on_more_pixels_and_twice_as_much_twice_as_often() -> None:
    few, fine, many = (
        np.mean([debris(size, clutter, np.random.default_rng(seed)).mean() for seed in range(300)])
        for size, clutter in ((64, 6.0), (160, 6.0), (64, 12.0))
    )
    assert fine / few == pytest.approx(1, rel=0.1)
    assert many / few == pytest.approx(2, rel=0.15)


def test_exposure_and_haze_lie_in_their_ranges() -> None:
    half = np.zeros((2, 2), np.float32)
    half[0] = 1
    shown = np.array([expose(half, 0.0, np.random.default_rng(seed)) for seed in range(100)]) / 255
    assert 0 <= shown[:, 1].min() < shown[:, 1].max() <= 0.05
    assert 0.44 < shown[:, 0].min() < 0.55
    assert 0.75 < shown[:, 0].max() <= 0.85
