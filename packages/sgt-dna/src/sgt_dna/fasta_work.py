"""FASTA -> work, from bytes: a block of records at a time, without an object a line.

The kernel reads what is clean. A block with anything else in it, be it an error or an accent in a header, is read by
`sgt_dna.fasta`, whose messages say what is wrong; so both must agree on what FASTA is, which the tests see to.
"""

import io
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from sgt_dna.alphabet import Codes
from sgt_dna.batches import BATCH, Batch, Long, Work, record_work
from sgt_dna.encode import character_table, encode_bases
from sgt_dna.errors import in_record
from sgt_dna.fasta import PIECE, Entry, check_count, parse_text
from sgt_dna.params import SGTParams
from sgt_dna.records import Checker, Limits, Record, first_error_raised
from sgt_dna.streams import check_mark

READ: Final = BATCH
"""Bytes read at once."""

LONG: Final = PIECE + 2
"""Bytes from which a record is read piece by piece: its header, then, is either whole or too long."""


class _Block(NamedTuple):
    """Whole records, or a piece of one that is long; `ends` is false for all of its pieces but the last."""

    data: bytes
    ends: bool


def fasta_work(stream: io.BufferedReader, params: SGTParams, limits: Limits) -> Iterator[Work]:
    """Work on the records of an opened FASTA file.

    Raises
    ------
    FastaError, AlphabetError
        As `read_fasta` does; AlphabetError also by ``params.ambiguous``.
    """
    check_mark(stream)
    reader = _Reader(params, limits)
    blocks = _blocks(stream)
    for block in blocks:
        if block.ends:
            yield from reader.records(block.data)
        else:
            yield from reader.long_record(block.data, blocks)
    check_count(reader.checker)


def _blocks(stream: io.BufferedReader) -> Iterator[_Block]:
    rest, goes_on = b"", False
    for data in _chunks(stream):
        data = rest + data
        cut = data.rfind(b"\n>") + 1
        if cut:
            start = data.find(b"\n>") + 1 if goes_on else 0
            if start:
                yield _Block(data[:start], ends=True)
            if cut > start:
                yield _Block(data[start:cut], ends=True)
            rest, goes_on = data[cut:], False
        elif len(data) > LONG:
            cut = len(data) - data.endswith(b"\n")  # a '>' may follow
            yield _Block(data[:cut], ends=False)
            rest, goes_on = data[cut:], True
        else:
            rest = data
    if rest or goes_on:
        yield _Block(rest, ends=True)


def _chunks(stream: io.BufferedReader) -> Iterator[bytes]:
    """The bytes, with line ends of one kind."""
    while data := stream.read(READ):
        if b"\r" in data:
            if data.endswith(b"\r") and stream.peek(1)[:1] == b"\n":
                data += stream.read(1)
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield data


class _Reader:
    """Remembers, from block to block, the ids and lines seen."""

    def __init__(self, params: SGTParams, limits: Limits) -> None:
        self.params = params
        self.checker = Checker(limits, "line")
        self.line = 0  # lines that were read

    def records(self, data: bytes) -> Iterator[Work]:
        """Work on whole records."""
        batch = self._clean(data) if data.startswith(b">") else None
        if batch:
            yield batch
            return
        text = io.StringIO(_text(data))
        found = list(first_error_raised(parse_text(text, self.checker, self.line)))
        self.line += data.count(b"\n")
        yield from record_work(found, self.params)

    def _clean(self, data: bytes) -> Batch | None:
        """What the kernel makes of whole records; None if it would not have them, or their ids are not new."""
        from sgt_dna import _kernel  # numba takes half a second to import

        n = len(data) // 4 + 1  # of records, or more: the shortest is ">a\nA"
        ends, ambiguous, lines = (np.empty(n, np.int64) for _ in range(3))
        ids, headers = (np.empty(len(data) + 1, np.uint8) for _ in range(2))
        bases = np.empty(len(data) + _kernel.MARGIN, np.uint8)
        n, n_lines, ids_end, headers_end = _kernel.read_fasta(
            np.frombuffer(data, np.uint8),
            character_table(self.params.ambiguous, b"\n"),
            self.checker.limits.max_length,
            bases,
            ends,
            ambiguous,
            lines,
            ids,
            headers,
        )
        if n < 0:
            return None
        names = _lines(ids[:ids_end])
        descriptions = names if headers_end == ids_end else _lines(headers[:headers_end])
        if len(data) > PIECE and max(map(len, descriptions)) + len("> \n") >= PIECE:
            return None  # perhaps a header beyond the limit
        places = (lines[:n] + (self.line + 1)).tolist()
        if not self.checker.admit_all(names, places):
            return None
        self.line += n_lines
        return Batch(names, descriptions, places, bases, ends[:n], ambiguous[:n].copy(), self.params)

    def long_record(self, data: bytes, blocks: Iterator[_Block]) -> Iterator[Work]:
        """Work on a record of which only the start is read."""
        header, _, body = data.partition(b"\n")
        if not header.startswith(b">"):
            yield from self.records(data)  # blank, or no FASTA
            return
        self.checker.admit()
        entry = Entry(_text(header[1:]), self.line + 1, self.checker)
        self.line += 1

        def pieces() -> Iterator[tuple[Codes, int]]:
            yield self._piece(body, entry)
            for block in blocks:
                yield self._piece(block.data, entry)
                if block.ends:
                    break

        yield from Long(Record(entry.id, entry.description, "", entry.line), self.params).segments(pieces())
        if not entry.length:
            raise self.checker.missing(entry.id, entry.line)

    def _piece(self, data: bytes, entry: Entry) -> tuple[Codes, int]:
        from sgt_dna import _kernel

        text, bases = np.frombuffer(data, np.uint8), np.empty(len(data) + _kernel.MARGIN, np.uint8)
        table = character_table(self.params.ambiguous, b"\n \t")
        place, n_bases, n_ambiguous = _kernel.encode(text, 0, len(text), table, bases, 0)
        if place < len(text):
            self._refuse(_text(data), entry)
        dropped = n_ambiguous if self.params.ambiguous == "drop" else 0
        entry.pass_over(data, n_bases + dropped)
        self.line += data.count(b"\n")
        return bases[:n_bases], n_ambiguous

    def _refuse(self, text: str, entry: Entry) -> None:
        """Raise the error about a piece that the kernel would not read."""
        start = entry.length
        entry.add(text, self.line + 1)
        with in_record(entry.id, entry.line):
            encode_bases(entry.parts[-1], self.params, start)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _lines(text: Codes) -> list[str]:
    return text.tobytes().decode("ascii").split("\n")[:-1]
