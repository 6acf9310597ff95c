"""The folder format: arrays of NumPy in files of their own, written as they come and mapped into memory when loaded.

Files: ``vectors.npy`` (n, d) float64 or float32, ``ambiguous.npy`` (n,) int64, and in JSON ``ids``, ``descriptions``,
``feature_names`` (lists) and ``sgt_dna`` (version, kind, params).
"""

import glob
import json
import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna._atomic import OLD, place_folder, sync_folder
from sgt_dna._floats import float_type, narrowed
from sgt_dna._table import Table, check_counts, provenance, read_provenance, texts
from sgt_dna.errors import FormatError, ParameterError, listed

SUFFIX: Final = ".sgt"

_TEXTS: Final = ("ids", "descriptions", "feature_names")
_NAMES: Final = ("sgt_dna.json", "vectors.npy", "ambiguous.npy", *(f"{name}.json" for name in _TEXTS))

_HEADER: Final = 128
"""Bytes before the vectors: the header is written last, when their number is known."""

_TRIES: Final = 5
"""How often a folder is read that is replaced meanwhile."""


class Writer:
    """Writes vectors into a folder, and at the end what goes with them."""

    def __init__(self, folder: Path, handle: IO[bytes], dtype: "np.dtype[Any]") -> None:
        self._folder = folder
        self._handle = handle
        self._dtype = dtype.newbyteorder("<")
        handle.write(bytes(_HEADER))

    def add(self, vectors: npt.NDArray[np.float64], ids: Sequence[str]) -> None:
        """Append rows (n, d), of these ids.

        Raises
        ------
        ParameterError
            See `narrowed`.
        """
        self._handle.write(narrowed(vectors, ids, self._dtype).data)

    def finish(self, table: Table) -> None:
        """Write the rest of a table, whose vectors were appended, and see that all is on the disk."""
        _write_header(self._handle, (len(table.ids), len(table.feature_names)), self._dtype)
        _sync(self._handle)
        with (self._folder / "ambiguous.npy").open("xb") as handle:
            np.save(handle, table.ambiguous.astype("<i8", copy=False))
            _sync(handle)
        parts = {name: json.dumps(getattr(table, name)) for name in _TEXTS}
        for name, text in {**parts, "sgt_dna": provenance(table)}.items():
            with (self._folder / f"{name}.json").open("x", encoding="ascii") as file:
                file.write(text)
                _sync(file)


@contextmanager
def new_vectors(path: str | os.PathLike[str], dtype: npt.DTypeLike) -> Iterator[Writer]:
    """A writer of a folder that takes the name only once the block is done.

    Until then it is hidden, and it is removed if the block raises. An existing folder of vectors is replaced.

    Raises
    ------
    ParameterError
        The name does not end in .sgt, or something else has it, also once the block is done; dtype is unknown.
    OSError
        The folder cannot be made, or not be written to.
    """
    target, found = Path(os.path.realpath(path)), float_type(dtype)
    check_replaceable(Path(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.mkdir()
        with (temporary / "vectors.npy").open("xb") as handle:
            yield Writer(temporary, handle, found)
        sync_folder(temporary)
        _check_ours(target)  # it may have taken hours
        place_folder(temporary, target)
    except BaseException as error:
        if isinstance(error, OSError) and str(error.filename).startswith(str(temporary)):
            error.filename = os.fspath(path)
        raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)  # what is left of it, or the former content
    sync_folder(target.parent)


def check_replaceable(path: Path) -> None:
    """Refuse to write under a name that does not say the format, or is that of something else.

    Raises
    ------
    ParameterError
        It does not, or is: a file, or a folder in which there is anything that we have not written.
    """
    if path.suffix.lower() != SUFFIX:
        raise ParameterError(f"{os.fspath(path)!r}: the name of a folder of vectors must end in {SUFFIX}")
    _check_ours(path)


def _check_ours(path: Path) -> None:
    if path.exists() and not (path / "sgt_dna.json").is_file():
        raise ParameterError(f"{os.fspath(path)!r} exists and is no folder of vectors; choose another name")
    if path.exists() and (others := sorted({entry.name for entry in path.iterdir()}.difference(_NAMES))):
        raise ParameterError(
            f"{os.fspath(path)!r} would be replaced, and holds {listed(others)} beside vectors; move that away, or "
            "choose another name"
        )


def write(table: Table, path: str | os.PathLike[str]) -> None:
    """Write a table to a folder, whole or not at all."""
    with new_vectors(path, table.vectors.dtype) as writer:
        writer.add(table.vectors, table.ids)
        writer.finish(table)


def read(path: str | os.PathLike[str]) -> Table:
    """Read a folder; the vectors stay on the disk until they are looked at.

    If it is replaced meanwhile it is read again, so that two versions are never mixed.

    Raises
    ------
    FormatError
        A file is missing, or they do not fit each other; the folder is replaced again and again.
    """
    folder = Path(path)
    for _ in range(_TRIES):
        with _watched(folder) as unchanged:
            try:
                table = _read(folder)
            except Exception:
                if unchanged():
                    raise
            else:
                if unchanged():
                    return table
    raise FormatError("replaced again and again while it was read; try once more when nothing writes it")


@contextmanager
def _watched(folder: Path) -> Iterator[Callable[[], bool]]:
    """Whether a name stands for the folder that it stood for at first.

    That is held open, so that no other gets its number. Where folders cannot be opened, as on Windows, nobody knows.
    """
    try:
        held = os.open(folder, os.O_RDONLY)
    except OSError:
        yield lambda: True
        return

    def unchanged() -> bool:
        try:
            return os.path.samestat(os.fstat(held), folder.stat())
        except FileNotFoundError:
            return False

    try:
        yield unchanged
    finally:
        os.close(held)


def _read(folder: Path) -> Table:
    if not folder.exists():
        left = sorted(folder.absolute().parent.glob(f".{glob.escape(folder.name)}.*{OLD}"))
        found = f"; a process that was killed has left it as {left[-1].name!r}: rename that" if left else ""
        raise FormatError(f"no such file{found}")
    if not (folder / "sgt_dna.json").is_file():
        raise FormatError("not an embedding written by sgt_dna: it lacks the file 'sgt_dna.json'")
    for name in _NAMES:
        if not (folder / name).is_file():  # and no pipe, which would be waited for
            raise FormatError(f"it lacks the file {name!r}; write the folder anew")
    params, kind = read_provenance((folder / "sgt_dna.json").read_bytes())
    lists = {name: texts(json.loads((folder / f"{name}.json").read_bytes()), name) for name in _TEXTS}
    vectors = _mapped(folder / "vectors.npy", ("<f8", "<f4"), 2)
    ambiguous = _mapped(folder / "ambiguous.npy", ("<i8",), 1)
    counts = {name: len(lists[name]) for name in ("ids", "descriptions")}
    check_counts({**counts, "counts of ambiguous positions": len(ambiguous)}, len(vectors))
    if len(lists["feature_names"]) != vectors.shape[1]:
        raise FormatError(
            f"{len(lists['feature_names'])} feature names for {vectors.shape[1]} features; write the folder anew"
        )
    return Table(vectors=vectors, params=params, ambiguous=np.array(ambiguous), kind=kind, **lists)


def _write_header(handle: IO[bytes], shape: tuple[int, int], dtype: "np.dtype[Any]") -> None:
    """The header of a .npy file, filled up with blanks to a size that no number of rows exceeds."""
    text = repr({"descr": dtype.str, "fortran_order": False, "shape": shape})
    magic = np.lib.format.magic(1, 0)
    size = _HEADER - len(magic) - 2
    handle.seek(0)
    handle.write(magic + size.to_bytes(2, "little") + text.ljust(size - 1).encode("ascii") + b"\n")


def _mapped(path: Path, dtypes: tuple[str, ...], dimensions: int) -> npt.NDArray[Any]:
    """An array of a file, if it is what we write and takes exactly the bytes it has."""
    with path.open("rb") as handle:
        version = np.lib.format.read_magic(handle)
        if version != (1, 0):
            raise FormatError(f"{path.name} has npy version {version}, expected (1, 0); write it anew")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(handle)
        start, size = handle.tell(), os.fstat(handle.fileno()).st_size
        if dtype.str not in dtypes or fortran or len(shape) != dimensions:
            raise FormatError(f"{path.name} is {dtype!s:.40} in {len(shape)} dimensions; write it anew")
        if min(shape) < 0 or start + math.prod(shape) * dtype.itemsize != size:
            raise FormatError(
                f"{path.name} claims the shape {shape!s:.60} and has {size - start} bytes; it is damaged or forged"
            )
        if not math.prod(shape):
            return np.empty(shape, dtype)
        array: npt.NDArray[Any] = np.memmap(handle, dtype, "r", start, shape)
        return array


def _sync(handle: IO[Any]) -> None:
    handle.flush()
    os.fsync(handle.fileno())
