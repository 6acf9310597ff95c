"""Embeddings in files: the name says the format; written whole or not at all; checked before they are read."""

import csv
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, TextIO

from sgt_dna import _csv, _folder, _npz, _parquet
from sgt_dna._atomic import PathLike, atomic
from sgt_dna._table import Table, check_storable, check_stored, check_unique
from sgt_dna.errors import FormatError, ParameterError, SgtError, in_file


class _Format(NamedTuple):
    write: Callable[[Table, IO[Any]], None]
    read: Callable[[IO[bytes], int], Table]  # open file and its size in bytes


_FORMATS: Final = {
    ".npz": _Format(_npz.write, _npz.read),
    ".csv": _Format(_csv.write, _csv.read),
    ".parquet": _Format(_parquet.write, _parquet.read),
}

SUFFIXES: Final = (*_FORMATS, _folder.SUFFIX)

_DAMAGE: Final = (
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, RuntimeError, EOFError, OSError),
    *(struct.error, zlib.error, zipfile.BadZipFile, csv.Error),
)
"""What the libraries raise on files that are not of their format, or are damaged."""


def check_name(path: PathLike) -> str:
    """Suffix of the file name, which says the format.

    Raises
    ------
    ParameterError
        It is not one of ours, or the format needs a library that is not installed.

    Examples
    --------
    >>> check_name("vectors.csv")
    '.csv'
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"{os.fspath(path)!r}: the name must end in {', '.join(SUFFIXES)}")
    if suffix == ".parquet":
        _parquet.arrow()
    return suffix


def save(table: Table, path: PathLike) -> None:
    """Write a table to a file, whole or not at all; an existing file is replaced.

    Raises
    ------
    ParameterError
        The name ends otherwise than in .npz, .csv, .parquet or .sgt; a library for it is missing; the table holds
        what the format does not (see `Embedding.save`).
    OSError
        The file cannot be written.
    """
    suffix = check_name(path)
    check_storable(table)
    if suffix == _folder.SUFFIX:
        _folder.write(table, path)
        return
    with atomic(path, text=suffix == ".csv") as handle, _encodable():
        _FORMATS[suffix].write(table, handle)


def write_csv(table: Table, stream: TextIO) -> None:
    """Write to an open text stream what `save` writes to a .csv file.

    Raises
    ------
    ParameterError
        The table holds what the format does not.
    OSError
        The stream cannot be written to.
    """
    check_storable(table)
    with _encodable():
        _csv.write(table, stream)


def load(path: PathLike) -> Table:
    """Read what `save` wrote.

    Raises
    ------
    ParameterError
        The name ends otherwise than in .npz, .csv, .parquet or .sgt; a library for it is missing.
    FormatError
        The file is missing, damaged, no embedding, or claims more than it holds.
    """
    suffix = check_name(path)
    if suffix == _folder.SUFFIX:
        with in_file(os.fspath(path)), _damage_named(suffix):
            table = _folder.read(path)
            check_unique(table)
        return table
    with in_file(os.fspath(path)), _damage_named(suffix), Path(path).open("rb") as handle:
        table = _FORMATS[suffix].read(handle, os.fstat(handle.fileno()).st_size)
        check_stored(table)
    return table


def read_csv(stream: IO[bytes]) -> Table:
    """Read what `write_csv` wrote, from an open binary stream.

    Raises
    ------
    FormatError
        The content is damaged, no embedding, or another format.
    """
    with _damage_named(".csv"):
        table = _csv.read(stream, 0)
        check_stored(table)
    return table


@contextmanager
def _damage_named(suffix: str) -> Iterator[None]:
    """Turn what the libraries raise on a damaged file into an error that says so."""
    try:
        yield
    except SgtError:
        raise
    except FileNotFoundError as error:
        raise FormatError("no such file") from error
    except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
        raise FormatError(f"cannot be opened: {error.strerror}") from error
    except _DAMAGE as error:
        raise FormatError(f"not a {suffix} file, or a damaged one ({error!s:.200}); write it anew") from error


@contextmanager
def _encodable() -> Iterator[None]:
    """Name the character that the encoding of the file cannot hold, such as half of a surrogate pair."""
    try:
        yield
    except UnicodeEncodeError as error:
        part = error.object[max(0, error.start - 20) : error.end]
        raise ParameterError(
            f"{part!a} cannot be written as {error.encoding}; rename it, or save as .npz"
        ) from error
