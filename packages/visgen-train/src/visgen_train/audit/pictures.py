"""Every picture decoded in full, in parallel: what its file is, and a small grey copy to compare it by."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from visgen_train.data.manifest import Item
from visgen_train.io.images import WHITE_16_BIT, read
from visgen_train.io.parallel import in_parallel, unwarned
from visgen_train.io.places import opened
from visgen_train.io.progress import Track, silent

THUMB: Final = 32
"""Side of the grey copies, px: fine enough to tell specimens apart, coarse enough to forget noise and compression."""


@dataclass(frozen=True)
class Picture:
    """What one file is.

    Attributes
    ----------
    file : str
    problem : str
        Why it cannot be read; empty if it can. What follows is unknown then, but for the hash.
    sha256 : str
        Of its bytes; empty if they cannot be read.
    format : str
        What the content is, as Pillow calls it: PNG, JPEG.
    mode : str
        Pillow's mode: L, RGB, I;16.
    width, height : int
        px, upright.
    brightest : int, optional
        Of 16-bit grey the highest value.
    white : int, optional
        Of 16-bit grey the value that was taken for white.
    """

    file: str
    problem: str = ""
    sha256: str = ""
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    brightest: int | None = None
    white: int | None = None


@dataclass(frozen=True)
class Pictures:
    """All pictures of a collection.

    Attributes
    ----------
    seen : tuple of Picture
        In the order of the files.
    thumbs : numpy.ndarray
        (n, THUMB, THUMB) uint8 grey; zero where a picture cannot be read.
    """

    seen: tuple[Picture, ...]
    thumbs: np.ndarray

    @cached_property
    def bad(self) -> dict[str, str]:
        """Those that cannot be read: file -> why."""
        return {picture.file: picture.problem for picture in self.seen if picture.problem}

    @cached_property
    def sha256(self) -> dict[str, str]:
        """File -> hash of its bytes."""
        return {picture.file: picture.sha256 for picture in self.seen}

    def digests(self, items: Iterable[Item]) -> list[str]:
        """The hash of each item's file."""
        return [self.sha256[item.file] for item in items]


def look(root: Path, files: Sequence[str], track: Track = silent, white: int = WHITE_16_BIT) -> Pictures:
    """Decode every file below `root`; none is refused, what is wrong with one stands in its `problem`.

    `white` is the value of 16-bit grey that becomes white, as in `read`.
    """
    thumbs = np.zeros((len(files), THUMB, THUMB), np.uint8)

    def load(position: int) -> Picture:
        file = files[position]
        try:
            with opened(root / file) as picture:
                content = picture.read()
        except OSError as error:
            return Picture(file, str(error.strerror or error))
        digest = hashlib.sha256(content).hexdigest()
        try:
            found = read(content, white)
            thumbs[position] = _thumb(found.rgb)
            kind = (digest, found.format, found.mode, *found.rgb.size, found.brightest, found.white)
            return Picture(file, "", *kind)
        except ValueError as error:
            return Picture(file, str(error), digest)

    looked = unwarned(in_parallel(load, range(len(files))))
    seen = tuple(track(looked, "Checking images", len(files)))
    return Pictures(seen, thumbs)


def _thumb(rgb: Image.Image) -> np.ndarray:
    small = rgb.convert("L").resize((THUMB, THUMB), Image.Resampling.BICUBIC)
    return np.asarray(small)
