"""Sequences -> bases -> the codes of their symbols."""

import numpy as np

from sgt_dna.alphabet import BASE_CODES, UNKNOWN_BASE, Codes, symbol_codes
from sgt_dna.errors import AlphabetError
from sgt_dna.params import SGTParams


def encode_bases(sequence: str, params: SGTParams, start: int = 0) -> tuple[Codes, int]:
    """Base codes of a sequence, ambiguous positions kept or dropped.

    Parameters
    ----------
    sequence : str
        Nucleotide codes and gaps only.
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
        ``params.ambiguous`` is "error" and there is such a position.

    Examples
    --------
    >>> encode_bases("AACNT", SGTParams())
    (array([0, 0, 1, 4, 3], dtype=uint8), 1)
    """
    bases = BASE_CODES[np.frombuffer(sequence.encode("ascii"), np.uint8)]
    unknown = bases == UNKNOWN_BASE
    n_ambiguous = int(np.count_nonzero(unknown))
    if n_ambiguous and params.ambiguous == "error":
        first = int(unknown.argmax())
        raise AlphabetError(
            f"position {start + first + 1}: {sequence[first]!r} is not A, C, G or T; "
            "correct it, or choose ambiguous='skip' or 'drop'"
        )
    if n_ambiguous and params.ambiguous == "drop":
        bases = bases[~unknown]
    return bases, n_ambiguous


def encode_symbols(bases: Codes, params: SGTParams) -> Codes:
    """Symbol codes of a run of bases, the first symbol at the first base.

    Returns
    -------
    (n_symbols,) uint8
        0 to 4**k - 1; 4**k for a symbol with an unknown base. An incomplete last symbol is left out.

    Examples
    --------
    >>> encode_symbols(np.array([0, 0, 1, 4, 3], np.uint8), SGTParams())
    array([ 0,  1, 16, 16], dtype=uint8)
    """
    n_windows = max(0, len(bases) - params.k + 1)
    digits = np.zeros(-(-n_windows // params.step), np.uint8)
    for offset in range(params.k):
        digits = 5 * digits + bases[offset : offset + n_windows : params.step]
    return symbol_codes(params.k)[digits]
