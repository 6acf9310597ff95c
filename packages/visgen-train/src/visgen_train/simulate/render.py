"""Pictures of shells: a depth buffer of spheres, shaded, with pores, an aperture and dark seams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.morphology import Shell, ShellTraits
from visgen_train.simulate.shading import illuminate
from visgen_train.simulate.texture import pore_factor

FloatArray = NDArray[np.float64]
Picture = NDArray[np.float32]

FILL = 1 / 1.15
"""Width of the shell over that of the picture, at most."""
SEAM_DEPTH = 0.3
"""Darkening at the bottom of a seam between two chambers."""
SEAM_WIDTH = 0.1
"""Depth over which a seam fades, in radii of the largest chamber."""
SOFT_SEAM = 0.06
"""Depth over which the walls of two chambers run into each other, in radii of the largest chamber."""
HOLE = 0.15
"""Brightness left inside the aperture."""
EDGE = 0.3
"""Width over which the aperture darkens, in its radii."""
LIP = 0.25
"""Brightening of the lip, the thick edge of the aperture."""
LIP_WIDTH = 0.2
"""Width of the lip, in radii of the aperture."""
FAR = -1e6
"""Depth of what is not there."""


@dataclass(frozen=True)
class View:
    """Pose, light and frame.

    Attributes
    ----------
    rotation : ndarray of float, shape (3, 3)
        Turns the shell.
    light : ndarray of float, shape (3,)
        Unit vector to the lamp.
    fill : float
        Width of the shell (the longer side of its box) over that of the picture.
    shift : ndarray of float, shape (2,)
        Where the middle of that box lies, to the right and down from the picture's, in widths of the picture.
    uneven : ndarray of float, shape (2, waves, waves)
        Coefficients of `waves` by which the outline is moved right and down, in widths of the picture.
    """

    rotation: FloatArray
    light: FloatArray
    fill: float = FILL
    shift: FloatArray = field(default_factory=lambda: np.zeros(2))
    uneven: FloatArray = field(default_factory=lambda: np.zeros((2, 1, 1)))


class Scene(NamedTuple):
    """A shell as it is seen, float32 arrays of shape (size, size).

    ``brightness`` is 0 on the ground, ``depth`` the height over the shell's middle in widths of the picture (on the
    ground, that of the nearest edge of the shell).
    """

    brightness: Picture
    depth: Picture


def render_shell(shell: Shell, traits: ShellTraits, view: View, size: int) -> Scene:
    """A shell in perfect focus and without noise, on a black ground.

    The light on a wall is that of `illuminate`, less in seams between chambers, in pores and in the aperture.
    Each new chamber lays a layer of calcite over all older ones (Reiss 1958, Micropaleontology 4: 51-70), so the last
    has the thinnest wall and lets most light through: ``translucency / layers``.
    """
    centres = shell.centres @ view.rotation.T
    x, y, pixel = _frame(centres, shell.radii, view, size)
    buffer = _depth_buffer(centres, shell.radii, x, y, pixel)
    seen = np.nonzero(buffer.cover)
    first, second, gap = buffer.first[seen], buffer.second[seen], buffer.gap[seen]
    places = x[seen], y[seen]
    normals, points = _surface(centres, shell.radii, first, *places)
    others, _ = _surface(centres, shell.radii, second, *places)
    largest = float(shell.radii.max())
    share = np.float32(0.5) * np.exp(-gap / np.float32(max(pixel, SOFT_SEAM * largest)))
    blended = (1 - share) * normals + share * others
    layers = np.arange(len(shell.radii), 0, -1, dtype=np.float32)
    through = np.float32(traits.translucency) / layers[first]
    wall = illuminate(points, blended, centres, shell.radii, view.light, traits.ambient, through)
    wall *= 1 - SEAM_DEPTH * np.exp(-gap / np.float32(SEAM_WIDTH * largest))
    wall *= _pores(normals, shell.radii[first], largest, pixel, view, traits)
    wall *= _aperture(points, view.rotation @ shell.apertures[-1], traits.aperture * shell.radii[-1], pixel)
    brightness = np.zeros((size, size), np.float32)
    brightness[seen] = wall * buffer.cover[seen]
    return Scene(brightness, buffer.depth / np.float32(pixel * size))


def _frame(centres: FloatArray, radii: FloatArray, view: View, size: int) -> tuple[Picture, Picture, float]:
    """Coordinates of the pixels, x and y of shape (size, size), and the width of one."""
    low = (centres - radii[:, None]).min(0)[:2]
    high = (centres + radii[:, None]).max(0)[:2]
    pixel = float((high - low).max() / (view.fill * size))
    steps = (np.arange(size) + 0.5 - size / 2) * pixel
    middle = (low + high) / 2 - view.shift * pixel * size
    right, down = pixel * size * waves(view.uneven, size)
    x = (middle[0] + steps - right).astype(np.float32)
    y = (middle[1] + steps[:, None] - down).astype(np.float32)
    return x, y, pixel


def waves(coefficients: FloatArray, size: int) -> FloatArray:
    """Smooth fields over a picture: sums of coefficients (..., i, j) times cos(pi i y) cos(pi j x), x and y 0 to 1."""
    places = (np.arange(size) + 0.5) / size
    basis = np.cos(np.pi * np.arange(coefficients.shape[-1])[:, None] * places)
    return np.asarray(basis.T @ coefficients @ basis)


class _Buffer(NamedTuple):
    """The two chambers nearest to the viewer at each pixel, the depth between them, the share covered, the depth."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    gap: Picture
    cover: Picture
    depth: Picture


def _depth_buffer(centres: FloatArray, radii: FloatArray, x: Picture, y: Picture, pixel: float) -> _Buffer:
    """All of shape (size, size). Where no second chamber lies below, the gap is huge."""
    c, r = centres.astype(np.float32)[:, :, None, None], radii.astype(np.float32)[:, None, None]
    squared = (x - c[:, 0]) ** 2 + (y - c[:, 1]) ** 2
    surface = c[:, 2] + np.sqrt(np.maximum(r**2 - squared, 0))
    surface = np.where(squared > (r + np.float32(pixel / 2)) ** 2, np.float32(FAR), surface)
    margin = r - np.sqrt(squared)
    first = second = np.zeros(x.shape, np.intp)
    top, below = surface[0], np.full_like(x, FAR)
    widest, edge = margin[0], np.full_like(x, c[0, 2, 0, 0])
    for i in range(1, len(radii)):
        second = np.where(surface[i] > top, first, np.where(surface[i] > below, i, second))
        first = np.where(surface[i] > top, i, first)
        below = np.minimum(top, np.maximum(below, surface[i]))
        top = np.maximum(top, surface[i])
        edge = np.where(margin[i] > widest, c[i, 2, 0, 0], edge)
        widest = np.maximum(widest, margin[i])
    cover = np.clip(widest / np.float32(pixel) + np.float32(0.5), 0, 1)
    middle = np.float32((centres[:, 2] - radii).min() + (centres[:, 2] + radii).max()) / 2
    return _Buffer(first, second, top - below, cover, np.where(top > FAR, top, edge) - middle)


def _surface(
    centres: FloatArray, radii: FloatArray, which: NDArray[np.intp], x: Picture, y: Picture
) -> tuple[Picture, Picture]:
    """Unit normals and points of the chambers ``which`` at places of the picture, both of shape (3, places)."""
    c, r = centres.astype(np.float32).T[:, which], radii.astype(np.float32)[which]
    nx, ny = (x - c[0]) / r, (y - c[1]) / r
    normals = np.stack([nx, ny, np.sqrt(np.maximum(1 - nx**2 - ny**2, 0))])
    return normals, c + r * normals


def _pores(
    normals: Picture, radii: FloatArray, largest: float, pixel: float, view: View, traits: ShellTraits
) -> Picture:
    """Factor of brightness of the pores, shape (places,): fixed to the shell, closer on smaller chambers."""
    turn = np.roll(view.rotation, 1, 1).T.astype(np.float32)
    r = radii.astype(np.float32)
    spacing = np.float32(traits.pore_spacing) * np.sqrt(np.float32(largest) / r)
    pixels = spacing * r * normals[2] / np.float32(pixel)
    return pore_factor(
        turn @ normals, turn @ view.light.astype(np.float32), spacing, pixels, traits.pore_amplitude
    )


def _aperture(points: Picture, aperture: FloatArray, radius: float, pixel: float) -> Picture:
    """Factor of brightness of the aperture, shape (places,): dark inside, and a bright lip about it."""
    distance = np.sqrt(((points - aperture.astype(np.float32)[:, None]) ** 2).sum(0))
    edge = max(pixel, EDGE * radius)
    inside = np.clip((radius - distance) / np.float32(edge) + np.float32(0.5), 0, 1)
    lip = np.exp(-(((distance - radius) / np.float32(LIP_WIDTH * radius)) ** 2))
    return np.asarray((1 - (1 - HOLE) * inside) * (1 + LIP * lip), np.float32)
