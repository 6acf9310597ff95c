"""Paths that stay inside the data folder, whatever `..`, a root of their own or a link says; and what is there."""

import errno
import io
import os
import stat
from pathlib import Path


def leaves(folder: Path, path: Path) -> bool:
    """Whether a path, links followed, lies outside a folder (which may itself be a link).

    Parameters
    ----------
    folder, path : Path
        The path need not exist.
    """
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def relative(text: str) -> str | None:
    """A path as a table has it, without `.` and `..`, with forward slashes; None where it leaves its folder.

    >>> relative("./a/../b/1.png"), relative("../1.png"), relative("/etc/1.png")
    ('b/1.png', None, None)
    """
    path = Path(os.path.normpath(text))
    return None if path.is_absolute() or ".." in path.parts else path.as_posix()


def is_file(path: Path) -> bool:
    """Whether a regular file is there; a name that no file system holds is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a NUL
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder is there; a name that no file system holds is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def opened(path: Path) -> io.BufferedReader:
    """Open a regular file for reading; a pipe, which might never end or begin, is not waited for.

    Raises
    ------
    OSError
        There is none, or it is something else.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    return os.fdopen(handle, "rb")
