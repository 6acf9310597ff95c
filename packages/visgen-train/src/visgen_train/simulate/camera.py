"""What the slide and the camera add to a picture: debris, focus, exposure, noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

FloatArray = NDArray[np.float64]
Picture = NDArray[np.float32]

LENS = 0.004
"""Standard deviation of the blur in the focal plane, in widths of the picture."""
POINTS = 64
"""Points of which a piece of debris is made."""
THREADS = 0.1
"""Share of the pieces that are threads; the others are specks."""


def focus(picture: Picture, depth: Picture, blur: float, plane: float) -> Picture:
    """The picture with what lies off the focal plane soft.

    Parameters
    ----------
    picture, depth : ndarray of float32, shape (size, size)
        Brightness; height in widths of the picture.
    blur : float
        Standard deviation of the blur over the distance from the focal plane.
    plane : float
        Height of the focal plane.

    Returns
    -------
    ndarray of float32, shape (size, size)
        Blends of the sharp picture and two blurred ones.
    """
    distance = np.abs(depth - plane)
    most = max(float(distance.max()), 1e-9)
    sharp, half, full = (
        gaussian_filter(picture, len(picture) * (LENS + share * blur * most), truncate=3)
        for share in (0, 0.5, 1)
    )
    level = 2 * distance / np.float32(most)
    return np.asarray(
        sharp * np.maximum(1 - level, 0) + half * (1 - np.abs(level - 1)) + full * np.maximum(level - 1, 0),
        np.float32,
    )


def debris(size: int, clutter: float, rng: np.random.Generator) -> Picture:
    """Specks and threads, ``clutter`` on average, shape (size, size): 0 where there is nothing, at most 1.

    A piece is a cloud of points about a short or long, bent path. Its light does not depend on the number of
    pixels.
    """
    pieces = int(rng.poisson(clutter))
    thread = rng.random(pieces) < THREADS
    length = np.where(thread, rng.uniform(0.1, 0.35, pieces), rng.exponential(0.008, pieces))
    width = np.where(thread, 0.002, 0.0015 + rng.exponential(0.0025, pieces))
    light = (0.05 + rng.exponential(0.25, pieces)) * (length + 4 * width) * 4 * width
    steps = (np.arange(POINTS) + rng.random((pieces, POINTS))) / POINTS - 0.5
    heading = rng.uniform(0, 2 * np.pi, (pieces, 1)) + rng.normal(0, 1.5, (pieces, 1)) * steps
    path = np.stack([np.cos(heading), np.sin(heading)]) * steps * length[:, None]
    cloud = rng.normal(0, 1, (2, pieces, POINTS)) * width[:, None]
    column, row = np.floor((rng.random((2, pieces, 1)) + path + cloud) * size).astype(int)
    inside = (np.minimum(row, column) >= 0) & (np.maximum(row, column) < size)
    weight = np.broadcast_to(light[:, None] / POINTS * size**2, row.shape)
    places = (row * size + column)[inside]
    canvas = np.bincount(places, weight[inside], size**2).reshape(size, size).astype(np.float32)
    return np.asarray(np.minimum(gaussian_filter(canvas, 0.3 + LENS * size, truncate=3), 1))


def expose(picture: Picture, noise: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Eight-bit picture at an exposure, over a haze, drawn at random, with noise of the given deviation."""
    exposure, haze = rng.uniform(0.45, 0.8), rng.uniform(0.0, 0.05)
    noisy = haze + exposure * picture + rng.normal(0, noise, picture.shape)
    return (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
