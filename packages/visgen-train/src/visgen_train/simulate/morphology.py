"""Traits that evolve on the species tree, and the shells that grow from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

FloatArray = NDArray[np.float64]

SEAM_POINTS = 24
"""Points at which the seam between two chambers is searched for the aperture; the first is exact."""


@dataclass(frozen=True)
class ShellTraits:
    """What makes the shell of one individual; see ``RANGES`` for the values that look planktic.

    Attributes
    ----------
    growth : float
        Growth factor GF, the radius of a chamber over that of the one before.
    translation : float
        Translation factor TF, the length of the growth vector over the radius of the new chamber.
    deviation : float
        Angle delta-phi between growth vector and reference axis, degrees.
    rotation : float
        Angle beta by which the growth vector is turned about the reference axis, degrees.
    chambers : float
        Number of chambers, rounded when the shell grows.
    pore_amplitude : float
        Darkening at the deepest pore, 0 to 1.
    pore_spacing : float
        Distance between pores over the radius of the largest chamber.
    aperture : float
        Radius of the aperture over that of the last chamber.
    ambient : float
        Share of the light that comes from everywhere (chalky walls), 0 to 1.
    translucency : float
        Share of the light that passes the wall of the last chamber, the thinnest, 0 to 1.
    """

    growth: float
    translation: float
    deviation: float
    rotation: float
    chambers: float
    pore_amplitude: float
    pore_spacing: float
    aperture: float
    ambient: float
    translucency: float


RANGES: dict[str, tuple[float, float]] = {
    "growth": (1.02, 1.28),
    "translation": (0.2, 0.85),
    "deviation": (-105.0, 105.0),
    "rotation": (-38.0, 38.0),
    "chambers": (7.5, 15.5),
    "pore_amplitude": (0.0, 0.5),
    "pore_spacing": (0.14, 0.32),
    "aperture": (0.1, 0.42),
    "ambient": (0.2, 0.5),
    "translucency": (0.0, 0.7),
}
"""Least and greatest value of each trait, in the order of ``ShellTraits``."""


@dataclass(frozen=True)
class Shell:
    """A shell of spherical chambers, oldest first, in units of the first chamber's radius.

    Attributes
    ----------
    centres : ndarray of float, shape (chambers, 3)
    radii : ndarray of float, shape (chambers,)
    apertures : ndarray of float, shape (chambers, 3)
        Where each chamber opened.
    """

    centres: FloatArray
    radii: FloatArray
    apertures: FloatArray


def pagel_covariance(brownian: FloatArray, signal: float) -> FloatArray:
    """lambda C + (1 - lambda) I, shape (n, n), for a tree of height 1 (Pagel 1999, Nature 401: 877-884).

    Examples
    --------
    >>> pagel_covariance(np.array([[1.0, 0.8], [0.8, 1.0]]), 0.5)
    array([[1. , 0.4],
           [0.4, 1. ]])
    """
    return signal * brownian + (1 - signal) * np.eye(len(brownian))


def species_scores(brownian: FloatArray, signal: float, rng: np.random.Generator) -> FloatArray:
    """Draw normal scores of every trait for every species, standardised over the species.

    Parameters
    ----------
    brownian : ndarray of float, shape (species, species)
        Covariance C of a tree of height 1.
    signal : float
        Pagel's lambda: 1, looks follow descent; 0, they say nothing of it.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float, shape (species, traits)
    """
    factor = np.linalg.cholesky(pagel_covariance(brownian, signal))
    scores = factor @ rng.standard_normal((len(brownian), len(RANGES)))
    return np.asarray((scores - scores.mean(0)) / scores.std(0))


def individual(scores: FloatArray, variation: float, rng: np.random.Generator) -> FloatArray:
    """Draw the normal scores of an individual about those of its species, both of shape (traits,)."""
    return np.asarray(scores + variation * rng.standard_normal(len(RANGES)))


def traits_from_scores(scores: FloatArray) -> ShellTraits:
    """Map normal scores, shape (traits,), into ``RANGES`` through the normal distribution function.

    Examples
    --------
    >>> traits_from_scores(np.zeros(10)).growth
    1.15
    """
    low, high = np.array(list(RANGES.values())).T
    values = low + (high - low) * ndtr(scores)
    return ShellTraits(**dict(zip(RANGES, values.tolist(), strict=True)))


def grow(traits: ShellTraits) -> Shell:
    """Grow a shell chamber by chamber by the moving-reference model.

    The first chamber has radius 1, its centre at the origin and its aperture at (1, 0, 0). Each new chamber
    has GF times the radius of the last; its centre lies TF times its own radius from the last aperture, along
    the reference axis (from the aperture before, at first the centre, to the last) deviated by delta-phi and
    turned by beta. It opens at the point of its wall nearest to the last aperture that lies outside all older
    chambers, so that the path through the shell is short. Growth stops where a new chamber has no free wall.

    Source: Tyszka & Topa 2005, Paleobiology 31: 522-537.

    Examples
    --------
    GF = 1.2, TF = 0.5, delta-phi = 90, beta = 0: the second chamber lies 0.6 beside the first aperture.

    >>> shell = grow(ShellTraits(1.2, 0.5, 90, 0, 2, 0, 0.2, 0.2, 0.2, 0))
    >>> shell.centres[1].round(3)
    array([1. , 0.6, 0. ])
    """
    centres, apertures = [np.zeros(3)], [np.array([1.0, 0.0, 0.0])]
    radii = [1.0]
    before = centres[0]
    for _ in range(1, round(traits.chambers)):
        radius = traits.growth * radii[-1]
        axis = _unit(apertures[-1] - before)
        centre = apertures[-1] + traits.translation * radius * _growth_direction(axis, traits)
        aperture = _open_chamber(centre, radius, apertures[-1], np.array(centres), np.array(radii))
        if aperture is None:
            break
        before = apertures[-1]
        centres.append(centre)
        radii.append(radius)
        apertures.append(aperture)
    return Shell(np.array(centres), np.array(radii), np.array(apertures))


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / np.sqrt(vector @ vector))


def _cross(first: FloatArray, second: FloatArray) -> FloatArray:
    """Cross products along the last axis; `numpy.cross` takes half the time of a picture."""
    (a, b, c), (x, y, z) = first.T, second.T
    return np.array([b * z - c * y, c * x - a * z, a * y - b * x]).T


def _across(axis: FloatArray) -> FloatArray:
    """The unit vector at right angles to ``axis`` that is nearest to z (to y where the axis is z)."""
    reference = np.array([0.0, 0.0, 1.0]) if abs(axis[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    return _unit(reference - (axis @ reference) * axis)


def _growth_direction(axis: FloatArray, traits: ShellTraits) -> FloatArray:
    """The axis deviated by delta-phi, in the plane nearest to horizontal, then turned by beta about it."""
    deviation, rotation = np.deg2rad(traits.deviation), np.deg2rad(traits.rotation)
    up = _across(axis)
    side = _cross(up, axis)
    turned = np.cos(rotation) * side + np.sin(rotation) * up
    return np.asarray(np.cos(deviation) * axis + np.sin(deviation) * turned)


def _open_chamber(
    centre: FloatArray, radius: float, last: FloatArray, centres: FloatArray, radii: FloatArray
) -> FloatArray | None:
    """The free point of the new chamber's wall nearest to the last aperture, or None where nothing is free.

    On a whole sphere the distance from a point has one minimum, where the sphere faces it; so the nearest
    free point is that one or lies on the seam with an older chamber.
    """
    facing = centre + radius * _unit(last - centre)
    points = np.vstack([facing[None], _seams(centre, radius, last, centres, radii)])
    squared = (points**2).sum(1)[:, None] - 2 * points @ centres.T + (centres**2).sum(1)
    free = points[(squared >= (radii - 1e-9) ** 2).all(1)]
    if len(free) == 0:
        return None
    return np.asarray(free[((free - last) ** 2).sum(1).argmin()])


def _seams(
    centre: FloatArray, radius: float, last: FloatArray, centres: FloatArray, radii: FloatArray
) -> FloatArray:
    """Points on the circles in which a sphere cuts older ones, the point nearest to ``last`` first in each.

    Returns an array of shape (circles * SEAM_POINTS, 3).
    """
    gaps = np.sqrt(((centres - centre) ** 2).sum(1))
    cut = (gaps < radius + radii) & (gaps > np.abs(radius - radii))
    gaps, axes = gaps[cut, None], (centres[cut] - centre) / gaps[cut, None]
    along = (gaps**2 + radius**2 - radii[cut, None] ** 2) / (2 * gaps)
    middles = centre + along * axes
    towards = (last - middles) - ((last - middles) * axes).sum(1, keepdims=True) * axes
    lengths = np.sqrt((towards**2).sum(1))
    for i in np.flatnonzero(lengths < 1e-9):
        towards[i], lengths[i] = _across(axes[i]), 1.0
    first = towards / lengths[:, None] * np.sqrt(radius**2 - along**2)
    second = _cross(axes, first)
    angles = np.arange(SEAM_POINTS)[:, None, None] * (2 * np.pi / SEAM_POINTS)
    return np.asarray(middles + np.cos(angles) * first + np.sin(angles) * second).reshape(-1, 3)
