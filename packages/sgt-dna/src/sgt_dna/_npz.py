"""The npz format: bit for bit, without pickle, every header checked before an array is read.

Arrays: ``vectors`` (n, d) float64, ``ambiguous`` (n,) int64, and JSON as bytes in ``ids``, ``descriptions``,
``feature_names`` (lists) and ``sgt_dna`` (version, kind, params), since texts of NumPy lose NULs at their end.
"""

import json
import math
import zipfile
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna._table import Table, check_counts, provenance, read_provenance, texts
from sgt_dna.errors import FormatError

_TEXTS: Final = ("ids", "descriptions", "feature_names")

_ARRAYS: Final = {
    "sgt_dna": ("|u1", 1),
    **dict.fromkeys(_TEXTS, ("|u1", 1)),
    "ambiguous": ("<i8", 1),
    "vectors": ("<f8", 2),
}
"""Type and number of dimensions of each."""


def write(table: Table, handle: IO[bytes]) -> None:
    """Write an npz file; ids and descriptions come back exactly, whatever is in them."""
    parts = {name: json.dumps(getattr(table, name)) for name in _TEXTS}
    parts["sgt_dna"] = provenance(table)
    arrays: dict[str, Any] = {name: np.frombuffer(text.encode(), np.uint8) for name, text in parts.items()}
    arrays["ambiguous"] = table.ambiguous.astype("<i8", copy=False)
    arrays["vectors"] = table.vectors.astype("<f8", copy=False)
    np.savez(handle, **arrays)


def read(handle: IO[bytes], size: int) -> Table:
    """Read an npz file of that many bytes; nothing in it makes this take more memory than a few times that.

    Raises
    ------
    FormatError
        Arrays are missing, repeated, foreign, compressed, of another type, or do not fit each other.
    """
    with zipfile.ZipFile(handle) as archive:
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if "sgt_dna" not in members:
            raise FormatError("not an embedding written by sgt_dna: it lacks the array 'sgt_dna'")
        _shape(archive, "sgt_dna", members["sgt_dna"], size)
        params, kind = read_provenance(_array(archive, members["sgt_dna"]).tobytes())
        if set(members) != set(_ARRAYS) or len(archive.infolist()) != len(_ARRAYS):
            raise FormatError(f"arrays are missing, foreign or repeated; expected {', '.join(_ARRAYS)}")
        if sum(info.file_size for info in members.values()) > size:
            raise FormatError(f"its arrays claim more than the {size} bytes of the file; it is forged")
        shapes = {name: _shape(archive, name, members[name], size) for name in _ARRAYS}
        lists = {name: texts(json.loads(_array(archive, members[name]).tobytes()), name) for name in _TEXTS}
        rows, features = shapes["vectors"]
        counts = {name: len(lists[name]) for name in ("ids", "descriptions")}
        check_counts({**counts, "counts of ambiguous positions": shapes["ambiguous"][0]}, rows)
        if len(lists["feature_names"]) != features:
            raise FormatError(
                f"{len(lists['feature_names'])} feature names for {features} features; write the file anew"
            )
        vectors, ambiguous = (_array(archive, members[name]) for name in ("vectors", "ambiguous"))
    return Table(vectors=vectors, params=params, ambiguous=ambiguous, kind=kind, **lists)


def _shape(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo, size: int) -> tuple[int, ...]:
    """Shape of an array that is what we write and takes exactly the bytes it has."""
    stored = info.compress_type == zipfile.ZIP_STORED and info.compress_size == info.file_size
    if not stored or info.flag_bits & 1:
        raise FormatError(
            f"the array {name!r} is compressed or encrypted; write it anew, with Embedding.save"
        )
    if info.file_size > size:
        raise FormatError(f"the array {name!r} claims more than the {size} bytes of the file; it is forged")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        if version != (1, 0):
            raise FormatError(f"the array {name!r} has npy version {version}, expected (1, 0); write it anew")
        try:
            shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
        except MemoryError as error:  # what Python's parser says of deep nesting
            raise FormatError(f"the header of the array {name!r} cannot be read; write it anew") from error
        start = member.tell()
    expected, dimensions = _ARRAYS[name]
    if dtype != np.dtype(expected) or fortran or len(shape) != dimensions:
        raise FormatError(
            f"the array {name!r} is {dtype!s:.40} in {len(shape)} dimensions, expected {np.dtype(expected)} "
            f"in {dimensions}; write it anew"
        )
    if min(shape) < 0 or start + math.prod(shape) * dtype.itemsize != info.file_size:
        raise FormatError(
            f"the array {name!r} claims the shape {shape!s:.60} and has {info.file_size - start} bytes; "
            "it is damaged or forged"
        )
    return tuple(shape)


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> npt.NDArray[Any]:
    with archive.open(info) as member:
        array: npt.NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    return array
