"""Strict streaming reader of FASTA: plain, gzip, bzip2 or xz, told apart by content."""

import bz2
import codecs
import gzip
import io
import lzma
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeAlias

from sgt_dna.alphabet import invalid_hint, invalid_position
from sgt_dna.errors import AlphabetError, FastaError, in_file

FastaSource: TypeAlias = str | os.PathLike[str] | IO[str] | IO[bytes]

_DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, UnicodeDecodeError)


class Record(NamedTuple):
    """One sequence and what its header says.

    Parameters
    ----------
    id : str
        The header up to the first white space.
    description : str
        The whole header after ``>``, without white space around it.
    sequence : str
        As it stands in the source, line breaks removed.
    line : int or None
        Line of the header, from 1; None where the record does not come from a file.
    """

    id: str
    description: str
    sequence: str
    line: int | None = None


def read_fasta(source: FastaSource) -> Iterator[Record]:
    """Read the records of a FASTA file, one at a time, and check each.

    Parameters
    ----------
    source : path or file object
        Text or binary; binary content may be compressed with gzip, bzip2 or xz. UTF-8, with or without a
        byte-order mark; any line ends; blank lines are passed over.

    Yields
    ------
    Record
        In the order of the file, with unique ids and sequences of nucleotide codes.

    Raises
    ------
    FastaError
        The source is missing, damaged, no FASTA or without records; a record has no id, a duplicate id or
        no sequence.
    AlphabetError
        A sequence holds anything but IUPAC nucleotide codes and gaps.

    Examples
    --------
    >>> import io
    >>> next(read_fasta(io.StringIO(">MK1 Candeina nitida\\nACGT\\nTTGA\\n")))
    Record(id='MK1', description='MK1 Candeina nitida', sequence='ACGTTTGA', line=1)
    """
    seen: dict[str, str] = {}
    with in_file(source_name(source)), _opened(source) as text:
        for line, header, parts in _entries(text):
            record = Record(_record_id(header, line), header.strip(), "".join(parts), line)
            check_record(record, f"line {line}", seen)
            position = invalid_position(record.sequence)
            if position is not None:
                raise _bad_character(record, position, line, parts)
            yield record


def source_name(source: object) -> str | None:
    """What to call a source in an error; None for one without a name."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


def check_record(record: Record, place: str, seen: dict[str, str]) -> None:
    """Refuse an empty or duplicate id and an empty sequence; `seen` (id -> place) grows by the record."""
    if not record.id.strip():
        raise FastaError(f"{place}: the id is empty; every record needs one", record="", line=record.line)
    if record.id in seen:
        raise FastaError(
            f"the id {record.id!r} occurs twice, at {seen[record.id]} and {place}; ids must be unique",
            record=record.id,
            line=record.line,
        )
    if not record.sequence:
        raise FastaError(
            f"record {record.id!r} at {place} has no sequence; add it or remove the record",
            record=record.id,
            line=record.line,
        )
    seen[record.id] = place


@contextmanager
def _opened(source: FastaSource) -> Iterator[Iterable[str]]:
    """Lines of the source as text; failures to open or decompress become a FastaError."""
    try:
        if isinstance(source, str | os.PathLike):
            with Path(source).open("rb") as handle, _decoded(handle) as text:
                yield text
        elif isinstance(source.read(0), str):
            yield io.StringIO(str(source.read()).removeprefix("\ufeff"), newline=None)
        else:
            with _decoded(source) as text:
                yield text
    except _DAMAGED as error:
        raise _unreadable(source, error) from error


@contextmanager
def _decoded(handle: Any) -> Iterator[io.TextIOWrapper]:
    """Text of a binary file object, which is left open."""
    binary = handle if hasattr(handle, "peek") else io.BufferedReader(handle)
    plain = _decompressed(binary)
    start = plain.peek(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start[:2]:
        raise FastaError("the file is UTF-16 or binary; save it as UTF-8 text")
    if start.startswith(codecs.BOM_UTF8):  # the codec utf-8-sig would do this at half the speed
        plain.read(len(codecs.BOM_UTF8))
    text = io.TextIOWrapper(plain, encoding="utf-8", errors="surrogateescape", newline=None)
    try:
        yield text
    finally:
        text.detach()
        if binary is not handle:
            binary.detach()


def _decompressed(binary: Any) -> Any:
    start = binary.peek(6)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=binary)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(binary)
    if start.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(binary)
    return binary


def _unreadable(source: FastaSource, error: Exception) -> FastaError:
    reason = getattr(error, "strerror", None)
    if reason is None:
        return FastaError(f"damaged or cut short ({error}); fetch or write the file anew")
    if isinstance(source, str) and invalid_position(source) is None:
        reason += "; to embed a sequence itself, give a list"
    return FastaError(f"cannot be read: {reason}")


def _entries(lines: Iterable[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Line, header and sequence lines of each record."""
    start, header = 0, ""
    parts: list[str] = []
    for number, line in enumerate(lines, 1):
        if line[:1] == ">":
            if start:
                yield start, header, parts
            start, header, parts = number, line[1:], []
        elif start:
            parts.append(line.rstrip(" \t\n"))
        elif line.strip():
            raise _not_fasta(line.strip(), number)
    if not start:
        raise FastaError("no records: the file is empty, or blank")
    yield start, header, parts


def _not_fasta(text: str, line: int) -> FastaError:
    found = ascii(text if len(text) <= 40 else text[:40] + "...")
    if text.startswith("@"):
        hint = "this looks like FASTQ; convert it to FASTA"
    elif not text.replace("\t", " ").isprintable():
        hint = "this looks like binary data, not FASTA"
    else:
        hint = "every FASTA record begins with a line '>id'"
    return FastaError(f"expected '>' at line {line}, found {found}; {hint}", line=line)


def _record_id(header: str, line: int) -> str:
    if not header.isascii():
        try:
            header.encode("utf-8")
        except UnicodeEncodeError as error:
            raise FastaError(
                f"line {line}: the header is not UTF-8; save the file as UTF-8", line=line
            ) from error
    return header.split(maxsplit=1)[0] if header[:1].strip() else ""


def _bad_character(record: Record, position: int, header_line: int, parts: list[str]) -> AlphabetError:
    ends = list(accumulate(map(len, parts)))
    index = next(i for i, end in enumerate(ends) if position < end)
    line, column = header_line + 1 + index, position - ends[index] + len(parts[index]) + 1
    character = record.sequence[position]
    return AlphabetError(
        f"record {record.id!r}, line {line}, column {column}: {character!a} is no nucleotide code; "
        f"{invalid_hint(record.sequence, character)}",
        record=record.id,
        line=line,
    )
