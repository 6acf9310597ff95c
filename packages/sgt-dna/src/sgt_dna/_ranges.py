"""Byte ranges of a plain FASTA file, cut where records begin: each can be read without the rest of the file."""

import io
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from sgt_dna.errors import FastaError

PathLike = str | os.PathLike[str]

BLOCK: Final = 2**20
"""Bytes that are searched at a time."""

_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"


class ByteRange(NamedTuple):
    """Bytes `start` up to, and without, `end` of a file."""

    start: int
    end: int


def first_record(path: PathLike) -> int | None:
    """Where the first ``>`` of a plain FASTA file stands.

    None where something else comes first: the file is compressed, of another format, empty or blank, or there
    is no such file; what is wrong then, the reader says.
    """
    try:
        with Path(path).open("rb") as handle:
            position = len(_BOM) * (handle.read(len(_BOM)) == _BOM)
            handle.seek(position)
            while block := handle.read(BLOCK):
                if text := block.lstrip(_BLANKS):
                    return position + len(block) - len(text) if text.startswith(b">") else None
                position += len(block)
    except (OSError, ValueError):  # ValueError: NUL in the name
        pass
    return None


def shard_range(path: PathLike, first: int, index: int, n: int) -> ByteRange:
    """The `index`-th, from 1, of the ranges of `shard_ranges`; no more of the file is read than needed for it."""
    with Path(path).open("rb") as handle:
        size = os.fstat(handle.fileno()).st_size
        start, end = (_cut(handle, _target(first, size, at, n), size) for at in (index - 1, index))
    return ByteRange(start, end)


def shard_ranges(path: PathLike, first: int, n: int) -> list[ByteRange]:
    """A plain FASTA file in n parts of about the same size, each with whole records.

    A record belongs to the part in which its ``>`` stands, where the file is cut into n equal parts; what stands
    before the first record goes with that. Parts may be empty, where there are few records.

    Parameters
    ----------
    path : path
    first : int
        Where the first record begins, see `first_record`.
    n : int
        Number of parts.
    """
    with Path(path).open("rb") as handle:
        size = os.fstat(handle.fileno()).st_size
        cuts = [0]
        for index in range(1, n + 1):
            target = _target(first, size, index, n)
            # in a long record the next cut is known: it is not searched again for every part that it spans
            cuts.append(cuts[-1] if cuts[-1] >= target else _cut(handle, target, size))
    return [ByteRange(*pair) for pair in pairwise(cuts)]


def record_starts(handle: BinaryIO, offset: int) -> Iterator[int]:
    """Where records begin, from that byte (1 or more) on: at every ``>`` that begins a line."""
    handle.seek(offset - 1)
    before, position = handle.read(1), offset
    while block := handle.read(BLOCK):
        at = block.find(b">")
        while at >= 0:
            if (block[at - 1 : at] if at else before) in (b"\n", b"\r"):
                yield position + at
            at = block.find(b">", at + 1)
        before, position = block[-1:], position + len(block)


def lines_before(path: PathLike, offset: int) -> int:
    """Lines that end before that byte; they end as Python's universal line ends do."""
    n, before = 0, b""
    with Path(path).open("rb") as handle:
        while block := handle.read(min(BLOCK, offset - handle.tell())):
            n += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            n -= before == b"\r" and block.startswith(b"\n")
            before = block[-1:]
    return n


def read_range(path: PathLike, part: ByteRange) -> bytes:
    """The bytes of a range, all at once.

    Raises
    ------
    FastaError
        The file ends before the range does.
    """
    with Path(path).open("rb") as handle:
        handle.seek(part.start)
        content = handle.read(part.end - part.start)
    if len(content) < part.end - part.start:
        raise FastaError("the file became shorter while it was read", file=os.fspath(path))
    return content


class RangeReader(io.RawIOBase):
    """A range of a file as a file object, with the name of the file.

    Parameters
    ----------
    path : path
    part : ByteRange
    blank_lines : int
        So many blank lines come first, so that a reader that passes over them counts lines as in the whole file.
    """

    def __init__(self, path: PathLike, part: ByteRange, blank_lines: int = 0) -> None:
        self.name = os.fspath(path)
        self._handle = Path(path).open("rb", buffering=0)  # noqa: SIM115 - closed with this object
        self._handle.seek(part.start)
        self._left = part.end - part.start
        self._blank_lines = blank_lines

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), self._blank_lines or self._left)
        if self._blank_lines:
            buffer[:size] = b"\n" * size
            self._blank_lines -= size
            return size
        n = self._handle.readinto(memoryview(buffer)[:size])
        if size and not n:
            raise EOFError("the file became shorter while it was read")
        self._left -= n
        return n

    def close(self) -> None:
        self._handle.close()
        super().close()


def _target(first: int, size: int, index: int, n: int) -> int:
    """Where a file would be cut if records could be: 0, or past the start of the first record."""
    return max(size * index // n, first + 1) if index else 0


def _cut(handle: BinaryIO, target: int, size: int) -> int:
    return next(record_starts(handle, target), size) if target else 0
