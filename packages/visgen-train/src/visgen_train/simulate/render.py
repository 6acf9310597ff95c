"""Pictures of shells: a depth buffer of spheres, shaded, with pores, an aperture, dark seams, and noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.morphology import Shell, ShellTraits, grow, individual, traits_from_scores

FloatArray = NDArray[np.float64]
Picture = NDArray[np.float32]

MARGIN = 1.15
"""Width of the picture over that of the shell."""
LIGHT = (-0.35, -0.45, 0.82)
"""Mean direction of the lamp: upper left, towards the viewer (x to the right, y down, z to the viewer)."""
SEAM_DEPTH = 0.45
"""Darkening at the bottom of a seam between two chambers."""
SEAM_WIDTH = 0.15
"""Depth over which a seam fades, in radii of the largest chamber."""
HOLE = 0.15
"""Brightness left inside the aperture."""
FAR = -1e6
"""Depth of what is not there."""


@dataclass(frozen=True)
class Difficulty:
    """How much specimens of one species differ, and how poor their pictures are.

    Attributes
    ----------
    variation : float
        Standard deviation of an individual's trait scores about its species', in those of the species.
    tilt : float
        Standard deviation of the tilt out of the plane of the picture, radians.
    noise : float
        Standard deviation of the camera's noise, full scale 1.
    """

    variation: float = 0.2
    tilt: float = 0.25
    noise: float = 0.03


@dataclass(frozen=True)
class View:
    """Pose and light: ``rotation`` (3, 3) turns the shell, the unit vector ``light`` points to the lamp."""

    rotation: FloatArray
    light: FloatArray


def render_shell(shell: Shell, traits: ShellTraits, view: View, size: int) -> Picture:
    """Picture of a shell without noise, shape (size, size), float32 in [0, 1], background 0.

    A wall whose outward normal is n has brightness ``ambient + (1 - ambient) max(0, n . light)`` (Lambert's
    law), less in seams between chambers, in pores and in the aperture.
    """
    centres = shell.centres @ view.rotation.T
    x, y, pixel = _frame(centres, shell.radii, size)
    first, second, gap, cover = _nearest_two(centres, shell.radii, x, y, pixel)
    normals, points = _surface(centres, shell.radii, first, x, y)
    others, _ = _surface(centres, shell.radii, second, x, y)
    share = np.float32(0.5) * np.exp(-gap / np.float32(pixel))
    blended = (1 - share) * normals + share * others
    lambert = np.maximum(np.tensordot(view.light.astype(np.float32), blended, 1), 0)
    brightness = traits.ambient + (1 - traits.ambient) * lambert
    brightness *= 1 - SEAM_DEPTH * np.exp(-gap / (SEAM_WIDTH * shell.radii.max()))
    brightness *= _pores(normals, view.rotation, traits)
    brightness *= _hole(points, view.rotation @ shell.apertures[-1], traits.aperture * shell.radii[-1], pixel)
    return np.asarray(cover * brightness, dtype=np.float32)


def _frame(centres: FloatArray, radii: FloatArray, size: int) -> tuple[Picture, Picture, float]:
    """Coordinates of the pixels, x of shape (1, size) and y of shape (size, 1), and the width of one."""
    low = (centres - radii[:, None]).min(0)[:2]
    high = (centres + radii[:, None]).max(0)[:2]
    pixel = float(MARGIN * (high - low).max() / size)
    steps = (np.arange(size) + 0.5 - size / 2) * pixel
    middle = (low + high) / 2
    x = (middle[0] + steps).astype(np.float32)
    y = (middle[1] + steps).astype(np.float32)
    return x[None, :], y[:, None], pixel


def _nearest_two(
    centres: FloatArray, radii: FloatArray, x: Picture, y: Picture, pixel: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], Picture, Picture]:
    """The two chambers nearest to the viewer at each pixel, the depth between them, and the share covered.

    All of shape (size, size). Where no second chamber lies below, the depth is huge.
    """
    c, r = centres.astype(np.float32)[:, :, None, None], radii.astype(np.float32)[:, None, None]
    squared = (x - c[:, 0]) ** 2 + (y - c[:, 1]) ** 2
    depth = c[:, 2] + np.sqrt(np.maximum(r**2 - squared, 0))
    depth[squared > (r + np.float32(pixel / 2)) ** 2] = FAR
    first = depth.argmax(0)
    top = np.take_along_axis(depth, first[None], 0)
    np.put_along_axis(depth, first[None], FAR, 0)
    second = depth.argmax(0)
    below = np.take_along_axis(depth, second[None], 0)
    cover = np.clip((r - np.sqrt(squared)).max(0) / np.float32(pixel) + np.float32(0.5), 0, 1)
    return first, second, (top - below)[0], cover


def _surface(
    centres: FloatArray, radii: FloatArray, which: NDArray[np.intp], x: Picture, y: Picture
) -> tuple[Picture, Picture]:
    """Unit normals and points of the chambers ``which`` at each pixel, both of shape (3, size, size)."""
    c, r = centres.astype(np.float32).T[:, which], radii.astype(np.float32)[which]
    nx, ny = (x - c[0]) / r, (y - c[1]) / r
    normals = np.stack([nx, ny, np.sqrt(np.maximum(1 - nx**2 - ny**2, 0))])
    return normals, c + r * normals


def _pores(normals: Picture, rotation: FloatArray, traits: ShellTraits) -> Picture:
    """Factor of brightness of the pores, shape (size, size): a pattern fixed to each chamber's wall."""
    body = np.tensordot(rotation.T.astype(np.float32) * np.float32(traits.pore_frequency), normals, 1)
    pattern = np.sin(body[0] + 1) * np.sin(body[1] + 2) * np.sin(body[2])
    return np.asarray(1 - np.float32(traits.pore_amplitude) * np.maximum(pattern, 0))


def _hole(points: Picture, aperture: FloatArray, radius: float, pixel: float) -> Picture:
    """Factor of brightness of the aperture, shape (size, size): dark inside, its rim a pixel wide."""
    distance = np.sqrt(((points - aperture.astype(np.float32)[:, None, None]) ** 2).sum(0))
    inside = np.clip((np.float32(radius) - distance) / np.float32(pixel) + np.float32(0.5), 0, 1)
    return np.asarray(1 - (1 - HOLE) * inside)


def draw_view(tilt: float, rng: np.random.Generator) -> View:
    """Draw a pose, any turn in the plane and a tilt of the given deviation, and a lamp near its place."""
    turn, lean, direction = rng.uniform(0, 2 * np.pi), tilt * rng.standard_normal(), rng.uniform(0, 2 * np.pi)
    in_plane = _rotation(np.array([0.0, 0.0, 1.0]), turn)
    out_of_plane = _rotation(np.array([np.cos(direction), np.sin(direction), 0.0]), lean)
    light = np.array(LIGHT) + rng.normal(0, 0.15, 3)
    return View(out_of_plane @ in_plane, light / np.linalg.norm(light))


def _rotation(axis: FloatArray, angle: float) -> FloatArray:
    """Rotation by ``angle`` about a unit vector (Rodrigues), shape (3, 3)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def draw_specimen(
    scores: FloatArray, difficulty: Difficulty, size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw an individual of a species, pose it, and photograph it.

    Parameters
    ----------
    scores : ndarray of float, shape (traits,)
        Normal scores of the species.
    difficulty : Difficulty
        Individual variation, tilt, noise.
    size : int
        Side of the picture, pixels.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of uint8, shape (size, size)
        Grey picture on a dark ground.
    """
    traits = traits_from_scores(individual(scores, difficulty.variation, rng))
    picture = render_shell(grow(traits), traits, draw_view(difficulty.tilt, rng), size)
    exposure, haze = rng.uniform(0.5, 0.85), rng.uniform(0.0, 0.05)
    noisy = haze + exposure * picture + rng.normal(0, difficulty.noise, picture.shape)
    return (np.clip(noisy, 0, 1) * 255).astype(np.uint8)
