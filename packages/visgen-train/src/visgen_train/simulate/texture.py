"""Pores: pits spread evenly over the wall of each chamber, on a spherical Fibonacci lattice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]

GOLDEN = (1 + 5**0.5) / 2
PIT = 0.3
"""Width of a pit (standard deviation of its Gaussian profile) over the distance between pores."""
MEAN_PIT = 0.505
"""Mean of the profile over a wall, at any distance between pores: what is seen of pores too small for the picture."""
SLOPE = 0.9
"""How much the sides of a pit, towards the lamp and away from it, differ in brightness."""
DISORDER = 0.25
"""How far pores lie off a perfect lattice, over the distance between them."""
RESOLVED = (1.4, 3.0)
"""Pixels from pore to pore at which pores begin to show, and show fully."""


def pore_factor(
    normals: Picture, light: Picture, spacing: Picture, pixels: Picture, amplitude: float
) -> Picture:
    """Factor of brightness of a porous wall: pits are dark, most so on the side of the lamp.

    Pores nearer to each other than the pixels are fade into their mean, so that a picture and a smaller one of
    the same shell are equally bright.

    Parameters
    ----------
    normals : ndarray of float32, shape (3, points)
        Outward unit normals, in a frame fixed to the shell.
    light : ndarray of float32, shape (3,)
        Direction to the lamp in that frame.
    spacing : ndarray of float32, shape (points,)
        Distance between pores over the radius of the chamber.
    pixels : ndarray of float32, shape (points,)
        The same as it appears in the picture, in pixels.
    amplitude : float
        Darkening at the bottom of a pit, 0 to 1.

    Returns
    -------
    ndarray of float32, shape (points,)
    """
    crooked = normals + DISORDER * spacing * np.sin(
        np.roll(normals, 1, 0) * (2 / spacing) + np.roll(normals, 2, 0)
    )
    crooked /= np.sqrt((crooked**2).sum(0))
    offsets = to_nearest_pore(crooked, np.maximum(lattice_points(spacing), 12)) / spacing
    pit = np.exp(-(offsets**2).sum(0) / np.float32(2 * PIT**2))
    shows = np.clip((pixels - RESOLVED[0]) / (RESOLVED[1] - RESOLVED[0]), 0, 1)
    slope = SLOPE * (light @ offsets) * pit
    return np.asarray(1 - np.float32(amplitude) * (MEAN_PIT + shows * (pit - MEAN_PIT + slope)), np.float32)


def lattice_points(spacing: Picture) -> Picture:
    """Number of points on a unit sphere that lie ``spacing`` apart: each has a hexagon of 3^(1/2) / 2 spacing^2."""
    return np.asarray(np.rint(np.float32(8 * np.pi / 3**0.5) / spacing**2))


def to_nearest_pore(directions: Picture, number: Picture) -> Picture:
    """Vectors from the nearest point of a spherical Fibonacci lattice, shape (3, points).

    Source: Keinert et al. 2015, ACM Transactions on Graphics 34 (6): 193, "Spherical Fibonacci mapping".

    Parameters
    ----------
    directions : ndarray of float32, shape (3, points)
        Unit vectors.
    number : ndarray of float32, shape (points,)
        How many points the lattice about each has.
    """
    x, y, z = directions
    turn = np.arctan2(y, x)
    area = np.maximum(number * np.float32(np.pi * 5**0.5) * (1 - z**2), 1)
    order = np.maximum(2, np.floor(np.log(area) / np.float32(2 * np.log(GOLDEN))))
    fibonacci = np.float32(GOLDEN) ** order / np.float32(5**0.5)
    f0, f1 = np.rint(fibonacci), np.rint(fibonacci * np.float32(GOLDEN))
    a0, a1 = _centred_turn(f0), _centred_turn(f1)
    b0, b1 = -2 * f0 / number, -2 * f1 / number
    height = z - (1 - 1 / number)
    determinant = a0 * b1 - a1 * b0
    c0 = np.floor((b1 * turn - a1 * height) / determinant)
    c1 = np.floor((a0 * height - b0 * turn) / determinant)
    best = np.full(z.shape, 9, np.float32)
    nearest = np.zeros_like(directions)
    for u, v in ((0, 0), (1, 0), (0, 1), (1, 1)):
        level = b0 * (c0 + u) + b1 * (c1 + v) + 1 - 1 / number
        level = 2 * np.clip(level, -1, 1) - level
        offsets = directions - _lattice_point(np.floor(number * (1 - level) / 2), number)
        squared = (offsets**2).sum(0)
        closer = squared < best
        best = np.where(closer, squared, best)
        nearest = np.where(closer, offsets, nearest)
    return nearest


def _lattice_point(index: Picture, number: Picture) -> Picture:
    """Point ``index`` of a spherical Fibonacci lattice of ``number``, shape (3, points)."""
    turn = 2 * np.float32(np.pi) * np.mod(index * np.float32(GOLDEN - 1), 1)
    z = 1 - (2 * index + 1) / number
    across = np.sqrt(np.maximum(1 - z**2, 0))
    return np.stack([across * np.cos(turn), across * np.sin(turn), z])


def _centred_turn(steps: Picture) -> Picture:
    """Angle of that many golden turns, brought to the interval from -pi to pi."""
    turns = steps * np.float32(GOLDEN - 1)
    return np.asarray(2 * np.float32(np.pi) * (turns - np.rint(turns)))
