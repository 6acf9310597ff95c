"""Vectors as they come: into one array."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from sgt_dna.batches import Part, Places, Vectors

SPARE: Final = 64
"""Rows beyond those expected."""

ROOM: Final = 2**30
"""Bytes that are taken ahead at most where sequences are not counted: a file may begin with short records and
go on with a chromosome."""


class Expected(NamedTuple):
    """How much a source holds: sequences, or if they are not counted their bases."""

    sequences: int = 0
    bases: int = 0


class Rows:
    """Takes the vectors of many sequences, in order, and what goes with them.

    Parameters
    ----------
    features : int
    expected : Expected, optional
        Of the whole source, roughly. Room for all vectors is then taken at once, since memory that is not
        written to costs nothing; else for as many again, whenever it is full.
    """

    def __init__(self, features: int, expected: Expected | None = None) -> None:
        self.ids: list[str] = []
        self.descriptions: list[str] = []
        self._ambiguous: list[Places] = []
        self._features = features
        self._expected = expected
        self._chunks: list[Vectors] = []
        # rows of the last chunk that are free, all rows given, their bases
        self._free = self._n = self._n_bases = 0

    def room(self, n: int, n_bases: int) -> Vectors:
        """Where to write the next vectors (n, features) of so many bases, in any thread."""
        self._n_bases += n_bases
        if not n:
            return np.empty((0, self._features))
        if n > self._free:
            self._extend(n)
        chunk = self._chunks[-1]
        start = len(chunk) - self._free
        self._free -= n
        self._n += n
        return chunk[start : start + n]

    def add(self, part: Part) -> None:
        """Take a part, whose vectors stand where there was room for them."""
        self.ids += part.ids
        self.descriptions += part.descriptions
        self._ambiguous.append(part.ambiguous)

    @property
    def ambiguous(self) -> Places:
        """(n,) int64."""
        return np.concatenate([np.empty(0, np.int64), *self._ambiguous])

    def vectors(self) -> Vectors:
        """(n, features), when all are taken."""
        self._cut()
        return self._chunks[0] if len(self._chunks) == 1 else np.concatenate(self._chunks)

    def _extend(self, n: int) -> None:
        size = max(n, self._n, SPARE)
        if self._expected:
            guess = self._expected.bases * (self._n + n) // max(1, self._n_bases)
            guess = min(guess - self._n + SPARE, ROOM // (8 * self._features))
            size = max(size, guess, self._expected.sequences - self._n + SPARE)
        self._cut()
        self._chunks.append(np.empty((size, self._features)))
        self._free = size

    def _cut(self) -> None:
        """End the last chunk where its free rows begin."""
        if self._chunks:
            self._chunks[-1] = self._chunks[-1][: len(self._chunks[-1]) - self._free]
            self._free = 0


class WrittenRows(Rows):
    """The same for vectors that are written as they come, and not kept.

    Parameters
    ----------
    features : int
    write : callable
        Takes arrays (n, features) and their ids, one after another.
    """

    def __init__(self, features: int, write: Callable[[Vectors, Sequence[str]], None]) -> None:
        super().__init__(features)
        self._write = write

    def room(self, n: int, n_bases: int) -> Vectors:
        return np.empty((n, self._features))

    def add(self, part: Part) -> None:
        super().add(part)
        self._write(part.vectors, part.ids)
