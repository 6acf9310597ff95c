"""Pictures of shells, in perfect focus."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.simulate.morphology import Shell, ShellTraits
from visgen_train.simulate.render import FAR, FILL, HOLE, View, _depth_buffer, render_shell, waves
from visgen_train.simulate.shading import BACK, RIM

SIZE = 23
"""Filling 1 / 1.15 of the picture, a unit sphere spans 20 pixels of 0.1; pixel 11 is the centre."""
SMOOTH = ShellTraits(1.2, 0.5, 90, 0, 1, 0.0, 0.2, 0.25, ambient=0.2, translucency=0)
BALL = Shell(np.zeros((1, 3)), np.ones(1), np.array([[0.0, 0.0, -1.0]]))


AWAY = np.array([0.0, 0.0, -1.0])
"""Where an aperture is not seen."""


def view(*light: float) -> View:
    return View(np.eye(3), np.array(light))


def render(shell: Shell, traits: ShellTraits, seen: View, size: int = SIZE) -> np.ndarray:
    return render_shell(shell, traits, seen, size).brightness


def test_sphere_lit_from_the_viewer_by_hand() -> None:
    """At x = 0.6 the normal's z is 0.8; the wall sees 0.9 of the sky, so the brightness is 0.2 * 0.9 + 0.8 * 0.8."""
    assert pytest.approx(1 / 1.15) == FILL
    picture = render(BALL, SMOOTH, view(0, 0, 1))
    assert picture.shape == (SIZE, SIZE)
    assert picture.dtype == np.float32
    assert picture[11, 11] == pytest.approx(1, abs=1e-4)
    assert picture[11, 17] == pytest.approx(0.82, abs=1e-4)
    assert picture[5, 11] == pytest.approx(0.82, abs=1e-4)


def test_sphere_lit_from_the_right_by_hand() -> None:
    picture = render(BALL, SMOOTH, view(1, 0, 0))
    assert picture[11, 17] == pytest.approx(0.18 + 0.8 * 0.6, abs=1e-4)
    assert picture[11, 5] == pytest.approx(0.18, abs=1e-4)


def test_edge_is_half_covered_and_the_ground_black() -> None:
    """The edge, x = 1, cuts pixel 21 in half; its normal is horizontal, so half the sky is left."""
    picture = render(BALL, SMOOTH, view(0, 0, 1))
    assert picture[11, 21] == pytest.approx(0.05, abs=2e-3)
    assert picture[11, 22] == 0
    assert picture[0, 0] == 0


def test_aperture_is_dark() -> None:
    facing = Shell(BALL.centres, BALL.radii, np.array([[0.0, 0.0, 1.0]]))
    picture = render(facing, SMOOTH, view(0, 0, 1))
    assert picture[11, 11] == pytest.approx(HOLE, abs=1e-4)
    assert picture[11, 17] == pytest.approx(0.82, abs=1e-4)


def test_rotation_moves_the_aperture() -> None:
    """A half turn about x brings the hidden aperture to the front."""
    turned = View(np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, 1.0]))
    assert render(BALL, SMOOTH, turned)[11, 11] == pytest.approx(HOLE, abs=1e-4)


def test_pores_turn_with_the_shell() -> None:
    porous = replace(SMOOTH, pore_amplitude=0.6, ambient=1.0)
    turned = replace(view(0, 0, 1), rotation=np.diag([-1.0, 1.0, -1.0]))
    sides = Shell(np.zeros((1, 3)), np.ones(1), np.array([[0.0, 5, 0]]))
    dark = replace(porous, pore_amplitude=0.0)
    front, back = (
        np.divide(render(sides, porous, seen, 115), plain, where=plain > 0, out=np.ones_like(plain))
        for seen in (view(0, 0, 1), turned)
        for plain in [render(sides, dark, seen, 115)]
    )
    assert 0.3 < front.min() < 0.5
    assert front.max() < 1.1
    assert np.abs(front - back).max() > 0.3


def test_nearer_chamber_hides_the_farther_and_takes_light_of_it() -> None:
    """At x = 0.6 the wall of the farther lies (-0.6, 0, 4.2) from the nearer's centre, 3.0 along the normal: of the
    sky that takes 3.0 * 0.5^2 / 4.243^3."""
    centres = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
    pair = Shell(centres, np.array([1.0, 0.5]), np.array([AWAY, AWAY]))
    picture = render(pair, SMOOTH, view(1, 0, 0))
    assert picture[11, 14] == pytest.approx(0.18 + 0.8 * 0.6, abs=1e-3)
    assert picture[11, 17] == pytest.approx(0.18 * (1 - 0.00982) + 0.8 * 0.6, abs=1e-4)


def test_the_nearest_two_of_many_chambers_are_those_of_a_sort() -> None:
    rng = np.random.default_rng(0)
    centres, radii = rng.normal(0, 1, (9, 3)), rng.uniform(0.5, 1.5, 9)
    x, y = (grid.astype(np.float32) for grid in np.meshgrid(np.linspace(-2, 2, 31), np.linspace(-2, 2, 31)))
    found = _depth_buffer(centres, radii, x, y, 1e-6)
    c, r = centres[:, :, None, None], radii[:, None, None]
    squared = r**2 - (x - c[:, 0]) ** 2 - (y - c[:, 1]) ** 2
    height = np.where(squared > 0, c[:, 2] + np.sqrt(np.maximum(squared, 0)), FAR)
    order, heights = np.argsort(-height, axis=0), -np.sort(-height, axis=0)
    two = heights[1] > FAR
    assert two.mean() > 0.5
    np.testing.assert_array_equal(found.first[two], order[0][two])
    np.testing.assert_array_equal(found.second[two], order[1][two])
    np.testing.assert_allclose(found.gap[two], (heights[0] - heights[1])[two], atol=2e-3)


def test_seam_is_darker_than_either_side() -> None:
    centres = np.array([[-0.5, 0.0, 0.0], [0.5, 0.0, 0.0]])
    pair = Shell(centres, np.ones(2), np.array([AWAY, AWAY]))
    row = render(pair, SMOOTH, view(0, 0, 1), 61)[30]
    assert row[30] < 0.7 * min(row[20], row[40])


def test_light_through_the_last_chamber_by_hand() -> None:
    """The chamber before it has a wall of two layers, which lets half as much through."""
    centres = np.array([[-2.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    pair = Shell(centres, np.ones(2), np.array([AWAY, AWAY]))
    glassy = replace(SMOOTH, translucency=0.6, ambient=0.0)
    row = render(pair, glassy, View(np.eye(3), np.array([0.0, 0.0, 1.0]), fill=6 / 6.1), 61)[30]
    assert row[[10, 50]] == pytest.approx([0.7 + 0.3 * BACK * 2, 0.4 + 0.6 * BACK * 2], abs=1e-4)
    at_08 = 0.4 * 0.6 + 0.6 * BACK * 1.6 + 0.6 * RIM * 0.4**2  # where the normal's z is 0.6
    assert row[58] == pytest.approx(at_08, abs=1e-4)


def test_thin_walls_are_brighter_than_lambert_at_the_rim_and_darker_amid() -> None:
    glassy, opaque = (render(BALL, replace(SMOOTH, translucency=t), view(0, 0, 1), 115) for t in (0.6, 0.0))
    assert glassy[57, 57] < opaque[57, 57] - 0.1
    assert glassy[57, 105] > opaque[57, 105] + 0.1


def test_the_area_is_the_square_of_the_fill_and_the_shift_moves() -> None:
    small, large = (
        (render(BALL, SMOOTH, replace(view(0, 0, 1), fill=fill), 160) > 0).sum() for fill in (0.4, 0.8)
    )
    assert large / small == pytest.approx(4, rel=0.03)
    moved = render(BALL, SMOOTH, replace(view(0, 0, 1), fill=0.5, shift=np.array([0.1, -0.05])), 40)
    middle = render(BALL, SMOOTH, replace(view(0, 0, 1), fill=0.5), 40)
    np.testing.assert_allclose(moved, np.roll(middle, (-2, 4), (0, 1)), atol=1e-4)


def test_depth_by_hand() -> None:
    """A unit sphere in a picture 2.3 wide: its top is 1 above its middle, its edge and the ground level with it."""
    depth = render_shell(BALL, SMOOTH, view(0, 0, 1), SIZE).depth
    assert depth[11, 11] == pytest.approx(1 / 2.3)
    assert depth[11, 17] == pytest.approx(0.8 / 2.3, abs=1e-5)
    assert depth[0, 0] == pytest.approx(0, abs=1e-6)


def test_waves_by_hand() -> None:
    coefficients = np.zeros((3, 3))
    coefficients[1, 2] = 0.5
    field = waves(coefficients, 8)
    assert field[2, 5] == pytest.approx(0.5 * np.cos(np.pi * 2.5 / 8) * np.cos(2 * np.pi * 5.5 / 8))


def test_an_uneven_outline_is_moved_by_its_waves() -> None:
    """A constant wave of 0.1 moves the whole by a tenth of the picture, right and down."""
    seen = replace(view(0, 0, 1), fill=0.5)
    moved = render(BALL, SMOOTH, replace(seen, uneven=np.full((2, 1, 1), 0.1)), 40)
    np.testing.assert_allclose(moved, np.roll(render(BALL, SMOOTH, seen, 40), (4, 4), (0, 1)), atol=1e-4)
