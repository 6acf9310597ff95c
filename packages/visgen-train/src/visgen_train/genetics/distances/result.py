"""Distances of species, checked: what every method gives and what kriging takes."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from visgen_train.errors import DataError

_SAME = 1e-9
"""How much two entries that should be equal may differ, as a share of the largest."""


@dataclass(frozen=True, eq=False)
class SpeciesDistances:
    """Distance of every species to every other, from one of the methods or from elsewhere.

    Attributes
    ----------
    species : tuple of str, length n
        Each once.
    matrix : numpy.ndarray
        (n, n) float64, symmetric, zero on the diagonal, not negative. In the units of the method.
    method : str
        Of `METHODS`, or what you call your own.
    n_sequences : numpy.ndarray
        (n,) int64 sequences of each that were compared, or tips of the tree. All 1 by default.
    within : numpy.ndarray
        (n,) median distance of two sequences of the species; NaN where there is one. All NaN by default.
    notes : tuple of str
        What was left out, and what else a reader of the figures should know.

    Raises
    ------
    DataError
        No such matrix; it names the species.
    """

    species: tuple[str, ...]
    matrix: np.ndarray
    method: str
    n_sequences: np.ndarray | None = None
    within: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        number = len(self.species)
        try:
            matrix = np.array(self.matrix, np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"{self.method} distances: the matrix is none of numbers ({error}).") from error
        self._check(matrix)
        matrix = (matrix + matrix.T) / 2
        np.fill_diagonal(matrix, 0)
        counts = np.ones(number, np.int64) if self.n_sequences is None else np.array(self.n_sequences)
        within = np.full(number, np.nan) if self.within is None else np.array(self.within, np.float64)
        if counts.shape != (number,) or within.shape != (number,):
            raise DataError(
                f"{self.method} distances: n_sequences and within need one entry for each of {number} species."
            )
        for name, value in (("matrix", matrix), ("n_sequences", counts), ("within", within)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"SpeciesDistances: {len(self.species)} species, {self.method}"

    def _check(self, matrix: np.ndarray) -> None:
        number = len(self.species)
        repeated = [name for name, times in Counter(self.species).items() if times > 1]
        if repeated:
            raise DataError(f"{self.method} distances: the species {repeated[0]} stands there twice.")
        if matrix.shape != (number, number):
            raise DataError(
                f"{self.method} distances: the matrix has shape {matrix.shape}, and there are {number} species."
            )
        self._refuse(
            ~np.isfinite(matrix), matrix, "is no number; leave out a species, or take another method"
        )
        self._refuse(matrix < 0, matrix, "is negative")
        off = _SAME * matrix.max(initial=0)
        self._refuse(np.diag(np.diag(matrix) > off), matrix, "should be 0")
        self._refuse(np.abs(matrix - matrix.T) > off, matrix, "is not that of the other way round")

    def _refuse(self, where: np.ndarray, matrix: np.ndarray, why: str) -> None:
        if where.any():
            row, column = np.argwhere(where)[0]
            raise DataError(
                f"{self.method} distances: that of {self.species[row]} to {self.species[column]}, "
                f"{matrix[row, column]:.6g}, {why} ({where.sum()} such of {matrix.size})."
            )
