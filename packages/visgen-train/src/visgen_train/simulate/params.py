"""How large and how hard a simulated set is."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from visgen_train.simulate.names import MOST_SPECIES
from visgen_train.simulate.specimen import Difficulty


@dataclass(frozen=True)
class BenchmarkParams:
    """Size and difficulty of a simulated set.

    Attributes
    ----------
    species : int
        Number of species with pictures to train on.
    unseen : int
        Number of species more, with sequences and, to test with alone, pictures.
    images_max : int
        Training images of the commonest species.
    images_min : int
        Training images of the rarest species; the others lie between, in geometric progression.
    validation : int
        Validation images of a species, though never more than it has training images.
    test : int
        Test images of every species.
    size : int
        Side of a picture in pixels.
    signal : float
        Pagel's lambda: 1, looks follow descent; 0, they say nothing of it.
    variation : float
        Spread of individuals about their species, in standard deviations of the species' traits.
    tilt : float
        Standard deviation of the tilt of a specimen, radians.
    noise : float
        Standard deviation of the camera's noise, full scale 1.
    blur : float
        Standard deviation of the blur over the distance from the focal plane.
    clutter : float
        Mean number of specks and threads in a picture.
    scale : float
        Share of its size by which the smallest specimen is smaller in the picture than the largest.
    seed : int
        Seed from which everything follows.

    Raises
    ------
    ValueError
        If a value is out of range.

    Examples
    --------
    >>> BenchmarkParams(species=1)
    Traceback (most recent call last):
    ...
    ValueError: species must be from 2 to 128, not 1
    """

    species: int = 24
    unseen: int = 0
    images_max: int = 250
    images_min: int = 4
    validation: int = 8
    test: int = 40
    size: int = 64
    signal: float = 1.0
    variation: float = Difficulty.variation
    tilt: float = Difficulty.tilt
    noise: float = Difficulty.noise
    blur: float = Difficulty.blur
    clutter: float = Difficulty.clutter
    scale: float = Difficulty.scale
    seed: int = 7

    def __post_init__(self) -> None:
        """Refuse what cannot be simulated."""
        _check_range("species", self.species, 2, MOST_SPECIES)
        _check_range("unseen", self.unseen, 0, MOST_SPECIES - self.species)
        _check_range("images_min", self.images_min, 1, math.inf)
        _check_range("images_max", self.images_max, self.images_min, math.inf)
        _check_range("validation", self.validation, 0, math.inf)
        _check_range("test", self.test, 0, math.inf)
        _check_range("size", self.size, 16, 1024)
        _check_range("signal", self.signal, 0, 1)
        _check_range("seed", self.seed, 0, math.inf)
        _check_range("blur", self.blur, 0, 1)
        _check_range("clutter", self.clutter, 0, 1000)
        _check_range("scale", self.scale, 0, 0.8)
        for name in ("variation", "tilt", "noise"):
            _check_range(name, getattr(self, name), 0, 10)

    @property
    def difficulty(self) -> Difficulty:
        """The part that concerns the drawing of a specimen."""
        return Difficulty(**{field.name: getattr(self, field.name) for field in fields(Difficulty)})


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        limits = f"{low} or more" if high == math.inf else f"from {low} to {high}"
        raise ValueError(f"{name} must be {limits}, not {value}")
