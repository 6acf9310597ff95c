"""Nucleotides, their ambiguity codes, and the 16 dinucleotides that sequences are made of."""

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

SYMBOLS: Final = tuple(u + v for u in BASES for v in BASES)
FEATURE_NAMES: Final = tuple(f"{u}->{v}" for u in SYMBOLS for v in SYMBOLS)
"""Names of the 256 features; feature (u, v), "u then v", stands at u * 16 + v."""

UNKNOWN_BASE: Final = len(BASES)
UNKNOWN_SYMBOL: Final = len(SYMBOLS)


def _base_codes() -> Codes:
    codes = np.full(256, UNKNOWN_BASE, np.uint8)
    for code, base in enumerate(BASES):
        codes[[ord(base), ord(base.lower())]] = code
    codes[[ord("U"), ord("u")]] = BASES.index("T")
    return codes


def _pair_codes() -> Codes:
    size = UNKNOWN_BASE + 1
    codes = np.full((size, size), UNKNOWN_SYMBOL, np.uint8)
    codes[:UNKNOWN_BASE, :UNKNOWN_BASE] = np.arange(len(SYMBOLS)).reshape(len(BASES), len(BASES))
    return codes.ravel()


BASE_CODES: Final = _base_codes()
"""ASCII -> base, shape (256,): A 0, C 1, G 2, T and U 3, anything else 4."""

PAIR_CODES: Final = _pair_codes()
"""5 * base + base -> dinucleotide, shape (25,): AA 0 ... TT 15, with an unknown base 16."""

_NUCLEOTIDE_CODES = BASES + "U" + AMBIGUITY_CODES + GAPS
_ACCEPTED = (_NUCLEOTIDE_CODES + _NUCLEOTIDE_CODES.lower()).encode("ascii")


def invalid_position(sequence: str) -> int | None:
    """First position (from 0) that holds no nucleotide code; None where all do.

    Examples
    --------
    >>> invalid_position("ACG5"), invalid_position("acgunRY-.")
    (3, None)
    """
    if sequence.isascii() and not sequence.encode("ascii").translate(None, _ACCEPTED):
        return None
    return next(i for i, character in enumerate(sequence) if ord(character) not in _ACCEPTED)


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
