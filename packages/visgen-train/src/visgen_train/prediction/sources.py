"""Pictures to be named, from wherever they come: files, folders, arrays, pictures in memory."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from visgen_train.data.images import Policy
from visgen_train.io import places
from visgen_train.io.images import SUFFIXES, decode, fitted, in_memory
from visgen_train.io.parallel import in_parallel, unwarned

log = logging.getLogger(__name__)
AHEAD = 256
"""Pictures decoded ahead of the network."""


@dataclass(frozen=True, eq=False)
class Source:
    """One picture that is to be named.

    Attributes
    ----------
    name : str
        Path, or number.
    content : Path, numpy.ndarray or PIL.Image.Image
    problem : str, optional
        What is known to be wrong with it.
    """

    name: str
    content: Any = None
    problem: str | None = None

    def pixels(self, policy: Policy) -> np.ndarray:
        """(3, size, size) uint8, as training saw pictures; OSError or ValueError if it cannot be read."""
        if self.problem is not None:
            raise ValueError(self.problem)
        if isinstance(self.content, Path):
            with places.opened(self.content) as file:
                return decode(file.read(), policy.image_size, policy.colour, policy.white)
        return fitted(in_memory(self.content), policy.image_size, policy.colour)


def sources(images: Any) -> list[Source]:
    """The pictures of a path, an array, a picture of Pillow, or an iterable of these; folders with all below them.

    What cannot be a picture becomes a source with a problem: a folder without pictures, no such file.

    Raises
    ------
    TypeError
        Something else.
    """
    single = isinstance(images, np.ndarray) and images.dtype != object and images.ndim < 4
    if single or isinstance(images, str | os.PathLike | Image.Image):
        images = [images]
    return [source for number, one in enumerate(images) for source in _of(one, number)]


def decoded(given: Iterable[Source], policy: Policy) -> Iterator[tuple[np.ndarray | None, str | None]]:
    """Pixels or the problem of each source in its turn, read by threads ahead of what is taken."""

    def load(source: Source) -> tuple[np.ndarray | None, str | None]:
        try:
            return source.pixels(policy), None
        except (OSError, ValueError) as error:
            return None, str(getattr(error, "strerror", None) or error)

    return unwarned(in_parallel(load, given, AHEAD))


def _of(one: Any, number: int) -> list[Source]:
    if isinstance(one, str | os.PathLike):
        path = Path(one)
        return _below(path) if places.is_folder(path) else [Source(str(path), path)]
    if isinstance(one, np.ndarray | Image.Image):
        return [Source(str(getattr(one, "filename", "") or number), one)]
    raise TypeError(
        f"picture {number} is a {type(one).__name__}; paths, uint8 arrays and pictures of Pillow can be named"
    )


def _below(folder: Path) -> list[Source]:
    """Every picture below a folder, by its name; links and hidden ones are not entered, nor hidden files read."""
    found, others = list[Path](), Counter[str]()
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(name for name in files if not name.startswith(".")):
            path = Path(parent, name)
            if path.suffix.lower() in SUFFIXES:
                found.append(path)
            else:
                others[path.suffix.lower() or "no suffix"] += 1
    held = ", ".join(f"{number} {suffix}" for suffix, number in others.most_common(3)) or "nothing"
    if found and others:
        log.warning(
            "%s: %d files are no pictures by their names and are passed over (%s)",
            folder,
            others.total(),
            held,
        )
    if found:
        return [Source(str(path), path) for path in found]
    told = f"a folder without pictures ({', '.join(sorted(SUFFIXES))}); it holds {held}; linked folders are not entered"
    return [Source(str(folder), problem=told)]
