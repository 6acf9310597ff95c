"""Strict streaming parser of FASTA."""

import io
from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from typing import Final

from sgt_dna.alphabet import invalid_position
from sgt_dna.errors import FastaError, SgtError
from sgt_dna.records import Checker, Limits, Record, bad_character, first_error_raised
from sgt_dna.streams import FileSource, as_text, read_with

BLOCK: Final = 2**16
"""Characters read at once. Records are cut out of blocks and not put together from lines: that is faster, and a line
without an end cannot fill the memory."""

PIECE: Final = 2**20
"""Characters of a record that are kept before they are looked at; the most a header may have."""

_BLANKS: Final = "\n \t"
_ZSTANDARD: Final = b"\x28\xb5\x2f\xfd"


def read_fasta(source: FileSource, *, limits: Limits = Limits()) -> Iterator[Record]:
    """Read the records of a FASTA file, one at a time, and check each.

    Parameters
    ----------
    source : path or file object
        Text or binary; binary content may be compressed with gzip, bzip2 or xz. UTF-8, with or without a
        byte-order mark; any line ends; blank lines, and blanks within sequence lines, are passed over.
    limits : Limits
        Longest record, number of records, bytes of text after decompression.

    Yields
    ------
    Record
        In the order of the file, with unique ids and sequences of nucleotide codes.

    Raises
    ------
    FastaError
        The source is missing, damaged, no FASTA, without records or beyond the limits; a record has no id, a
        duplicate id or no sequence.
    AlphabetError
        A sequence holds anything but IUPAC nucleotide codes and gaps.

    Examples
    --------
    >>> import io
    >>> record = next(read_fasta(io.StringIO(">MK1 Candeina nitida\\nACGT\\nTTGA\\n")))
    >>> record.id, record.description, record.sequence, record.line
    ('MK1', 'MK1 Candeina nitida', 'ACGTTTGA', 1)
    """
    return first_error_raised(read_with(partial(parse_fasta, limits=limits), source, limits))


def parse_fasta(stream: io.BufferedReader, limits: Limits) -> Iterator[Record | SgtError]:
    """Each record of an opened FASTA file, or the error about it; what ends the file is raised."""
    checker = Checker(limits, "line")
    yield from parse_text(as_text(stream), checker)
    check_count(checker)


def check_count(checker: Checker) -> None:
    """Refuse a file that was read to its end without a record."""
    if not checker.count:
        raise FastaError("no records: the file is empty, or blank")


def parse_text(text: io.TextIOBase, checker: Checker, line: int = 0) -> Iterator[Record | SgtError]:
    """Each record of a text that follows so many lines, or the error about it; what ends the file is raised."""
    entry: Entry | None = None  # None as well from an error in a record to the next record
    for begins, piece in _pieces(text):
        if begins:
            if entry:
                yield entry.finish()
            entry, line = None, line + 1
            checker.admit()
        elif not checker.count and piece.strip(_BLANKS):
            raise _not_fasta(piece, line)
        try:
            if begins:
                entry = Entry(piece, line, checker)
            elif entry:
                entry.add(piece, line)
        except SgtError as error:
            yield error
            entry = None
        line += piece.count("\n")
    if entry:
        yield entry.finish()


def _pieces(text: io.TextIOBase) -> Iterator[tuple[bool, str]]:
    """The text, cut before every ``>`` that begins a line, and where it gets long: (begins a record, piece)."""
    rest, begins = "\n", False  # with a line end in front the first '>' is like any other
    while block := text.read(max(BLOCK, len(rest))):  # doubled, since the rest is searched again
        *whole, rest = (rest + block).split("\n>")
        for piece in whole:
            yield begins, piece
            begins = True
        if len(rest) > PIECE:
            cut = len(rest) - rest.endswith("\n")  # a '>' may follow
            yield begins, rest[:cut]
            rest, begins = rest[cut:], False
    yield begins, rest


class Entry:
    """A record in the making; whatever is wrong with it is raised as soon as it is seen."""

    __slots__ = ("checker", "column", "description", "id", "length", "line", "parts")

    def __init__(self, text: str, line: int, checker: Checker) -> None:
        header, _, body = text.partition("\n")
        if len(header) > PIECE:
            raise FastaError(f"line {line}: the header is longer than {PIECE:,} characters", line=line)
        self.description = header.strip()
        self.id = self.description.split(maxsplit=1)[0] if self.description else ""
        self.line = line
        self.checker = checker
        self.parts: list[str] = []
        self.length = 0
        self.column = 0
        checker.header(self.id, self.description, line)
        self.add(body, line + 1)

    def add(self, text: str, line: int) -> None:
        """Take more sequence lines, or a part of one; `line` is where the text begins."""
        sequence = text.replace("\n", "")
        if " " in sequence or "\t" in sequence:
            sequence = sequence.replace(" ", "").replace("\t", "")
        position = invalid_position(sequence)
        if position is not None:
            raise self._bad_character(text, line, sequence, position)
        self.parts.append(sequence)
        self.length += len(sequence)
        self.checker.length(self.id, self.length, self.line)
        self.column = len(text) - text.rfind("\n") - 1 + ("\n" not in text) * self.column

    def pass_over(self, data: bytes, length: int) -> None:
        """Take note of more sequence lines that hold so many characters, which are read elsewhere."""
        self.length += length
        self.checker.length(self.id, self.length, self.line)
        self.column = len(data) - data.rfind(b"\n") - 1 + (b"\n" not in data) * self.column

    def finish(self) -> Record | SgtError:
        """The whole record, or the error that it has no sequence."""
        if not self.length:
            return self.checker.missing(self.id, self.line)
        return Record(self.id, self.description, "".join(self.parts), self.line)

    def _bad_character(self, text: str, line: int, sequence: str, position: int) -> SgtError:
        at = next(islice((i for i in count() if text[i] not in _BLANKS), position, None))
        start = text.rfind("\n", 0, at) + 1
        column = at - start + 1 + (self.column if not start else 0)
        line += text.count("\n", 0, at)
        return bad_character(self.id, f"line {line}, column {column}", sequence, position, line)


def _not_fasta(piece: str, line: int) -> FastaError:
    blank = len(piece) - len(piece.lstrip(_BLANKS))
    line += piece.count("\n", 0, blank)
    text = piece[blank : blank + 200].split("\n")[0].rstrip()
    found = ascii(text if len(text) <= 40 else text[:40] + "...")
    if text.startswith(">"):
        hint = "remove the blanks before it"
    elif text.startswith("@"):
        hint = "this looks like FASTQ; give format='fastq', or --format fastq"
    elif text.startswith("PK"):
        hint = "this looks like a zip archive, or vectors in npz; give the sequences in it"
    elif text.encode(errors="surrogateescape").startswith(_ZSTANDARD):
        hint = "this is compressed with Zstandard; decompress it first, or use gzip, bzip2 or xz"
    elif not text.replace("\t", " ").isprintable():
        hint = "this looks like binary data, not FASTA"
    else:
        hint = "every FASTA record begins with a line '>id'"
    return FastaError(f"expected '>' at line {line}, found {found}; {hint}", line=line)
