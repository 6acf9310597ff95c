"""The pictures of an archive as it is downloaded: a folder, or a zip file that is read without unpacking it."""

import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Protocol

from visgen_train.errors import DataError
from visgen_train.io import places
from visgen_train.io.images import SUFFIXES

MOST_BYTES = 200_000_000
"""In one picture of a zip file, which may claim any size."""
UNREADABLE = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What a picture raises, or a damaged or encrypted member of a zip file: one such does not stop the others."""


class Archive(Protocol):
    """Pictures by their paths in the archive."""

    paths: list[PurePosixPath]

    def read(self, path: PurePosixPath) -> bytes:
        """The file of a picture; raises one of `UNREADABLE`."""

    def stamp(self, path: PurePosixPath) -> str:
        """Size and CRC-32 of the file, which change with its content; raises one of `UNREADABLE`."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        walk = os.walk(folder, onerror=_refuse)
        found = (Path(parent, name).relative_to(folder) for parent, _, names in walk for name in names)
        self.paths = [PurePosixPath(path.as_posix()) for path in found if _is_picture(path)]

    def read(self, path: PurePosixPath) -> bytes:
        with places.opened(self._folder / path) as picture:
            return picture.read()

    def stamp(self, path: PurePosixPath) -> str:
        content = self.read(path)
        return _stamp(len(content), zlib.crc32(content))


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._held = {
            path: info
            for info in archive.infolist()
            if not info.is_dir() and _is_picture(path := PurePosixPath(info.filename.replace("\\", "/")))
        }
        self.paths = list(self._held)

    def read(self, path: PurePosixPath) -> bytes:
        member = self._held[path]
        if member.file_size > MOST_BYTES:
            raise ValueError(f"{member.file_size} bytes, more than a picture should have")
        return self._archive.read(member)

    def stamp(self, path: PurePosixPath) -> str:
        return _stamp(self._held[path].file_size, self._held[path].CRC)


@contextmanager
def opened(archive: Path) -> Iterator[Archive]:
    """The pictures of a folder or zip file; what systems leave behind (hidden files, `__MACOSX`) is none.

    Raises
    ------
    DataError
        It is neither, it cannot be read, or a path in it is not valid Unicode.
    """
    with ExitStack() as stack:
        try:
            held: Archive
            if archive.is_dir():
                held = _Folder(archive)
            else:
                file = stack.enter_context(places.opened(archive))
                held = _Zip(stack.enter_context(zipfile.ZipFile(file)))
        except FileNotFoundError as error:
            raise DataError(f"{archive}: no such folder or zip file.") from error
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise DataError(
                f"{archive}: no folder and no zip file. Unpack it, and give the folder."
            ) from error
        except OSError as error:
            raise DataError(f"{error.filename or archive}: cannot be read ({error.strerror}).") from error
        _check_names(held, archive)
        yield held


def _check_names(archive: Archive, place: Path) -> None:
    for path in archive.paths:
        try:
            str(path).encode()
        except UnicodeEncodeError as error:
            raise DataError(
                f"{place}: the name {str(path)!a} is not valid UTF-8. Rename the file."
            ) from error


def _is_picture(path: Path | PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _refuse(error: OSError) -> None:
    raise error


def _stamp(size: int, crc32: int) -> str:
    return f"{size} {crc32:08x}"
