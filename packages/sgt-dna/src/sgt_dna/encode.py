"""Any source of sequences -> records -> codes of their dinucleotides."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast

import numpy as np

from sgt_dna.alphabet import BASE_CODES, PAIR_CODES, UNKNOWN_BASE, Codes, invalid_hint, invalid_position
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


def _ambiguous(record: Record, position: int) -> AlphabetError:
    return AlphabetError(
        f"record {record.id!r}, position {position + 1}: {record.sequence[position]!r} is not A, C, G or T; "
        "correct it, or choose ambiguous='skip' or 'drop'",
        record=record.id,
        line=record.line,
    )
