"""Any source of sequences -> records -> bases -> the codes of their symbols."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast

import numpy as np

from sgt_dna.alphabet import BASE_CODES, UNKNOWN_BASE, Codes, invalid_hint, invalid_position, symbol_codes
from sgt_dna.errors import AlphabetError, FastaError
from sgt_dna.fasta import FastaSource, Record, check_record, read_fasta
from sgt_dna.params import SGTParams

Source: TypeAlias = FastaSource | Mapping[str, str] | Iterable[Record | tuple[str, str] | str]


def records(source: Source) -> Iterator[Record]:
    """Records of a FASTA file or file object, a mapping, pairs, plain sequences or records.

    Examples
    --------
    >>> [record.id for record in records(["ACGT", "TTGA"])]
    ['1', '2']
    """
    if isinstance(source, str | os.PathLike) or hasattr(source, "read"):
        return read_fasta(cast(FastaSource, source))
    if not isinstance(source, Iterable):
        raise TypeError(f"source must be a path, a file object or sequences, not {type(source).__name__}")
    return _in_memory(source.items() if isinstance(source, Mapping) else source)


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


def _in_memory(items: Iterable[object]) -> Iterator[Record]:
    seen: dict[str, str] = {}
    for number, item in enumerate(items, 1):
        record = _as_record(item, number)
        check_record(record, f"entry {number}", seen)
        position = invalid_position(record.sequence)
        if position is not None:
            raise _bad_character(record, position)
        yield record
    if not seen:
        raise FastaError("no records: the source holds no sequences")


def _as_record(item: object, number: int) -> Record:
    match item:
        case Record():
            return item
        case str():
            return Record(str(number), str(number), item)
        case (str(id_), str(sequence)):
            return Record(id_, id_, sequence)
    raise TypeError(
        f"entry {number} must be a sequence or an (id, sequence) pair of strings, not {item!r:.60}"
    )


def _bad_character(record: Record, position: int) -> AlphabetError:
    character = record.sequence[position]
    return AlphabetError(
        f"record {record.id!r}, position {position + 1}: {character!a} is no nucleotide code; "
        f"{invalid_hint(record.sequence, character)}",
        record=record.id,
    )
