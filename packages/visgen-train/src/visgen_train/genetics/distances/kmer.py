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
    words = [_numbered(bases(record.sequence)) for record in records]
    total = np.array([len(found) for found in words], np.float64)
    shared = _shared(words)
    both = total[:, None] + total
    # a sequence without a word is at no distance from any other
    both[(total == 0)[:, None] | (total == 0)] = np.nan
    found: np.ndarray = (both - 2 * shared) / both
    return found


def _numbered(codes: np.ndarray) -> np.ndarray:
    """The words of a sequence, each occurrence with a number of its own: word + 4^7 times those before it."""
    words = np.sort(all_words(codes, SHORT))
    before = np.arange(len(words)) - np.searchsorted(words, words)
    numbered: np.ndarray = words + before * 4**SHORT
    return numbered


def _shared(words: Sequence[np.ndarray]) -> np.ndarray:
    """(n, n) float32 numbers that two sets share."""
    numbers, column = np.unique(np.concatenate(words), return_inverse=True)
    row = np.repeat(np.arange(len(words)), [len(found) for found in words])
    has = csc_array((np.ones(len(row), np.float32), (row, column)), shape=(len(words), len(numbers)))
    shared = np.zeros((len(words), len(words)), np.float32)
    for start in range(0, len(numbers), _BLOCK):
        some = has[:, start : start + _BLOCK].toarray()
        shared += some @ some.T
    return shared
