"""Light on walls, by hand."""

import numpy as np
import pytest
from visgen_train.simulate.shading import BACK, PENUMBRA, RIM, SHADOW, illuminate

CENTRES, RADII = np.array([[-1.5, 0.0, 0.0], [1.5, 0.0, 0.0]]), np.array([0.5, 1.0])
RIGHT = np.array([1.0, 0.0, 0.0])


def brightness(normal: tuple[float, ...], light: np.ndarray, ambient: float, through: float) -> float:
    """That of a point of the smaller, left chamber."""
    n = np.array(normal, np.float32)[:, None]
    points = CENTRES[0].astype(np.float32)[:, None] + np.float32(0.5) * n
    share = np.array([through], np.float32)
    return float(illuminate(points, n, CENTRES, RADII, light, ambient, share)[0])


def test_shadow_and_sky_between_two_chambers() -> None:
    """The point (-1, 0, 0) faces the lamp, and the middle of a unit sphere 2.5 away, which takes 1 / 2.5^2 of the
    half of the sky that it would see."""
    assert brightness((1, 0, 0), RIGHT, 0.0, 0.0) == pytest.approx(1 - SHADOW)
    assert brightness((1, 0, 0), RIGHT, 1.0, 0.0) == pytest.approx(0.5 * (1 - 0.16))


def test_no_shadow_falls_on_the_side_of_the_lamp() -> None:
    assert brightness((-0.6, 0, 0.8), -RIGHT, 0.0, 0.0) == pytest.approx(0.6)


@pytest.mark.parametrize(("height", "shade"), [(1.02, 0.0), (0.8**0.5, 0.25), (0.4, 1.0)])
def test_shadow_of_a_ball_has_soft_edges(height: float, shade: float) -> None:
    """A ray misses the unit sphere above 1; at the squared height 0.8 it is a quarter into the penumbra of 0.8."""
    assert PENUMBRA == 0.8
    points = np.array([[-1.5], [0.0], [height]], np.float32)
    up, none = np.array([[0.6], [0.0], [0.8]], np.float32), np.zeros(1, np.float32)
    lit = illuminate(points, up, CENTRES[1:], RADII[1:], RIGHT, 0.0, none)
    assert lit[0] == pytest.approx(0.6 * (1 - SHADOW * shade), rel=1e-5)


def test_lamp_through_a_thin_wall() -> None:
    """Away from the lamp Lambert's law leaves nothing; through a wall that lets half pass some comes back."""
    normal = (-0.6, 0, 0.8)
    assert brightness(normal, RIGHT, 0.0, 0.0) == 0
    expected = 0.5 * BACK * (1 - 0.6) * (1 - SHADOW) + 0.5 * RIM * 0.2**2
    assert brightness(normal, RIGHT, 0.0, 0.5) == pytest.approx(expected, rel=1e-4)
    assert brightness((0, 0, 1), np.array([0.0, 0, 1]), 0.0, 0.5) == pytest.approx(0.5 + 0.5 * BACK * 2)
