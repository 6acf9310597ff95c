"""Pores of the walls: where they lie, and how deep."""

import numpy as np
import pytest
from visgen_train.simulate import texture
from visgen_train.simulate.texture import (
    MEAN_PIT,
    RESOLVED,
    _lattice_point,
    lattice_points,
    pore_factor,
    to_nearest_pore,
)

AHEAD = np.array([0, 0, 1], np.float32)


def directions(count: int, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((3, count))
    return (drawn / np.linalg.norm(drawn, axis=0)).astype(np.float32)


def lattice(number: int) -> np.ndarray:
    return _lattice_point(np.arange(number, dtype=np.float32), np.float32(number))


@pytest.mark.parametrize("number", [15, 40, 200, 740])
def test_nearest_pore_is_that_of_brute_force(number: int) -> None:
    seen, pores = directions(3000), lattice(number)
    found = np.linalg.norm(to_nearest_pore(seen, np.full(3000, number, np.float32)), axis=0)
    true = np.linalg.norm(seen[:, :, None] - pores[:, None], axis=0).min(1)
    np.testing.assert_allclose(found, true, atol=2e-3)


def test_pores_lie_as_far_apart_as_they_should() -> None:
    """The nearest neighbour in a perfect hexagonal lattice lies one spacing away; in this one, a little nearer."""
    pores = lattice(int(lattice_points(np.array(0.2))))
    gaps = np.linalg.norm(pores[:, :, None] - pores[:, None], axis=0)
    nearest = np.sort(gaps, axis=1)[:, 1]
    assert 0.8 < nearest.min() / 0.2 < nearest.max() / 0.2 < 1.05


def factor(pixels: float, light: np.ndarray = AHEAD, amplitude: float = 0.5) -> np.ndarray:
    seen = directions(20_000)
    spacing, shown = np.full(20_000, 0.2, np.float32), np.full(20_000, pixels, np.float32)
    return pore_factor(seen, light, spacing, shown, amplitude)


def test_pits_are_as_dark_as_the_amplitude() -> None:
    assert 0.4 < factor(9).min() < 0.55
    assert factor(9).max() < 1.1
    np.testing.assert_array_equal(factor(9, amplitude=0), 1)


def test_pores_too_small_for_the_pixels_fade_to_their_mean() -> None:
    np.testing.assert_allclose(factor(RESOLVED[0]), 1 - 0.5 * MEAN_PIT, rtol=1e-5)
    assert factor(RESOLVED[1]).std() > 2 * factor(sum(RESOLVED) / 2.4).std() > 0
    assert factor(RESOLVED[1]).mean() == pytest.approx(1 - 0.5 * MEAN_PIT, abs=0.01)


def test_the_side_of_a_pit_towards_the_lamp_lies_in_its_own_shade(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a perfect lattice: two points of the wall to either side of one pore."""
    monkeypatch.setattr(texture, "DISORDER", 0.0)
    number = lattice_points(np.array([0.2, 0.2], np.float32))
    pore = lattice(int(number[0]))[:, 180]
    lamp = np.cross(pore, AHEAD) / np.linalg.norm(np.cross(pore, AHEAD))
    sides = np.stack([pore + 0.06 * lamp, pore - 0.06 * lamp], 1).astype(np.float32)
    sides /= np.linalg.norm(sides, axis=0)
    np.testing.assert_allclose(lamp @ to_nearest_pore(sides, number), [0.06, -0.06], atol=2e-3)
    spacing, shown = np.full(2, 0.2, np.float32), np.full(2, 9, np.float32)
    near, far = pore_factor(sides, lamp.astype(np.float32), spacing, shown, 0.5)
    assert near < far - 0.1
