"""Bray-Curtis dissimilarity of the words (k-mers) of sequences, without an alignment.

Bray and Curtis, "An ordination of the upland forest communities of southern Wisconsin", Ecol. Monogr. 27, 1957.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import sgt_dna
from scipy.sparse import csc_array

from visgen_train.genetics.words import SHORT, all_words, bases

_BLOCK: Final = 2048
"""Words that are compared at a time."""


def distances(records: Sequence[sgt_dna.Record]) -> np.ndarray:
    """d = sum |x - y| / sum (x + y) over the words of 7 letters, x and y how often a word stands in each sequence.

    Words are counted on the strand as given; those with other letters than A, C, G and T do not count. The numerator
    is the total less twice the shared words. A word's second occurrence is a word of its own here, so that these
    are a product of matrices of zeros and ones: n^2 times the number of different words, in single precision, exact.

    Returns
    -------
    numpy.ndarray
        (n, n) from 0 to 1; NaN for a sequence without a word.
    """
    return between(records, records)


def between(records: Sequence[sgt_dna.Record], others: Sequence[sgt_dna.Record]) -> np.ndarray:
    """(n, m) distances of records to others, as `distances`."""
    words = [_numbered(bases(record.sequence)) for record in records]
    of_others = words if others is records else [_numbered(bases(record.sequence)) for record in others]
    number, number_of_others = (
        np.array([len(found) for found in held], np.float64) for held in (words, of_others)
    )
    both = number[:, None] + number_of_others
    # a sequence without a word is at no distance from any other
    both[(number == 0)[:, None] | (number_of_others == 0)] = np.nan
    found: np.ndarray = (both - 2 * _shared(words, of_others)) / both
    return found


def _numbered(codes: np.ndarray) -> np.ndarray:
    """The words of a sequence, each occurrence with a number of its own: word + 4^7 times those before it."""
    words = np.sort(all_words(codes, SHORT))
    before = np.arange(len(words)) - np.searchsorted(words, words)
    numbered: np.ndarray = words + before * 4**SHORT
    return numbered


def _shared(words: Sequence[np.ndarray], others: Sequence[np.ndarray]) -> np.ndarray:
    """(n, m) float32 numbers that two sets share."""
    numbers = np.unique(np.concatenate([*words, *others]))
    has = _table(words, numbers)
    of_others = has if others is words else _table(others, numbers)
    shared = np.zeros((len(words), len(others)), np.float32)
    for start in range(0, len(numbers), _BLOCK):
        block = slice(start, start + _BLOCK)
        shared += has[:, block].toarray() @ of_others[:, block].toarray().T
    return shared


def _table(words: Sequence[np.ndarray], numbers: np.ndarray) -> csc_array:
    """(n, numbers) which of the numbers each set has."""
    row = np.repeat(np.arange(len(words)), [len(found) for found in words])
    column = np.searchsorted(numbers, np.concatenate(words))
    return csc_array((np.ones(len(row), np.float32), (row, column)), shape=(len(words), len(numbers)))
