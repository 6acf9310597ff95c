"""Opening, telling compression by content, decoding, and the limit on what comes out of a compressed file."""

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from sgt_dna.alphabet import invalid_position
from sgt_dna.errors import FastaError, SgtError, in_file
from sgt_dna.records import Limits, Record

FileSource: TypeAlias = str | os.PathLike[str] | IO[str] | IO[bytes]
Parser: TypeAlias = Callable[[io.BufferedReader], Iterator[Record | SgtError]]

MAX_RATIO: Final = 200
"""Text per compressed byte, without `Limits.max_bytes`. Real files of DNA reach about 5, alignments 50."""

SAFE_BYTES: Final = 100_000_000
"""So much text may come out of any compressed file: runs of N pack tightly, and this fits any memory."""

_BUFFER: Final = 2**17
_BGZF_END: Final = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
"""The empty block that ends every BGZF file: without it the file was cut between blocks."""
_BGZF_BLOCK: Final = re.compile(rb"(?=\x1f\x8b\x08\x04.{8}BC\x02\x00(..))", re.DOTALL)
"""How each block begins. The last field is its size, less 1."""
_BGZF_MOST: Final = 2**16
"""Bytes of a block."""
DAMAGED: Final = (EOFError, OSError, zlib.error, lzma.LZMAError, UnicodeDecodeError)
"""What opening, reading and decompressing raise."""


def is_file(source: object) -> bool:
    """Whether a source is a path or a file object, and not sequences in memory."""
    return isinstance(source, str | os.PathLike) or hasattr(source, "read")


def source_name(source: object) -> str | None:
    """What to call a source in an error; None for one without a name."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) and is_file(source) else None


def read_with(parser: Parser, source: FileSource, limits: Limits) -> Iterator[Record | SgtError]:
    """Open a source and give what the parser makes of it: records, and errors that know their file.

    An error that the parser raises, and content that cannot be decompressed, come last.
    """
    name = source_name(source)
    try:
        with in_file(name), open_source(source, limits) as stream:
            for item in parser(stream):
                if isinstance(item, SgtError):
                    item.file = item.file or name
                yield item
    except SgtError as error:
        yield error


@contextmanager
def open_source(source: FileSource, limits: Limits) -> Iterator[io.BufferedReader]:
    """Decompressed bytes of a path or a file object; a file object stays open.

    Raises
    ------
    FastaError
        The source cannot be opened, is damaged, or holds more than the limits allow. Inside the block as well.
    """
    try:
        if isinstance(source, str | os.PathLike):
            with _open(Path(source)) as handle:
                yield _decompressed(_Raw(handle), limits)
        elif isinstance(source.read(0), str):
            yield _limited(io.BufferedReader(_Encoded(source), _BUFFER), limits.max_bytes)
        else:
            yield _decompressed(_Raw(source), limits)
    except DAMAGED as error:
        raise _unreadable(source, error) from error


def as_text(
    stream: io.BufferedReader, wrapper: type[io.TextIOWrapper] = io.TextIOWrapper
) -> io.TextIOWrapper:
    """Text of a stream of UTF-8 with any line ends; other bytes become surrogates, for the parser to refuse."""
    check_mark(stream)
    return wrapper(stream, encoding="utf-8", errors="surrogateescape", newline=None)


def check_mark(stream: io.BufferedReader) -> None:
    """Pass over a byte-order mark of UTF-8, which the codec utf-8-sig would do at half the speed.

    Raises
    ------
    FastaError
        The mark, or a NUL, says that the content is something else.
    """
    start = stream.peek(3)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start[:2]:
        raise FastaError("the file is UTF-16 or binary; save it as UTF-8 text")
    if start.startswith(codecs.BOM_UTF8):
        stream.read(len(codecs.BOM_UTF8))


def _open(path: Path) -> io.FileIO:
    try:
        return path.open("rb", buffering=0)
    except ValueError as error:  # NUL in the name
        raise FastaError(f"cannot be read: {error}") from error


class _Raw(io.RawIOBase):
    """Bytes from a file object, counted. Buffers are filled to the end, so that a slow pipe is not cut short."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle
        self.consumed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        filled = 0
        while filled < len(buffer) and (data := self.some(len(buffer) - filled)):
            buffer[filled : filled + len(data)] = data
            filled += len(data)
            self.consumed += len(data)
        return filled

    def some(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        data: bytes | None = self.handle.read(size)
        if data is None:
            raise FastaError(
                "the stream does not block, and has nothing to read yet; make it block, as with os.set_blocking(fd, "
                "True), or read all of it first"
            )
        return data


class _Tail(_Raw):
    """Keeps the last bytes that were read."""

    def __init__(self, handle: Any) -> None:
        super().__init__(handle)
        self.tail = bytearray()

    def some(self, size: int) -> bytes:
        data = super().some(size)
        self.tail += data
        if len(self.tail) > 4 * _BGZF_MOST:
            del self.tail[:-_BGZF_MOST]
        return data


class _Bgzf(_Raw):
    """What a BGZF file holds."""

    def __init__(self, packed: Any) -> None:
        self.packed = _Tail(packed)
        super().__init__(gzip.GzipFile(fileobj=self.packed))

    def some(self, size: int) -> bytes:
        data = super().some(size)
        if not data and not self.packed.tail.endswith(_BGZF_END) and self._ends_in_block():
            raise EOFError("the block that ends a BGZF file is missing")
        return data

    def _ends_in_block(self) -> bool:
        """Whether the last member is a block of BGZF; plain gzip may follow, which has no mark at its end."""
        tail = self.packed.tail
        blocks = _BGZF_BLOCK.finditer(tail)
        return any(block.start() + int.from_bytes(block[1], "little") + 1 == len(tail) for block in blocks)


class _Encoded(_Raw):
    """A text file object as UTF-8, so that there is one way to read."""

    def __init__(self, handle: Any) -> None:
        super().__init__(handle)
        self.rest = b""

    def some(self, size: int) -> bytes:
        if not self.rest:
            self.rest = self.handle.read(_BUFFER).encode("utf-8", "surrogatepass")
        data, self.rest = self.rest[:size], self.rest[size:]
        return data


class _Limited(_Raw):
    def __init__(self, handle: Any, allowed: Callable[[], int], way_out: str) -> None:
        super().__init__(handle)
        self.allowed = allowed
        self.way_out = way_out

    def some(self, size: int) -> bytes:
        data = super().some(size)
        if self.consumed + len(data) > self.allowed():
            raise FastaError(f"there are more than {self.allowed():,} bytes of text; {self.way_out}")
        return data


def _decompressed(raw: _Raw, limits: Limits) -> io.BufferedReader:
    packed = io.BufferedReader(raw, _BUFFER)
    unpacked = _unpacked(packed)
    if unpacked is None:
        return _limited(packed, limits.max_bytes)
    if limits.max_bytes is not None:
        return _limited(unpacked, limits.max_bytes)
    return io.BufferedReader(
        _Limited(
            unpacked,
            lambda: max(SAFE_BYTES, MAX_RATIO * raw.consumed),
            f"that is {MAX_RATIO} times the compressed size, as in a decompression bomb; if you trust the file, "
            "raise it with limits=Limits(max_bytes=...), or --max-bytes",
        ),
        _BUFFER,
    )


def _unpacked(packed: Any) -> Any:
    """A reader of what is compressed; None where nothing is."""
    start = packed.peek(14)
    if start.startswith(b"\x1f\x8b"):
        bgzf = start[3:4] == b"\x04" and start[12:14] == b"BC"
        return _Bgzf(packed) if bgzf else gzip.GzipFile(fileobj=packed)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(packed)
    if start.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(packed)
    return None


def _limited(stream: Any, max_bytes: int | None) -> io.BufferedReader:
    if max_bytes is None:
        return stream  # type: ignore[no-any-return]
    way_out = "raise it with limits=Limits(max_bytes=...), or --max-bytes"
    return io.BufferedReader(_Limited(stream, lambda: max_bytes, way_out), _BUFFER)


def _unreadable(source: FileSource, error: Exception) -> FastaError:
    if isinstance(error, UnicodeDecodeError):
        return FastaError(f"not UTF-8 ({error}); save it as UTF-8, or open it in binary mode")
    reason = getattr(error, "strerror", None)
    if reason is None:
        return FastaError(f"damaged or cut short ({error}); fetch or write the file anew")
    if isinstance(error, IsADirectoryError):
        reason += "; name the file in it"
    if isinstance(source, str) and invalid_position(source) is None:
        reason += "; to embed a sequence itself, give a list"
    return FastaError(f"cannot be read: {reason}")
