"""Paths that stay inside the data folder: none leaves it by `..`, by a root of its own, or by a link."""

import os
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
