"""Likeness of sequences without an alignment, by the words (k-mers) they share.

Long words are shared by descent alone, on the strand that they are read from: two of 16 letters hardly ever agree by
chance. Short ones measure how near two sequences are.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

LONG: Final = 16
SHORT: Final = 7
_CODE: Final = np.full(256, 4, np.int64)
_CODE[np.frombuffer(b"ACGTUacgtu", np.uint8)] = [0, 1, 2, 3, 3, 0, 1, 2, 3, 3]
_BLOCK: Final = 256


def bases(sequence: str) -> np.ndarray:
    """Codes of the letters, gaps left out: 0 to 3 for A, C, G and T (or U), 4 for any other.

    >>> bases("Ac-GUn").tolist()
    [0, 1, 2, 3, 4]
    """
    return letters(sequence.replace("-", ""))


def letters(sequence: str) -> np.ndarray:
    """The same with gaps in place, as 4."""
    return _CODE[np.frombuffer(sequence.encode("ascii", "replace"), np.uint8)]


def reverse_complement(codes: np.ndarray) -> np.ndarray:
    """Codes of the other strand."""
    turned: np.ndarray = np.where(codes < 4, 3 - codes, 4)[::-1]
    return turned


def word_numbers(codes: np.ndarray, length: int) -> np.ndarray:
    """The distinct words of a sequence as numbers, those with other letters left out.

    >>> word_numbers(bases("ACACN"), 2).tolist()
    [1, 4]
    """
    return np.unique(all_words(codes, length))


def all_words(codes: np.ndarray, length: int) -> np.ndarray:
    """The words as numbers in the order of the sequence, as often as they stand there.

    >>> all_words(bases("ACACN"), 2).tolist()
    [1, 4, 1]
    """
    places = len(codes) - length + 1
    if places <= 0:
        return np.empty(0, np.int64)
    number, known = np.zeros(places, np.int64), np.ones(places, bool)
    for offset in range(length):
        letter = codes[offset : offset + places]
        number = number * 4 + letter
        known &= letter < 4
    return number[known]


def strands(sequences: Sequence[np.ndarray]) -> np.ndarray:
    """Which sequences are the reverse complement of most others like them.

    Each long word votes: for the strand it stands on by the others that have it, against by those that have it on the
    other strand.

    Returns
    -------
    numpy.ndarray
        (n,) bool.
    """
    forward = [word_numbers(codes, LONG) for codes in sequences]
    backward = [word_numbers(reverse_complement(codes), LONG) for codes in sequences]
    if not any(map(len, forward)):
        return np.zeros(len(sequences), bool)
    known, number = np.unique(np.concatenate(forward), return_counts=True)

    def votes(words: np.ndarray) -> int:
        place = np.minimum(np.searchsorted(known, words), len(known) - 1)
        return int(number[place[known[place] == words]].sum())

    own = np.array([votes(words) - len(words) for words in forward])
    other = np.array(
        [
            votes(there) - len(np.intersect1d(here, there))
            for here, there in zip(forward, backward, strict=True)
        ]
    )
    turned: np.ndarray = other > own
    return turned


def families(sequences: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) int number of the family of each sequence: those linked by long words they share, however indirectly."""
    words = [word_numbers(codes, LONG) for codes in sequences]
    owner = np.repeat(np.arange(len(words)), [len(found) for found in words])
    numbers = np.concatenate([*words, np.empty(0, np.int64)])
    order = np.argsort(numbers, kind="stable")
    owner, numbers = owner[order], numbers[order]
    same = numbers[1:] == numbers[:-1]
    links = coo_array((np.ones(same.sum(), bool), (owner[:-1][same], owner[1:][same])), (len(words),) * 2)
    family: np.ndarray = connected_components(links, directed=False)[1]
    return family


def common(sequences: Sequence[np.ndarray], species: np.ndarray) -> np.ndarray:
    """(n,) int number of long words of each sequence that another species has as well."""
    words = [word_numbers(codes, LONG) for codes in sequences]
    held = [
        np.unique(np.concatenate([words[row] for row in np.flatnonzero(species == name)]))
        for name in np.unique(species)
    ]
    known, number = np.unique(np.concatenate([*held, np.empty(0, np.int64)]), return_counts=True)
    several = known[number > 1]
    return np.array([np.isin(found, several, assume_unique=True).sum() for found in words], np.int64)


class Likeness:
    """How near sequences are: the share of the short words of the one with fewer that the other has as well.

    Parameters
    ----------
    sequences : sequence of numpy.ndarray
        Codes, see `bases`.
    """

    def __init__(self, sequences: Sequence[np.ndarray]) -> None:
        self._has = np.zeros((len(sequences), 4**SHORT), np.uint8)
        for row, codes in enumerate(sequences):
            self._has[row, word_numbers(codes, SHORT)] = 1
        self._number = np.maximum(1, self._has.sum(axis=1, dtype=np.int64))

    def rows(self, rows: slice) -> np.ndarray:
        """(rows, n) float32 from 0 to 1, of some sequences to all."""
        some = self._has[rows].astype(np.float32)
        parts = [
            some @ self._has[start : start + _BLOCK].astype(np.float32).T
            for start in range(0, len(self._has), _BLOCK)
        ]
        shared = np.concatenate(parts, axis=1)
        found: np.ndarray = shared / np.minimum(self._number[rows, None], self._number[None]).astype(
            np.float32
        )
        return found


def nearest(
    sequences: Sequence[np.ndarray], species: np.ndarray, number: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each sequence the `number` others nearest to it, and how near the nearest of its own species is.

    Parameters
    ----------
    species : numpy.ndarray
        (n,) of any kind.

    Returns
    -------
    rows : numpy.ndarray
        (n, number) int64; -1 where there are not so many others.
    likeness : numpy.ndarray
        (n, number) float32, falling.
    own : numpy.ndarray
        (n,) float32; -1 where it is the only one of its species.
    """
    likeness = Likeness(sequences)
    rows, values, own = [], [], []
    for start in range(0, len(sequences), _BLOCK):
        block = likeness.rows(slice(start, start + _BLOCK))
        here = np.arange(len(block))
        block[here, start + here] = -1
        order = np.argsort(-block, axis=1, kind="stable")[:, :number]
        rows.append(order)
        values.append(np.take_along_axis(block, order, axis=1))
        same = species[start : start + len(block), None] == species[None]
        own.append(np.where(same, block, -1).max(axis=1))
    empty = np.empty((0, min(number, len(sequences))))
    found = np.concatenate([empty, *values]).astype(np.float32)
    places = np.where(found >= 0, np.concatenate([empty, *rows]), -1).astype(np.int64)
    return places, found, np.concatenate([np.empty(0, np.float32), *own])
