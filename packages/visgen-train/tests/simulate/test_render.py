"""Pictures of shells."""

import numpy as np
import pytest
from visgen_train.simulate.morphology import RANGES, Shell, ShellTraits, traits_from_scores
from visgen_train.simulate.render import (
    HOLE,
    MARGIN,
    Difficulty,
    View,
    draw_specimen,
    draw_view,
    render_shell,
)

SIZE = 23
"""With a margin of 1.15 a unit sphere spans 20 pixels of 0.1; pixel 11 is the centre."""
SMOOTH = ShellTraits(1.2, 0.5, 90, 0, 1, 0.0, 10, 0.25, ambient=0.2)
BALL = Shell(np.zeros((1, 3)), np.ones(1), np.array([[0.0, 0.0, -1.0]]))


def view(*light: float) -> View:
    return View(np.eye(3), np.array(light))


def test_sphere_lit_from_the_viewer_by_hand() -> None:
    """At x = 0.6 the normal's z is 0.8, so the brightness is 0.2 + 0.8 * 0.8."""
    assert MARGIN == 1.15
    picture = render_shell(BALL, SMOOTH, view(0, 0, 1), SIZE)
    assert picture.shape == (SIZE, SIZE)
    assert picture.dtype == np.float32
    assert picture[11, 11] == pytest.approx(1, abs=1e-4)
    assert picture[11, 17] == pytest.approx(0.84, abs=1e-4)
    assert picture[5, 11] == pytest.approx(0.84, abs=1e-4)


def test_sphere_lit_from_the_right_by_hand() -> None:
    picture = render_shell(BALL, SMOOTH, view(1, 0, 0), SIZE)
    assert picture[11, 17] == pytest.approx(0.2 + 0.8 * 0.6, abs=1e-4)
    assert picture[11, 5] == pytest.approx(0.2, abs=1e-4)


def test_edge_is_half_covered_and_the_ground_black() -> None:
    """The edge, x = 1, cuts pixel 21 in half; its normal is horizontal, so only ambient light is left."""
    picture = render_shell(BALL, SMOOTH, view(0, 0, 1), SIZE)
    assert picture[11, 21] == pytest.approx(0.1, abs=2e-3)
    assert picture[11, 22] == 0
    assert picture[0, 0] == 0


def test_aperture_is_dark() -> None:
    facing = Shell(BALL.centres, BALL.radii, np.array([[0.0, 0.0, 1.0]]))
    picture = render_shell(facing, SMOOTH, view(0, 0, 1), SIZE)
    assert picture[11, 11] == pytest.approx(HOLE, abs=1e-4)
    assert picture[11, 17] == pytest.approx(0.84, abs=1e-4)


def test_rotation_moves_the_aperture() -> None:
    """A half turn about x brings the hidden aperture to the front."""
    turned = View(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 1.0]))
    assert render_shell(BALL, SMOOTH, turned, SIZE)[11, 11] == pytest.approx(HOLE, abs=1e-4)


def test_pores_darken_by_no_more_than_their_amplitude() -> None:
    porous = ShellTraits(1.2, 0.5, 90, 0, 1, 0.6, 10, 0.25, ambient=0.2)
    smooth = render_shell(BALL, SMOOTH, view(0, 0, 1), SIZE)
    ratio = render_shell(BALL, porous, view(0, 0, 1), SIZE)[smooth > 0] / smooth[smooth > 0]
    assert ratio.max() == pytest.approx(1)
    assert 0.4 - 1e-6 <= ratio.min() < 0.7


def test_nearer_chamber_hides_the_farther() -> None:
    centres = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
    pair = Shell(centres, np.array([1.0, 0.5]), np.array([[0.0, 0, -1], [0.0, 0, -1]]))
    picture = render_shell(pair, SMOOTH, view(1, 0, 0), SIZE)
    assert picture[11, 14] == pytest.approx(0.2 + 0.8 * 0.6, abs=1e-3)
    assert picture[11, 17] == pytest.approx(0.2 + 0.8 * 0.6, abs=1e-3)


def test_seam_is_darker_than_either_side() -> None:
    centres = np.array([[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0]])
    pair = Shell(centres, np.ones(2), np.array([[0.0, 0, -1], [0.0, 0, -1]]))
    row = render_shell(pair, SMOOTH, view(0, 0, 1), 61)[30]
    assert row[30] < 0.6 * min(row[20], row[40])


def test_views_are_rotations_with_unit_light() -> None:
    rng = np.random.default_rng(0)
    poses = [draw_view(0.4, rng) for _ in range(50)]
    for pose in poses:
        np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(pose.rotation) == pytest.approx(1)
        assert np.linalg.norm(pose.light) == pytest.approx(1)
    assert min(pose.rotation[2, 2] for pose in poses) < 0.9


def test_without_tilt_shells_lie_flat() -> None:
    pose = draw_view(0.0, np.random.default_rng(0))
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


def test_shell_fills_a_fair_part_of_the_picture() -> None:
    rng = np.random.default_rng(4)
    still = Difficulty(noise=0.0)
    shares = [
        (draw_specimen(rng.standard_normal(len(RANGES)), still, 64, rng) > 25).mean() for _ in range(30)
    ]
    assert min(shares) > 0.15
    assert max(shares) < 0.75


def test_variation_and_noise_do_what_they_say() -> None:
    scores = np.zeros(len(RANGES))
    clean = draw_specimen(scores, Difficulty(noise=0.0), 64, np.random.default_rng(5)).astype(float)
    noisy = draw_specimen(scores, Difficulty(noise=0.1), 64, np.random.default_rng(5)).astype(float)
    inside = (clean > 80) & (clean < 180)
    assert (noisy - clean)[inside].std() / 255 == pytest.approx(0.1, abs=0.015)
    alike = draw_specimen(scores, Difficulty(0.0, 0.0, 0.0), 64, np.random.default_rng(6))
    varied = draw_specimen(scores, Difficulty(0.5, 0.0, 0.0), 64, np.random.default_rng(6))
    assert (alike != varied).any()


def test_mean_traits_are_a_shell() -> None:
    assert traits_from_scores(np.zeros(len(RANGES))).growth == pytest.approx(1.15)
