"""Named arrays in an npz file: written whole or not at all, read without pickle."""

import os
import secrets
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import FormatError, ParameterError

VERSION: Final = 1
"""Version of the file format, stored in every file as the array ``version``."""

Arrays = dict[str, npt.NDArray[Any]]


def write_arrays(path: str | os.PathLike[str], arrays: Arrays) -> None:
    """Write arrays to an npz file; the path holds the old file or the new one, never a part of one.

    Raises
    ------
    ParameterError
        The name does not end in ``.npz``.
    OSError
        The file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".npz":
        raise ParameterError(f"cannot write {str(path)!r}: the name must end in .npz")
    entries: dict[str, Any] = {"version": np.array(VERSION), **arrays}
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as handle:
            np.savez(handle, **entries)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_arrays(path: str | os.PathLike[str], names: Iterable[str]) -> Arrays:
    """Read the named arrays of an npz file that `write_arrays` wrote.

    Raises
    ------
    FormatError
        There is no such file; it is no npz, damaged, of another version, lacks an array or holds pickles.
    """
    file = os.fspath(path)
    try:
        with Path(path).open("rb") as handle, np.load(handle, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ("version", *names)}
    except FileNotFoundError as error:
        raise FormatError("no such file", file=file) from error
    except KeyError as error:
        raise FormatError(f"not an embedding written by sgt_dna: {error.args[0]}", file=file) from error
    except (ValueError, TypeError, AttributeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise FormatError(f"not an npz file, or a damaged one ({error}); write it anew", file=file) from error
    version = arrays.pop("version")
    if version.shape != () or version != VERSION:
        raise FormatError(
            f"format version {version} is unknown, expected {VERSION}; update sgt-dna", file=file
        )
    return arrays
