"""Sequences -> bases, and what the kernel has to know about them."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sgt_dna.alphabet import ACCEPTED, BASE_CODES, UNKNOWN_BASE, Codes, invalid_hint, reverse_complements
from sgt_dna.errors import AlphabetError
from sgt_dna.params import SGTParams

if TYPE_CHECKING:
    from sgt_dna._kernel import Plan


@cache
def character_table(ambiguous: str, passed_over: bytes = b"") -> Codes:
    """What the kernel does with each character: shape (256,), see `sgt_dna._kernel.encode`.

    Parameters
    ----------
    ambiguous : {"skip", "drop", "error"}
        With "error" the reading ends at such a character, as at one that is no nucleotide code.
    passed_over : bytes
        Line ends and the like, which are no part of the sequence.
    """
    from sgt_dna import _kernel  # numba takes half a second to import

    table = np.full(256, _kernel.STOP)
    for character in ACCEPTED.encode("ascii"):
        base = BASE_CODES[character]
        if base < UNKNOWN_BASE:
            table[character] = base | _kernel.KEPT
        elif ambiguous == "skip":
            table[character] = base | _kernel.KEPT | _kernel.AMBIGUOUS
        elif ambiguous == "drop":
            table[character] = _kernel.AMBIGUOUS
    table[list(passed_over)] = 0
    return table


@cache
def kernel_plan(params: SGTParams) -> "Plan":
    """The parameters as the kernel takes them."""
    from sgt_dna import _kernel

    turned = reverse_complements(params.k) if params.strand == "both" else np.empty(0, np.intp)
    return _kernel.Plan(params.k, params.step, params.kappa, params.length_sensitive, turned)


def encode_bases(sequence: str, params: SGTParams, start: int = 0) -> tuple[Codes, int]:
    """Bases of a sequence, ambiguous positions kept or dropped.

    Parameters
    ----------
    sequence : str
    params : SGTParams
        What happens to ambiguous positions.
    start : int
        Positions before this piece of sequence, for errors.

    Returns
    -------
    bases : (n_bases,) uint8
        A 0, C 1, G 2, T and U 3; 4 for an ambiguous position that is kept.
    n_ambiguous : int
        Positions of the sequence that are not A, C, G, T or U.

    Raises
    ------
    AlphabetError
        A character is no nucleotide code or gap; or ``params.ambiguous`` is "error" and it is ambiguous.

    Examples
    --------
    >>> encode_bases("AACNT", SGTParams())
    (array([0, 0, 1, 4, 3], dtype=uint8), 1)
    """
    from sgt_dna import _kernel

    text = np.frombuffer(sequence.encode("ascii", "replace"), np.uint8)
    bases = np.empty(len(text) + _kernel.MARGIN, np.uint8)
    table = character_table(params.ambiguous)
    place, n_bases, n_ambiguous = _kernel.encode(text, 0, len(text), table, bases, 0)
    if place < len(text):
        raise AlphabetError(f"position {start + place + 1}: {_fault(sequence, sequence[place])}")
    return bases[:n_bases], n_ambiguous


def _fault(sequence: str, character: str) -> str:
    if character in ACCEPTED:
        return (
            f"{character!r} is not A, C, G or T; "
            "correct it, or choose ambiguous='skip' or 'drop' (--ambiguous)"
        )
    return f"{character!a} is no nucleotide code; {invalid_hint(sequence, character)}"
