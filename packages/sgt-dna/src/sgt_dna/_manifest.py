"""What a folder of shards is made from: work goes on only where files and options are those it was begun with."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sgt_dna._atomic import atomic
from sgt_dna.errors import FastaError, FormatError, ParameterError, SgtError, in_file, listed

NAME: Final = "manifest.json"

SCHEMA: Final = 1
"""Version of the file."""

VERSION: Final = "sgt_dna"
"""The option that is the version of this package: another may differ in the last digits."""


def manifest(files: Sequence[str], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options, and of each file the name, the size in bytes and when it was changed, in nanoseconds.

    Raises
    ------
    FastaError
        A file cannot be found.
    """
    try:
        found = [(name, Path(name).stat()) for name in files]
    except OSError as error:
        raise FastaError(f"cannot be read: {error.strerror}", file=error.filename) from error
    described = [
        {"name": name, "bytes": status.st_size, "modified": status.st_mtime_ns} for name, status in found
    ]
    return {"schema": SCHEMA, "options": dict(options), "files": described}


def begin(folder: Path, content: Mapping[str, Any]) -> None:
    """Make the folder and write the manifest; where there is one it must be the same.

    Raises
    ------
    ParameterError
        The folder was begun with other options or files, or holds something else.
    FormatError
        Its manifest cannot be read.
    """
    path = folder / NAME
    if path.exists():
        check_same(folder, _read(path), content)
        return
    if folder.exists() and not (
        folder.is_dir() and all(entry.name.startswith(".") for entry in folder.iterdir())
    ):
        raise ParameterError(f"{os.fspath(folder)!r} exists and was not begun by sgt_dna; give a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    with atomic(path, text=True) as handle:
        json.dump(content, handle, indent=1)


def check_same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse to mix shards of different options or files.

    Raises
    ------
    ParameterError
        The first difference, and the way out.
    """
    name = os.fspath(folder)
    for key, value in now["options"].items():
        if (old := before["options"].get(key)) != value:
            raise ParameterError(
                f"{name!r} was begun with {_other_option(key, old, value)}, or give a new folder"
            )
    files = [entry["name"] for entry in before["files"]]
    if files != [entry["name"] for entry in now["files"]]:
        raise ParameterError(
            f"{name!r} was begun with other files ({listed(files)}); go on with the same, or give a new folder"
        )
    for old, new in zip(before["files"], now["files"], strict=True):
        if old != new:
            raise ParameterError(f"{new['name']!r} has changed since {name!r} was begun; give a new folder")


def _other_option(key: str, old: object, new: object) -> str:
    """What a folder was begun with, and how to go on with it."""
    if key != VERSION:
        return f"{key}={old!r}, not {new!r}; go on with the same options"
    if old is None:
        return f"an sgt-dna that did not note its version, this is {new}; go on with that"
    return f"sgt-dna {old}, this is {new}; go on with that version (pip install sgt-dna=={old})"


def _read(path: Path) -> dict[str, Any]:
    with in_file(os.fspath(path)):
        try:
            content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                raise FormatError("of an unknown version; update sgt-dna, or give a new folder")
            return {
                "options": dict(content["options"]),
                "files": [dict(entry, name=entry["name"]) for entry in content["files"]],
            }
        except SgtError:
            raise
        except (ValueError, TypeError, KeyError) as error:
            raise FormatError(f"damaged ({error!s:.200}); give a new folder") from error
