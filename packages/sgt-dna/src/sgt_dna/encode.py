"""Records -> codes of their dinucleotides."""

import numpy as np

from sgt_dna.alphabet import BASE_CODES, PAIR_CODES, UNKNOWN_BASE, Codes
from sgt_dna.errors import AlphabetError
from sgt_dna.params import SGTParams
from sgt_dna.records import Record


def encode(record: Record, params: SGTParams) -> tuple[Codes, int]:
    """Dinucleotide codes of a record.

    Parameters
    ----------
    record : Record
        A checked record: its sequence holds nucleotide codes and gaps only.
    params : SGTParams
        Overlap, and what happens to ambiguous positions.

    Returns
    -------
    codes : (n_symbols,) uint8
        0 (AA) to 15 (TT); 16 for a dinucleotide with an unknown base.
    n_ambiguous : int
        Positions of the sequence that are not A, C, G, T or U.

    Raises
    ------
    AlphabetError
        ``params.ambiguous`` is "error" and there is such a position.

    Examples
    --------
    >>> encode(Record("x", "x", "AACNT"), SGTParams())
    (array([ 0,  1, 16, 16], dtype=uint8), 1)
    """
    bases = BASE_CODES[np.frombuffer(record.sequence.encode("ascii"), np.uint8)]
    unknown = bases == UNKNOWN_BASE
    n_ambiguous = int(np.count_nonzero(unknown))
    if n_ambiguous and params.ambiguous == "error":
        raise _ambiguous(record, int(unknown.argmax()))
    if n_ambiguous and params.ambiguous == "drop":
        bases = bases[~unknown]
    step = 1 if params.overlap else 2
    return PAIR_CODES[5 * bases[:-1:step] + bases[1::step]], n_ambiguous


def _ambiguous(record: Record, position: int) -> AlphabetError:
    return AlphabetError(
        f"record {record.id!r}, position {position + 1}: {record.sequence[position]!r} is not A, C, G or T; "
        "correct it, or choose ambiguous='skip' or 'drop'",
        record=record.id,
        line=record.line,
    )
