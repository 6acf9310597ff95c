"""Any source of sequences -> checked records."""

import io
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np

from sgt_dna.errors import FastaError, ParameterError, SgtError
from sgt_dna.fasta import parse_fasta
from sgt_dna.formats import format_mode, parse_format, record_of
from sgt_dna.records import Checker, Limits, Record, first_error_raised, is_mapping
from sgt_dna.streams import FileSource, is_file, read_with

Source: TypeAlias = FileSource | Mapping[Any, Any] | Iterable[Any]

_BY_CONTENT = {b"LOCUS ": "genbank", b"ID   ": "embl"}
_NOT_PRESENT = ("NAType", "NaTType")  # pandas.NA and pandas.NaT, which cannot be compared


def read_records(source: Source, *, format: str | None = None, limits: Limits = Limits()) -> Iterator[Record]:
    """Read records from whatever holds sequences, one at a time, and check each.

    Parameters
    ----------
    source : path, file object, mapping, or iterable
        A file of sequences, plain or compressed with gzip, bzip2 or xz (told apart by content), as a path or an
        open text or binary file; a mapping id -> sequence; a pandas Series with the ids as its index;
        (id, sequence) pairs; `Record` or Biopython SeqRecord objects, also a single one; or plain sequences,
        which get the ids "1", "2", ... A sequence is a str or a Biopython Seq.
    format : str, optional
        Format of a file, by its name in Biopython's SeqIO: "genbank", "embl", "fastq", "nexus", ... By default
        FASTA, and GenBank or EMBL where the content begins as they do.
    limits : Limits
        Longest record, number of records, bytes of text after decompression.

    Yields
    ------
    Record
        In the order of the source, with unique ids and sequences of nucleotide codes.

    Raises
    ------
    FastaError
        The source is missing, damaged, in another format, without records or beyond the limits; a record has no
        id, a duplicate id or no sequence.
    AlphabetError
        A sequence holds anything but IUPAC nucleotide codes and gaps.
    ParameterError
        There is no such format.

    Examples
    --------
    >>> [record.id for record in read_records({"MK1": "ACGT", "MK2": "TTGA"})]
    ['MK1', 'MK2']
    """
    return first_error_raised(check_records(source, format=format, limits=limits))


def check_records(
    source: Source, *, format: str | None = None, limits: Limits = Limits()
) -> Iterator[Record | SgtError]:
    """Read as `read_records` does, but give an error in place of each bad record, and go on.

    An error that ends the source, such as a damaged file, comes last.

    Parameters
    ----------
    source, format, limits
        As for `read_records`.

    Yields
    ------
    Record or SgtError

    Raises
    ------
    ParameterError
        There is no such format.

    Examples
    --------
    >>> for found in check_records({"a": "ACGT", "b": "", "c": "TTGA"}):
    ...     print(found.id if isinstance(found, Record) else found)
    a
    record 'b' at entry 2 has no sequence; add it or remove the record
    c
    """
    if is_file(source):
        if format not in (None, "fasta"):
            format_mode(format)
        return read_with(partial(_parse, format=format, limits=limits), cast(FileSource, source), limits)
    if format is not None:
        raise ParameterError(f"format={format!r} is for files; leave it out for sequences in memory")
    return _in_memory(entries_of(source), limits)


def _parse(stream: io.BufferedReader, format: str | None, limits: Limits) -> Iterator[Record | SgtError]:
    name = format or format_of(stream.peek(64))
    return parse_fasta(stream, limits) if name == "fasta" else parse_format(stream, name, limits)


def format_of(start: bytes) -> str:
    """Format of a file that begins so."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for mark, name in _BY_CONTENT.items() if text.startswith(mark)), "fasta")


def entries_of(source: Any) -> Iterable[object]:
    """Records, (id, sequence) pairs or sequences."""
    if isinstance(source, Record) or _is_seqrecord(source):
        return [source]
    if hasattr(source, "columns"):
        raise TypeError(
            "source must not be a table; pass one of its columns, with the ids as its index: "
            "table.set_index('id')['sequence']"
        )
    if isinstance(source, bytes | bytearray) or _is_seq(source) or not isinstance(source, Iterable):
        raise TypeError(
            f"source must be a path, a file object or sequences, not {type(source).__name__}; "
            "to embed a sequence itself, give a list"
        )
    if is_mapping(source):
        return cast(Mapping[Any, Any], source).items()
    return source


def _in_memory(entries: Iterable[object], limits: Limits) -> Iterator[Record | SgtError]:
    checker = Checker(limits, "entry")
    try:
        for number, entry in enumerate(entries, 1):
            checker.admit()
            yield checked(entry, number, checker)
        check_count(checker)
    except SgtError as error:  # it may also come from a reader that is the source
        yield error


def check_count(checker: Checker) -> None:
    """Refuse a source that came to its end without a record."""
    if not checker.count:
        raise FastaError("no records: the source holds no sequences")


def checked(entry: object, number: int, checker: Checker) -> Record | SgtError:
    """The record that an entry of a source is, or the error about it."""
    try:
        return checker.check(_as_record(entry, number), number)
    except SgtError as error:
        return error


def _as_record(entry: Any, number: int) -> Record:
    place = f"entry {number}"
    if isinstance(entry, Record) and all(isinstance(field, str) for field in entry[:3]):
        return entry
    if _is_seqrecord(entry):
        return record_of(entry, "entry", number)
    id_, sequence = entry if isinstance(entry, tuple | list) and len(entry) == 2 else (str(number), entry)
    if _is_missing(id_):
        raise FastaError(f"{place}: the id is missing ({id_}); every record needs one", record="")
    if _is_missing(sequence):
        raise FastaError(
            f"record {str(id_)!r} at {place} has no sequence ({sequence}); add it or remove the record",
            record=str(id_),
        )
    if isinstance(id_, int | np.integer):  # numbers are usual in an index
        id_ = str(id_)
    nested = sequence is not entry and isinstance(id_, str)
    if nested and (isinstance(sequence, Record) or _is_seqrecord(sequence)):
        record = _as_record(sequence, number)  # as Bio.SeqIO.to_dict gives them
        text = record.description if record.id == id_ else f"{id_} {record.description}"
        return record._replace(id=id_, description=text)
    if _is_seq(sequence):
        return record_of(_Found(id_, None, sequence), "entry", number)
    if not isinstance(id_, str) or not isinstance(sequence, str):
        raise TypeError(f"{place} must be a sequence or an (id, sequence) pair of strings, not {entry!r:.60}")
    return Record(id_, id_, sequence)


class _Found(NamedTuple):
    """As much of a SeqRecord as a Seq with an id is."""

    id: Any
    description: None
    seq: Any


def _is_seqrecord(value: object) -> bool:
    return all(hasattr(value, name) for name in ("id", "seq", "description"))


def _is_seq(value: object) -> bool:
    return hasattr(value, "reverse_complement")


def _is_missing(value: object) -> bool:
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in _NOT_PRESENT
