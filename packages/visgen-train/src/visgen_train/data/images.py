"""All pictures of a run as one uint8 array on disk, decoded once, in parallel."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from visgen_train.config import DataConfig
from visgen_train.errors import DataError
from visgen_train.io import places
from visgen_train.io.images import POLICY_VERSION, decode
from visgen_train.io.parallel import in_parallel, unwarned
from visgen_train.io.progress import Track, silent

BATCH = 256
"""Pictures decoded ahead of what is written."""


class Rows(Protocol):
    """An array whose rows are taken by their positions: in memory, mapped from a file, or from a store."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __len__(self) -> int: ...

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class SomeRows:
    """Some rows of others, which stay where they are.

    Attributes
    ----------
    whole : Rows
    positions : numpy.ndarray
        (n,) in `whole`.
    """

    whole: Rows
    positions: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """As an array's."""
        return (len(self.positions), *self.whole.shape[1:])

    def __len__(self) -> int:
        return len(self.positions)

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray:
        return self.whole[self.positions[rows]]


@dataclass(frozen=True)
class Policy:
    """How pictures become pixels: of one file, two equal policies make the same.

    Attributes
    ----------
    image_size, colour, white
        As `visgen_train.io.images.decode` takes them.
    version : int
        Of `decode`.
    """

    image_size: int
    colour: str = "auto"
    white: int = DataConfig.white
    version: int = POLICY_VERSION

    @classmethod
    def of(cls, config: DataConfig) -> "Policy":
        """The policy that the settings of a run ask for."""
        return cls(config.image_size, config.colour, config.white)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture."""
        return 3, self.image_size, self.image_size

    @property
    def row_bytes(self) -> int:
        """Size of one picture."""
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class Decoded:
    """One picture, or what is wrong with its file.

    Attributes
    ----------
    pixels : numpy.ndarray, optional
        (3, size, size) uint8.
    sha256 : str
        Of the file's bytes.
    signature : tuple of int
        Size of the file in bytes, time of its last change, and of that of its entry in the file system, in ns.
    problem : str, optional
        Names the file.
    """

    pixels: np.ndarray | None
    sha256: str = ""
    signature: tuple[int, int, int] = (0, 0, 0)
    problem: str | None = None


@dataclass(frozen=True)
class ImageStore:
    """Decoded pictures and the hashes of their files.

    Attributes
    ----------
    pixels : Rows
        (n, 3, size, size) uint8, memory-mapped: the pictures need not fit in memory.
    sha256 : tuple of str
        Of each file's bytes.
    """

    pixels: Rows
    sha256: tuple[str, ...]


def decode_all(
    root: Path, files: Sequence[str], policy: Policy, scratch: Path, track: Track = silent
) -> ImageStore:
    """Decode every file into a nameless temporary file in `scratch`, which vanishes with the process.

    From then on the pictures' own files are not needed.

    Raises
    ------
    DataError
        Names every file that cannot be read, not the first alone; or there is no room.
    """
    digests, bad, blank = [], [], bytes(policy.row_bytes)
    with writing(scratch, len(files) * policy.row_bytes), tempfile.TemporaryFile(dir=scratch) as file:
        for one in track(decoded(root, files, policy), "Reading images", len(files)):
            file.write(blank if one.pixels is None else one.pixels.tobytes())
            digests.append(one.sha256)
            bad += [one.problem] if one.problem else []
        refuse(bad, len(files))
        file.flush()
        pixels = np.memmap(file, dtype=np.uint8, mode="r+", shape=(len(files), *policy.shape))
    return ImageStore(pixels, tuple(digests))


def decoded(root: Path, files: Sequence[str], policy: Policy) -> Iterator[Decoded]:
    """Every file in its turn, decoded in parallel."""

    def load(file: str) -> Decoded:
        try:
            with places.opened(root / file) as picture:
                now, content = signature(os.fstat(picture.fileno())), picture.read()
            pixels = decode(content, policy.image_size, policy.colour, policy.white)
        except (OSError, ValueError) as error:
            return Decoded(None, problem=f"{root / file}: {getattr(error, 'strerror', None) or error}")
        return Decoded(pixels, hashlib.sha256(content).hexdigest(), now)

    return unwarned(in_parallel(load, files, BATCH))


@contextlib.contextmanager
def writing(folder: Path, needed: int) -> Iterator[None]:
    """Turn what goes wrong with writing pixels into a DataError; `needed` is their size in bytes."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{folder}: the decoded pictures cannot be written there ({error.strerror}). They take "
            f"{needed / 1e6:,.0f} MB: make room, or choose another folder."
        ) from error


def signature(stat: os.stat_result) -> tuple[int, int, int]:
    """Size and times of a file, which change when it is written or replaced."""
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def refuse(bad: Sequence[str], number: int) -> None:
    """Raise DataError if any of `number` images cannot be read."""
    if not bad:
        return
    more = [f"and {len(bad) - 20} more"] if len(bad) > 20 else []
    listing = "\n  ".join([*bad[:20], *more])
    raise DataError(
        f"{len(bad)} of {number} images cannot be read:\n  {listing}\n"
        "Replace or remove them, or leave them out by --skip-bad (of run, train and ablate)."
    )
