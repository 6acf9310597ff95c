"""Where vectors go as they come."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sgt_dna.batches import Part

SPARE: Final = 64
"""Rows beyond the number expected."""


class Rows:
    """Collects parts; the vectors in one array.

    Parameters
    ----------
    features : int
    expected : int or None
        Bases of the whole source, roughly. Room for their vectors is taken at once: memory that is not written to
        costs nothing, and copying does.
    """

    def __init__(self, features: int, expected: int | None = None) -> None:
        self.expected = expected
        self.ids: list[str] = []
        self.descriptions: list[str] = []
        self._ambiguous: list[npt.NDArray[np.int64]] = []
        self._vectors = np.empty((0, features))
        self._n_bases = 0

    def add(self, part: Part) -> None:
        start, end = len(self.ids), len(self.ids) + len(part.ids)
        self._n_bases += part.n_bases
        if end > len(self._vectors):
            self._grow(start, end)
        self._vectors[start:end] = part.vectors
        self.ids += part.ids
        self.descriptions += part.descriptions
        self._ambiguous.append(part.ambiguous)

    @property
    def vectors(self) -> npt.NDArray[np.float64]:
        """(n, features) float64."""
        return self._vectors[: len(self.ids)]

    @property
    def ambiguous(self) -> npt.NDArray[np.int64]:
        """(n,) int64."""
        return np.concatenate(self._ambiguous)

    def _grow(self, start: int, end: int) -> None:
        size = 2 * end
        if not start and self.expected and self._n_bases:
            size = max(end, end * self.expected // self._n_bases + SPARE)
        before = self._vectors
        self._vectors = np.empty((size, before.shape[1]))
        self._vectors[:start] = before[:start]
