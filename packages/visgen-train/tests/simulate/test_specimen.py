"""Individuals as they are photographed."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.simulate.morphology import RANGES, grow, traits_from_scores
from visgen_train.simulate.render import FILL, render_shell, waves
from visgen_train.simulate.specimen import Difficulty, _coefficients, draw_specimen, draw_view

CLEAN = Difficulty(0, 0, 0, 0, 0, 0)
SCORES = np.zeros(len(RANGES))


def draw(difficulty: Difficulty, seed: int, size: int = 64) -> np.ndarray:
    return draw_specimen(SCORES, difficulty, size, np.random.default_rng(seed)).astype(float)


def test_views_are_rotations_with_unit_light() -> None:
    rng = np.random.default_rng(0)
    poses = [draw_view(0.4, 0.3, rng) for _ in range(50)]
    for pose in poses:
        np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(pose.rotation) == pytest.approx(1)
        assert np.linalg.norm(pose.light) == pytest.approx(1)
    assert min(pose.rotation[2, 2] for pose in poses) < 0.9


def test_without_tilt_shells_lie_flat() -> None:
    pose = draw_view(0.0, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(pose.rotation[2], [0, 0, 1], atol=1e-12)


def test_specimens_are_deterministic_and_differ() -> None:
    scores = np.zeros(len(RANGES))
    first = draw_specimen(scores, Difficulty(), 64, np.random.default_rng(1))
    again = draw_specimen(scores, Difficulty(), 64, np.random.default_rng(1))
    other = draw_specimen(scores, Difficulty(), 64, np.random.default_rng(2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_specimens_are_bright_on_a_dark_ground() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        picture = draw_specimen(rng.standard_normal(len(RANGES)), Difficulty(), 64, rng)
        assert picture.shape == (64, 64)
        assert picture.dtype == np.uint8
        corners = np.concatenate([picture[:3, :3], picture[:3, -3:], picture[-3:, :3], picture[-3:, -3:]])
        assert corners.mean() < 40
        assert picture[24:40, 24:40].mean() > corners.mean() + 20


def test_the_shell_lies_within_the_frame_at_every_scale() -> None:
    """No pixel of the outermost is shell, so its centroid is inside too; sizes are even between the limits."""
    rng, fills = np.random.default_rng(4), []
    for _ in range(200):
        traits, view = traits_from_scores(rng.standard_normal(len(RANGES))), draw_view(0.25, 0.5, rng)
        seen = render_shell(grow(traits), traits, view, 48).brightness > 0
        assert not seen[[0, -1]].any()
        assert not seen[:, [0, -1]].any()
        fills.append(view.fill)
    assert min(fills) == pytest.approx(FILL / 2, rel=0.03)
    assert max(fills) == pytest.approx(FILL, rel=0.03)
    assert np.mean(fills) == pytest.approx(0.75 * FILL, rel=0.04)


def test_the_outline_and_stains_have_their_deviation() -> None:
    rng = np.random.default_rng(0)
    fields = np.array([waves(_coefficients(0.5, rng), 32) for _ in range(400)])
    assert fields.std() == pytest.approx(0.5, rel=0.05)
    np.testing.assert_allclose(fields.mean((1, 2)), 0, atol=1e-12)


def test_noise_does_what_it_says() -> None:
    clean, noisy = draw(CLEAN, 5), draw(replace(CLEAN, noise=0.1), 5)
    inside = (clean > 80) & (clean < 180)
    assert (noisy - clean)[inside].std() / 255 == pytest.approx(0.1, abs=0.015)


@pytest.mark.parametrize("dial", ["variation", "tilt", "noise", "blur", "clutter", "scale"])
def test_each_dial_turns(dial: str) -> None:
    values = {"variation": 0.5, "tilt": 0.5, "noise": 0.1, "blur": 0.1, "clutter": 30.0, "scale": 0.5}
    changed = np.abs(draw(replace(CLEAN, **{dial: values[dial]}), 6) - draw(CLEAN, 6))
    assert changed.max() > 10


def test_debris_leaves_the_rest_of_the_picture_alone() -> None:
    """Most pixels stay bit for bit what they were; the others are brighter."""
    for seed in range(5):
        clean, dusty = (
            draw(replace(CLEAN, noise=0.02), seed),
            draw(replace(CLEAN, noise=0.02, clutter=12), seed),
        )
        assert (dusty >= clean).all()
        assert 0.001 < (dusty > clean).mean() < 0.2


def test_what_is_out_of_focus_has_less_detail() -> None:
    sharp, soft = (draw(replace(CLEAN, blur=blur), 7, 96) for blur in (0.0, 0.1))
    assert (np.diff(soft) ** 2).mean() < 0.7 * (np.diff(sharp) ** 2).mean()
    assert soft.mean() == pytest.approx(sharp.mean(), rel=0.02)


def test_what_is_no_trait_does_not_depend_on_the_species() -> None:
    """Frame, lamp and dust come from the picture's generator, whatever the species."""
    edges = [
        draw_specimen(scores, Difficulty(blur=0, clutter=200), 64, np.random.default_rng(8))[0]
        for scores in (SCORES - 1, SCORES + 1)
    ]
    np.testing.assert_array_equal(*edges)
    assert edges[0].max() > 60


def test_mean_traits_are_a_shell() -> None:
    assert traits_from_scores(np.zeros(len(RANGES))).growth == pytest.approx(1.15)
