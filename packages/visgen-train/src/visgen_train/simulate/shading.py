"""Light on the walls of a shell: Lambert's law, shadows of the other chambers, and light that passes thin walls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Picture = NDArray[np.float32]

SHADOW = 0.75
"""Share of the lamp's light that a chamber between takes; the rest is scattered round it."""
PENUMBRA = 0.8
"""Share of a chamber's squared radius over which its shadow fades."""
BACK = 0.35
"""Brightness from within of a wall at right angles to the lamp, over that of an opaque wall that faces it."""
RIM = 0.5
"""Brightness of the thinnest wall seen edge on, over that of a wall that faces the lamp."""


def illuminate(
    points: Picture,
    normals: Picture,
    centres: FloatArray,
    radii: FloatArray,
    light: FloatArray,
    ambient: float,
    through: Picture,
) -> Picture:
    """Brightness of points of the wall, shape (points,).

    ``ambient open + (1 - ambient) (1 - shade) lamp + RIM through (1 - n_z)^2``, where ``open`` and ``shade`` are
    what the wall sees of the bright half of its surroundings, on the viewer's side, and what the other chambers
    take of the lamp. An opaque wall (``through`` = 0) has ``lamp = max(0, n . light)``, Lambert's law; of light that
    has passed the wall, much is lost within and ``BACK (1 + n . light)`` comes out, on the side away from the lamp
    too. A thin wall seen edge on is bright: it scatters along its length.

    Parameters
    ----------
    points, normals : ndarray of float32, shape (3, points)
        Where, and the outward unit normals there; the viewer is at z = infinity.
    centres, radii : ndarray of float, shapes (chambers, 3) and (chambers,)
        The chambers.
    light : ndarray of float, shape (3,)
        Unit vector to the lamp.
    ambient : float
        Share of the light that comes from everywhere.
    through : ndarray of float32, shape (points,)
        Share of the light that passes the wall.
    """
    cosine = light.astype(np.float32) @ normals
    lamp = (1 - through) * np.maximum(cosine, 0) + through * BACK * (1 + cosine)
    shade, sky = _shade_and_sky(points, normals, centres, radii, light)
    rim = np.float32(RIM) * through * (1 - normals[2]) ** 2
    return np.asarray(ambient * sky + (1 - ambient) * (1 - SHADOW * shade) * lamp + rim, np.float32)


def _shade_and_sky(
    points: Picture, normals: Picture, centres: FloatArray, radii: FloatArray, light: FloatArray
) -> tuple[Picture, Picture]:
    """How far each point lies in shadow, and what it sees of the sky, both of shape (points,), 0 to 1.

    The sky is the half of all directions on the viewer's side, of which a wall sees (1 + n_z) / 2; a sphere of
    radius r at distance d takes (r / d)^2 cos(angle to the normal) of that.
    """
    c, r = centres.astype(np.float32), radii.astype(np.float32)[:, None]
    towards_lamp, lamp = c @ light.astype(np.float32), light.astype(np.float32)
    along = towards_lamp[:, None] - lamp @ points
    out = c @ normals - (points * normals).sum(0)
    squared = (c**2).sum(1)[:, None] - 2 * (c @ points) + (points**2).sum(0)
    squared = np.maximum(squared, r**2)
    ramp = (1 - (squared - along**2) / r**2) / np.float32(PENUMBRA)
    shade = np.clip(np.minimum(ramp, 4 * along / r), 0, 1).max(0)
    seen = 1 - np.clip(out, 0, None) * r**2 / squared**1.5
    return shade, seen.prod(0) * (1 + normals[2]) / 2
