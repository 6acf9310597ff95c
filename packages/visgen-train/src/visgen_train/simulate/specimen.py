"""The picture of one individual: its traits, how it lies, and how well it is photographed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.camera import debris, expose, focus
from visgen_train.simulate.morphology import grow, individual, traits_from_scores
from visgen_train.simulate.render import FILL, View, render_shell, waves

FloatArray = NDArray[np.float64]

LIGHT = (-0.4, -0.5, 0.77)
"""Mean direction of the lamp: upper left, towards the viewer (x to the right, y down, z to the viewer)."""
LIGHT_SPREAD = 0.2
"""Standard deviation of that, before it is made a unit vector."""
GRAIN, GRAINS = 0.1, 160
"""Standard deviation of the brightness of the grains of the wall, and how many make the width of a picture."""
STAINS = 0.07
"""Standard deviation of the brightness of the wall from place to place."""
UNEVEN = 0.008
"""Standard deviation of the outline of an individual about its model, in widths of the picture."""


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
    blur : float
        Standard deviation of the blur over the distance from the focal plane.
    clutter : float
        Mean number of specks and threads in a picture.
    scale : float
        Share of its size by which the smallest specimen is smaller in the picture than the largest.
    """

    variation: float = 0.08
    tilt: float = 0.08
    noise: float = 0.015
    blur: float = 0.02
    clutter: float = 4.0
    scale: float = 0.1


def draw_specimen(
    scores: FloatArray, difficulty: Difficulty, size: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw an individual of a species, pose it, and photograph it.

    Parameters
    ----------
    scores : ndarray of float, shape (traits,)
        Normal scores of the species.
    difficulty : Difficulty
        Individual variation, pose, and the faults of the picture.
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
    scene = render_shell(grow(traits), traits, draw_view(difficulty.tilt, difficulty.scale, rng), size)
    grain = np.float32(GRAIN * size / GRAINS) * rng.standard_normal((size, size), dtype=np.float32)
    wall = scene.brightness * (1 + grain + waves(_coefficients(STAINS, rng), size)).astype(np.float32)
    dusty = np.maximum(wall, debris(size, difficulty.clutter, rng.spawn(1)[0]))
    plane = rng.uniform(0, 0.7) * float(scene.depth.max())
    return expose(focus(dusty, scene.depth, difficulty.blur, plane), difficulty.noise, rng)


def draw_view(tilt: float, scale: float, rng: np.random.Generator) -> View:
    """Draw a pose, any turn in the plane and a tilt of the given deviation, a lamp near its place, and a frame."""
    turn, lean, direction = rng.uniform(0, 2 * np.pi), tilt * rng.standard_normal(), rng.uniform(0, 2 * np.pi)
    in_plane = _rotation(np.array([0.0, 0.0, 1.0]), turn)
    out_of_plane = _rotation(np.array([np.cos(direction), np.sin(direction), 0.0]), lean)
    light = np.array(LIGHT) + rng.normal(0, LIGHT_SPREAD, 3)
    fill = FILL * (1 - scale * rng.random())
    shift = rng.uniform(-0.3, 0.3, 2) * (1 - fill)
    uneven = np.stack([_coefficients(UNEVEN, rng) for _ in range(2)])
    return View(out_of_plane @ in_plane, light / np.linalg.norm(light), fill, shift, uneven)


def _coefficients(deviation: float, rng: np.random.Generator) -> FloatArray:
    """Coefficients of `waves`, shape (9, 9), for a random field of mean 0 and that deviation, most in long waves."""
    order = np.arange(9)
    spread = 1 / (1.0 + order[:, None] + order)
    spread[0, 0] = 0
    power = np.where(order == 0, 1, 0.5)
    return np.asarray(
        deviation * spread * rng.standard_normal(spread.shape) / np.sqrt(power @ spread**2 @ power)
    )


def _rotation(axis: FloatArray, angle: float) -> FloatArray:
    """Rotation by ``angle`` about a unit vector (Rodrigues), shape (3, 3)."""
    x, y, z = axis
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)
