"""Every picture decoded in full, in parallel: what its file is, and a small grey copy to compare it by."""

import hashlib
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from visgen_train.io.images import read
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
    """

    file: str
    problem: str = ""
    sha256: str = ""
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    brightest: int | None = None


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


def look(root: Path, files: Sequence[str], track: Track = silent) -> Pictures:
    """Decode every file below `root`; none is refused, what is wrong with one stands in its `problem`."""
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
            found = read(content)
            thumbs[position] = _thumb(found.rgb)
            return Picture(file, "", digest, found.format, found.mode, *found.rgb.size, found.brightest)
        except ValueError as error:
            return Picture(file, str(error), digest)

    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata does not make a picture unreadable
            seen = tuple(track(pool.map(load, range(len(files))), "Checking images", len(files)))
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C does not wait for the pictures still to come
    return Pictures(seen, thumbs)


def _thumb(rgb: Image.Image) -> np.ndarray:
    small = rgb.convert("L").resize((THUMB, THUMB), Image.Resampling.BICUBIC)
    return np.asarray(small)
