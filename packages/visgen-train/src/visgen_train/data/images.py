"""All pictures of a run as one uint8 array on disk, decoded once, in parallel."""

import hashlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from visgen_train.errors import DataError
from visgen_train.io.images import decode
from visgen_train.io.progress import Track, silent


@dataclass(frozen=True)
class ImageStore:
    """Decoded pictures and the hashes of their files.

    Attributes
    ----------
    pixels : numpy.ndarray
        (n, 3, size, size) uint8, memory-mapped: the pictures need not fit in memory.
    sha256 : tuple of str
        Of each file's bytes.
    """

    pixels: np.ndarray
    sha256: tuple[str, ...]


def decode_all(
    root: Path,
    files: Sequence[str],
    size: int,
    scratch: Path,
    track: Track = silent,
    *,
    colour: str = "auto",
) -> ImageStore:
    """Decode every file into a nameless temporary file in `scratch`, which vanishes with the process.

    `size` and `colour` are as `decode` takes them.

    Raises
    ------
    DataError
        Names every file that cannot be read, not the first alone.
    """
    with tempfile.TemporaryFile(dir=scratch) as file:
        shape = (len(files), 3, size, size)
        file.truncate(int(np.prod(shape)))
        pixels = np.memmap(file, dtype=np.uint8, mode="r+", shape=shape)

    def load(position: int) -> tuple[str, str | None]:
        try:
            content = (root / files[position]).read_bytes()
            pixels[position] = decode(content, size, colour)
        except (OSError, ValueError) as error:
            return "", f"{root / files[position]}: {getattr(error, 'strerror', None) or error}"
        return hashlib.sha256(content).hexdigest(), None

    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter(
            "ignore"
        )  # odd metadata does not make a picture unreadable; a bomb is refused all the same
        loaded = list(track(pool.map(load, range(len(files))), "Reading images", len(files)))
    bad = [problem for _, problem in loaded if problem is not None]
    if bad:
        more = [f"and {len(bad) - 20} more"] if len(bad) > 20 else []
        listing = "\n  ".join([*bad[:20], *more])
        raise DataError(
            f"{len(bad)} of {len(files)} images cannot be read:\n  {listing}\n"
            "Replace or remove them, or leave them out by --skip-bad (of run, train and ablate)."
        )
    return ImageStore(pixels, tuple(digest for digest, _ in loaded))
