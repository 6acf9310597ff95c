"""Files and folders that are replaced whole or not at all."""

import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

PathLike = str | os.PathLike[str]

OLD: Final = ".old"
"""How the name ends that a folder has while another takes its place, where that takes two steps."""

_HERE: Final = -100
_EXCHANGE: Final = 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux."""


@contextmanager
def atomic(path: PathLike, *, text: bool = False) -> Iterator[IO[Any]]:
    """Open a file for writing that takes the name only once it is whole and on the disk.

    Until then the content stands in a hidden file beside it, which is removed if the block raises.
    An existing file keeps its permissions, and a link stays a link to the file it names.

    Parameters
    ----------
    path : path
        An existing file is replaced.
    text : bool
        UTF-8 text without translation of line ends, instead of bytes.

    Raises
    ------
    OSError
        The file cannot be written; the path holds what it held before.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "notes.txt"
    ...     with atomic(path, text=True) as handle:
    ...         _ = handle.write("whole")
    ...     path.read_text()
    'whole'
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    options: dict[str, str] = {"mode": "x", "encoding": "utf-8", "newline": ""} if text else {"mode": "xb"}
    try:
        with temporary.open(**options) as handle:  # type: ignore[call-overload]
            if target.exists():
                shutil.copymode(target, temporary)
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(target)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename == str(temporary):
            error.filename = str(target)
        raise
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the renaming last. Where folders cannot be synced the file is whole all the same, old or new."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def place_folder(new: Path, target: Path) -> None:
    """Give a folder its name; one that has it, perhaps by another writer just now, gets the name of the new one."""
    try:
        new.rename(target)
    except OSError:
        if exchange(new, target):
            return
        if not target.exists():
            raise
        _replace(target, new)


def _replace(target: Path, new: Path) -> None:
    """In two steps, for want of one. Who is killed in between finds the former content as `read` says."""
    old = new.with_suffix(OLD)
    target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False, and nothing done, where the system or the disk cannot."""
    if sys.platform != "linux":
        return False
    renamed = getattr(ctypes.CDLL(None), "renameat2", None)
    return renamed is not None and not renamed(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
