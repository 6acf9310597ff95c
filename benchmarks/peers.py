"""What others do with the same sequences."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from Bio.SeqIO.FastaIO import SimpleFastaParser
from numba import njit
from sgt import SGT
from sgt_dna.alphabet import symbols
from sklearn.feature_extraction.text import CountVectorizer


def reference(sequences: list[str], step: int, kappa: float) -> Callable[[], np.ndarray]:
    """`sgt` on dinucleotides, which are cut beforehand: (n, 256)."""
    rows = [
        [number, [text[i : i + 2] for i in range(0, len(text) - 1, step)]]
        for number, text in enumerate(sequences)
    ]
    corpus = pd.DataFrame(rows, columns=["id", "sequence"])
    made = SGT(alphabets=list(symbols(2)), kappa=kappa, flatten=True, lengthsensitive=False)
    return lambda: made.fit_transform(corpus).iloc[:, 1:].to_numpy(float)


def iterate(path: Path) -> int:
    """Iterate over a file with Biopython's simple parser, doing nothing."""
    with path.open() as handle:
        return sum(1 for _ in SimpleFastaParser(handle))


CODES = np.zeros(256, np.uint8)
CODES[np.frombuffer(b"ACGT", np.uint8)] = range(4)


@njit(nogil=True)
def _count(text: np.ndarray, ends: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> None:
    start = 0
    for row in range(ends.size):
        kmer = 0
        for i in range(start, ends[row]):
            kmer = (kmer << 2 | codes[text[i]]) & 255
            if i >= start + 3:
                counts[row, kmer] += 1
        start = ends[row]


def kmers(sequences: list[str]) -> np.ndarray:
    """Counts of 4-mers by a plain loop in numba: (n, 256)."""
    text = np.frombuffer("".join(sequences).encode("ascii"), np.uint8)
    counts = np.zeros((len(sequences), 256), np.int64)
    _count(text, np.cumsum([len(sequence) for sequence in sequences]), CODES, counts)
    return counts


def vectorizer(sequences: list[str]) -> object:
    """Counts of 4-mers by scikit-learn: (n, 256), sparse."""
    vocabulary = ["".join(pair) for pair in ((u + v) for u in symbols(2) for v in symbols(2))]
    counter = CountVectorizer(analyzer="char", ngram_range=(4, 4), lowercase=False, vocabulary=vocabulary)
    return counter.transform(sequences)


def skbio(sequences: list[str]) -> Callable[[], object] | None:
    """Counts of 4-mers by scikit-bio: dictionaries; None where it is not installed."""
    try:
        from skbio import DNA
    except ImportError:
        return None
    return lambda: [DNA(sequence).kmer_frequencies(4, overlap=True) for sequence in sequences]
