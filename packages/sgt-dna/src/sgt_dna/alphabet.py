"""Nucleotides, their ambiguity codes, and the symbols of k bases that sequences are made of."""

from functools import cache
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.uint8]

BASES: Final = "ACGT"
AMBIGUITY_CODES: Final = "RYSWKMBDHVN"
GAPS: Final = "-."
AMINO_ACIDS: Final = "ABCDEFGHIKLMNPQRSTVWXYZ*"
NOT_NUCLEOTIDES: Final = "EFILPQZ"
"""Letters of amino acids that are no nucleotide code: they give a protein away."""

UNKNOWN_BASE: Final = len(BASES)


def _base_codes() -> Codes:
    codes = np.full(256, UNKNOWN_BASE, np.uint8)
    for code, base in enumerate(BASES):
        codes[[ord(base), ord(base.lower())]] = code
    codes[[ord("U"), ord("u")]] = BASES.index("T")
    return codes


BASE_CODES: Final = _base_codes()
"""ASCII -> base, shape (256,): A 0, C 1, G 2, T and U 3, anything else 4."""


@cache
def symbols(k: int) -> tuple[str, ...]:
    """Symbols of k bases in the order of their codes, which number them 0 to 4**k - 1.

    Examples
    --------
    >>> symbols(2)[:5], len(symbols(3))
    (('AA', 'AC', 'AG', 'AT', 'CA'), 64)
    """
    return tuple(map("".join, product(BASES, repeat=k)))


@cache
def feature_names(k: int) -> tuple[str, ...]:
    """Names of the 16**k features; feature (u, v), "u, later v", stands at u * 4**k + v.

    Examples
    --------
    >>> feature_names(2)[:2], len(feature_names(2))
    (('AA->AA', 'AA->AC'), 256)
    """
    return tuple(f"{u}->{v}" for u in symbols(k) for v in symbols(k))


@cache
def reverse_complements(k: int) -> npt.NDArray[np.intp]:
    """Code of the reverse complement of each symbol, shape (4**k,).

    Examples
    --------
    >>> reverse_complements(1)
    array([3, 2, 1, 0])
    """
    complement = str.maketrans(BASES, BASES[::-1])
    return np.array([symbols(k).index(symbol.translate(complement)[::-1]) for symbol in symbols(k)])


_NUCLEOTIDE_CODES = BASES + "U" + AMBIGUITY_CODES + GAPS
ACCEPTED: Final = _NUCLEOTIDE_CODES + _NUCLEOTIDE_CODES.lower()
_ACCEPTED_BYTES = ACCEPTED.encode("ascii")


def invalid_position(sequence: str) -> int | None:
    """First position (from 0) that holds no nucleotide code; None where all do.

    Examples
    --------
    >>> invalid_position("ACG5"), invalid_position("ACЖT"), invalid_position("acgunRY-.")
    (3, 2, None)
    """
    if sequence.isascii() and not sequence.encode("ascii").translate(None, _ACCEPTED_BYTES):
        return None
    return next(i for i, character in enumerate(sequence) if character not in ACCEPTED)


def invalid_hint(sequence: str, character: str) -> str:
    """Say what a sequence with that character in it probably is, and the way out.

    Examples
    --------
    >>> invalid_hint("MKLV", "L")
    'the sequence looks like protein; sgt_dna embeds DNA and RNA'
    """
    letters = set(sequence.upper()) - set(GAPS)
    if letters <= set(AMINO_ACIDS) and letters & set(NOT_NUCLEOTIDES):
        return "the sequence looks like protein; sgt_dna embeds DNA and RNA"
    if character == ">":
        return "a line break is missing before it"
    return "allowed are A C G T U, the IUPAC ambiguity codes, N, '-' and '.'; write N for an unknown base"
