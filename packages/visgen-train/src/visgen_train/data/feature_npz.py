"""Reading an npz file of anybody's making: no pickle, and every header checked before an array is made."""

import logging
import math
import tokenize
import zipfile
import zlib
from typing import IO

import numpy as np

from visgen_train.errors import DataError, near

log = logging.getLogger(__name__)

_REQUIRED = ("vectors", "labels")
_ARRAYS = ("ids", *_REQUIRED, "groups", "splits")
_MEANT = {
    **dict.fromkeys(("features", "embeddings", "embedding", "feats", "X", "x", "arr_0"), "vectors"),
    **dict.fromkeys(("species", "names", "classes", "targets", "y", "arr_1"), "labels"),
}
_DEFLATE = 1100  # more bytes than deflate can make of one: 258 of two bits (RFC 1951)
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError, SyntaxError, EOFError),
    *(ValueError, TypeError, KeyError, OverflowError, RuntimeError, MemoryError),
)
"""What the libraries raise on damaged and forged files."""


def read_npz(handle: IO[bytes], source: str, limit: int) -> dict[str, np.ndarray]:
    """The arrays by the names of `feature_table`.

    Parameters
    ----------
    handle : binary file
    source : str
        Its name, for messages.
    limit : int
        Bytes that the arrays may take together.

    Raises
    ------
    DataError
        It is damaged, lacks an array, holds objects, or claims more than it can hold.
    """
    try:
        with zipfile.ZipFile(handle) as archive:
            members = _members(archive, source)
            _check_size(members, source, limit)
            for name, info in members.items():
                _check_header(archive, info, name, source)
            return {name: _array(archive, info) for name, info in members.items()}
    except _DAMAGED as error:
        raise DataError(
            f"{source}: not an npz file, or a damaged one ({str(error)[:200]}). Write it anew, with numpy.savez."
        ) from error


def _members(archive: zipfile.ZipFile, source: str) -> dict[str, zipfile.ZipInfo]:
    """The arrays that count, after a look at all there are."""
    names = [info.filename.removesuffix(".npy") for info in archive.infolist()]
    found = dict(zip(names, archive.infolist(), strict=True))
    if len(found) < len(names):
        raise DataError(f"{source}: an array is there twice. Write it anew, with numpy.savez.")
    there = ", ".join(repr(name[:40]) for name in names[:20]) or "none"
    for name in _REQUIRED:
        if name not in found:
            raise DataError(
                f"{source}: there is no array {name!r}; the arrays are {there}{_perhaps(names, name)}."
            )
    for name in _ARRAYS:
        if name not in found and name.removesuffix("s") in found:
            raise DataError(f"{source}: there is an array {name.removesuffix('s')!r}; call it {name!r}.")
    unread = [name for name in names if name not in _ARRAYS]
    if unread:
        log.warning("%s: arrays that are not read: %s", source, ", ".join(map(repr, unread[:20])))
    return {name: found[name] for name in _ARRAYS if name in found}


def _perhaps(names: list[str], wanted: str) -> str:
    meant = next((name for name in names if _MEANT.get(name) == wanted), None)
    return f"; perhaps you mean {meant!r}: call it {wanted!r}" if meant else near(wanted, names)


def _check_size(members: dict[str, zipfile.ZipInfo], source: str, limit: int) -> None:
    for name, info in members.items():
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataError(
                f"{source}: the array {name!r} is compressed in a way unknown to NumPy. "
                "Write it anew, with numpy.savez."
            )
        most = info.compress_size * (1 if info.compress_type == zipfile.ZIP_STORED else _DEFLATE)
        if info.file_size > most:
            raise DataError(
                f"{source}: the array {name!r} claims {info.file_size} bytes, which the {info.compress_size} it has in "
                "the file cannot make; it is damaged or forged."
            )
    total = sum(info.file_size for info in members.values())
    if total > limit:
        raise DataError(
            f"{source}: its arrays unpack to {total} bytes, more than the {limit} allowed for a file of its size. "
            "If that is right, write it with numpy.savez, which does not compress."
        )


def _check_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, source: str) -> None:
    """Refuse objects, and an array that does not take exactly the bytes it has."""
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(member)
        start = member.tell()
    if dtype.hasobject:
        way_out = (
            "np.asarray(vectors, dtype=np.float32)" if name == "vectors" else f"np.array({name}, dtype=str)"
        )
        raise DataError(
            f"{source}: the array {name!r} holds Python objects, which are not unpickled. Save {way_out}."
        )
    if dtype.kind == "V" or not dtype.itemsize:
        raise DataError(f"{source}: the array {name!r} is of type {dtype!s:.60}. Save numbers or texts.")
    if min(shape, default=0) < 0 or start + math.prod(shape) * dtype.itemsize != info.file_size:
        raise DataError(
            f"{source}: the array {name!r} claims the shape {shape!s:.60} and has {info.file_size - start} bytes; "
            "it is damaged or forged. Write it anew, with numpy.savez."
        )


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as member:
        array: np.ndarray = np.lib.format.read_array(member, allow_pickle=False)
        member.read(1)  # at the end the checksum is compared
    return array
