"""Small pictures of test images as data URIs."""

import base64
import io
from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from visgen_train.io.images import decode

SIZE = 72
QUALITY = 72
MOST = 600
"""A page holds thumbnails of at most so many images."""


def thumbnails(root: Path, files: Sequence[str], chosen: Sequence[int], white: int) -> dict[int, str]:
    """Thumbnails of the first of some images; of a file that is gone or cannot be read there is none.

    Parameters
    ----------
    root : Path
        Folder that the files are relative to.
    files : sequence of str
    chosen : sequence of int
        Positions in `files`, those that matter most first; at most `MOST` are made.
    white : int
        As `data.white` of the settings.

    Returns
    -------
    dict
        Position -> data URI of a JPEG of at most 72 x 72 px.
    """
    made = ((place, _thumbnail(root / files[place], white)) for place in list(chosen)[:MOST])
    return {place: picture for place, picture in made if picture}


def fairly(truth: np.ndarray, first: Container[int]) -> list[int]:
    """All images in an order that serves species alike: those given first, then one of each species in turn.

    >>> fairly(np.array(["a", "a", "a", "b"]), {2})
    [2, 0, 3, 1]
    """
    seen: Counter[str] = Counter()
    turns = []
    for name in truth.tolist():
        turns.append(seen[name])
        seen[name] += 1
    return sorted(range(len(truth)), key=lambda place: (place not in first, turns[place], place))


def _thumbnail(file: Path, white: int) -> str | None:
    try:
        pixels = decode(file.read_bytes(), SIZE, white=white)
    except (OSError, ValueError):
        return None
    return jpeg(pixels)


def jpeg(pixels: np.ndarray) -> str:
    """A picture (3, size, size) uint8 as the data URI of a JPEG."""
    encoded = io.BytesIO()
    Image.fromarray(pixels.transpose(1, 2, 0)).save(encoded, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(encoded.getvalue()).decode()
