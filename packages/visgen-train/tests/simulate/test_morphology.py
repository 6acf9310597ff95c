"""Traits on the tree, and the growth of shells."""

from dataclasses import fields, replace

import numpy as np
import pytest
from visgen_train.simulate.morphology import (
    RANGES,
    ShellTraits,
    _open_chamber,
    grow,
    pagel_covariance,
    species_scores,
    traits_from_scores,
)
from visgen_train.simulate.tree import covariance, yule_tree

FLAT = ShellTraits(
    growth=1.2,
    translation=0.5,
    deviation=90,
    rotation=0,
    chambers=3,
    pore_amplitude=0,
    pore_spacing=0.2,
    aperture=0.2,
    ambient=0.2,
    translucency=0.2,
)
SISTERS = np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]])


def test_pagel_limits() -> None:
    c = covariance(yule_tree(8, np.random.default_rng(0)))
    np.testing.assert_array_equal(pagel_covariance(c, 1), c)
    np.testing.assert_array_equal(pagel_covariance(c, 0), np.eye(8))
    half = pagel_covariance(c, 0.5)
    np.testing.assert_allclose(np.diag(half), 1)
    np.testing.assert_allclose(half[0, 1:], c[0, 1:] / 2)


def test_scores_are_standardised() -> None:
    scores = species_scores(SISTERS, 0.7, np.random.default_rng(1))
    assert scores.shape == (3, len(RANGES))
    np.testing.assert_allclose(scores.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(scores.std(0), 1)


@pytest.mark.parametrize(("signal", "low", "high"), [(1.0, 0.0, 0.5), (0.0, 0.9, 1.1)])
def test_sisters_look_alike_only_where_there_is_signal(signal: float, low: float, high: float) -> None:
    rng = np.random.default_rng(2)
    draws = np.array([species_scores(SISTERS, signal, rng) for _ in range(200)])
    sisters = ((draws[:, 0] - draws[:, 1]) ** 2).mean()
    strangers = ((draws[:, 0] - draws[:, 2]) ** 2).mean()
    assert low < sisters / strangers < high


def test_ranges_name_every_trait_in_order() -> None:
    assert list(RANGES) == [field.name for field in fields(ShellTraits)]


def test_scores_map_to_ranges() -> None:
    for score, share in ((-9.0, 0.0), (0.0, 0.5), (9.0, 1.0)):
        traits = traits_from_scores(np.full(len(RANGES), score))
        for name, (low, high) in RANGES.items():
            assert getattr(traits, name) == pytest.approx(low + share * (high - low), abs=1e-9)


def test_first_three_chambers_by_hand() -> None:
    """Axis x; 90 degrees from it is y; the growth vector is 0.5 * 1.2 long.

    The point of the second chamber that faces the first aperture, (1, 0.6 - 1.2, 0), lies 1.166 from the
    origin, outside the first chamber: it is the second aperture. So the axis turns to -y, and 90 degrees from
    it is x, along which the third centre lies 0.5 * 1.44.
    """
    shell = grow(FLAT)
    np.testing.assert_allclose(shell.radii, [1, 1.2, 1.44])
    np.testing.assert_allclose(shell.centres, [[0, 0, 0], [1, 0.6, 0], [1.72, -0.6, 0]], atol=1e-12)
    np.testing.assert_allclose(shell.apertures[:2], [[1, 0, 0], [1, -0.6, 0]], atol=1e-12)


def test_aperture_on_a_seam_by_hand() -> None:
    """Two unit circles about (0, 0) and (1.4, 0.3) meet at (0.7, 0.15) +- 0.6982 (0.2095, -0.9778).

    The facing point (0.6, -0.3) lies inside the first chamber, so the nearer of the two is the aperture.
    """
    deviation = float(np.rad2deg(np.arctan2(0.6, 0.8)))
    shell = grow(replace(FLAT, growth=1.0, deviation=deviation, chambers=2))
    np.testing.assert_allclose(shell.centres[1], [1.4, 0.3, 0], atol=1e-12)
    np.testing.assert_allclose(shell.apertures[1], [0.84630, -0.53271, 0], atol=1e-5)


def test_rotation_lifts_the_shell_out_of_the_plane() -> None:
    shell = grow(replace(FLAT, rotation=90, chambers=2))
    np.testing.assert_allclose(shell.centres[1], [1, 0, 0.6], atol=1e-12)


def test_straight_growth_is_defined() -> None:
    """Without deviation every point of the seam is as near as any other."""
    shell = grow(replace(FLAT, deviation=0, chambers=2))
    np.testing.assert_allclose(shell.centres[1], [1.6, 0, 0], atol=1e-12)
    assert np.linalg.norm(shell.apertures[1]) == pytest.approx(1)
    assert np.linalg.norm(shell.apertures[1] - shell.centres[1]) == pytest.approx(1.2)


def test_apertures_lie_on_their_chamber_and_outside_older_ones() -> None:
    rng = np.random.default_rng(3)
    for _ in range(50):
        shell = grow(traits_from_scores(rng.standard_normal(len(RANGES))))
        assert len(shell.radii) >= 8
        for i, aperture in enumerate(shell.apertures):
            distances = np.linalg.norm(aperture - shell.centres, axis=1)
            assert distances[i] == pytest.approx(shell.radii[i])
            assert (distances[:i] >= shell.radii[:i] - 1e-6).all()


def test_aperture_is_the_nearest_free_point_of_a_fine_mesh() -> None:
    """Against brute force over 40,000 points of the sphere."""
    i = np.arange(40_000) + 0.5
    z, turn = 1 - 2 * i / len(i), np.pi * (1 + 5**0.5) * i
    mesh = np.c_[np.sqrt(1 - z**2) * np.cos(turn), np.sqrt(1 - z**2) * np.sin(turn), z]
    shell = grow(traits_from_scores(np.random.default_rng(4).standard_normal(len(RANGES))))
    for n in range(1, len(shell.radii)):
        points = shell.centres[n] + shell.radii[n] * mesh
        outside = np.linalg.norm(points[:, None] - shell.centres[:n], axis=2) >= shell.radii[:n]
        best = np.linalg.norm(points[outside.all(1)] - shell.apertures[n - 1], axis=1).min()
        found = np.linalg.norm(shell.apertures[n] - shell.apertures[n - 1])
        assert found == pytest.approx(best, abs=0.03 * shell.radii[n])


def test_a_buried_chamber_has_no_aperture() -> None:
    origin = np.zeros(3)
    assert _open_chamber(origin, 0.5, np.array([1.0, 0, 0]), origin[None], np.array([1.0])) is None
