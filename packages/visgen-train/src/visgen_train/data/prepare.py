"""`visgen prepare`: from the archive of Endless Forams to crops in class folders, and where each came from."""

import csv
import io
import json
import os
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

import numpy as np
from PIL import Image, PngImagePlugin

from visgen_train.data.crops import crop_box
from visgen_train.data.endless_forams import Source, Species, sources
from visgen_train.errors import DataError, UsageError
from visgen_train.io.atomic import replacing, write_json, write_text
from visgen_train.io.images import SUFFIXES, read
from visgen_train.io.progress import Track, silent

MARK, TABLE, LEFT_OUT = "prepare.json", "metadata.csv", "left_out.csv"
CROP_RULE = 1
MOST_BYTES = 200_000_000
"""In one picture of a zip file, which may claim any size."""
COLUMNS = ["file", "species", "paper_number", "name_in_sequences", "source", "left", "top", "right", "bottom"]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Prepared:
    """What was made.

    Attributes
    ----------
    crops : int
        Crops in the folder now.
    species : int
        Of so many species.
    earlier : int
        How many of the crops were there before.
    missing : list of Species
        Without a picture in the archive.
    left_out : list of (str, str)
        Pictures without a crop, and why.
    strays : list of str
        Pictures in the folder that are of no picture in the archive.
    """

    crops: int
    species: int
    earlier: int
    missing: list[Species]
    left_out: list[tuple[str, str]]
    strays: list[str]


class Archive(Protocol):
    """Pictures by their paths."""

    sizes: dict[PurePosixPath, int]

    def read(self, path: PurePosixPath) -> bytes: ...


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
        self.sizes = {
            PurePosixPath(path.relative_to(folder).as_posix()): path.stat().st_size
            for path in found
            if _is_picture(path.relative_to(folder))
        }

    def read(self, path: PurePosixPath) -> bytes:
        return (self._folder / path).read_bytes()


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._held = {PurePosixPath(info.filename): info for info in archive.infolist()}
        self.sizes = {path: info.file_size for path, info in self._held.items() if _is_picture(path)}

    def read(self, path: PurePosixPath) -> bytes:
        if self.sizes[path] > MOST_BYTES:
            raise ValueError(f"{self.sizes[path]} bytes, more than a picture should have")
        return self._archive.read(self._held[path])


def prepare_endless_forams(
    archive: Path, out: Path, *, everything: bool = False, track: Track = silent
) -> Prepared:
    """Crop every picture of the archive into `out/images/Genus_species/`, and write `out/metadata.csv`.

    A crop that is there already, from a source of the same name and size, is not made again.

    Parameters
    ----------
    archive : Path
        Folder or zip file.
    out : Path
        A new folder, or one that an earlier call began.
    everything : bool
        The three species without sequences as well.

    Raises
    ------
    DataError
        Not the archive.
    UsageError
        `out` holds other things.
    """
    with _opened(archive) as held:
        found, missing = sources(held.sizes, archive)
        wanted = [one for one in found if everything or one.species.paper_number is not None]
        _claim(out, archive, everything)
        results = list(track(_crops(held, wanted, out), "Cropping", len(wanted)))
    rows = [_row(source, box) for source, (box, _, _) in zip(wanted, results, strict=True) if box is not None]
    problems = [
        (str(source.path), told) for source, (_, told, _) in zip(wanted, results, strict=True) if told
    ]
    _write(out / TABLE, COLUMNS, rows)
    (out / LEFT_OUT).unlink(missing_ok=True)
    if problems:
        _write(out / LEFT_OUT, ["source", "problem"], problems)
    lacking = [one for one in missing if everything or one.paper_number is not None]
    earlier = sum(there for _, _, there in results)
    known = {row[0] for row in rows}
    held_now = sorted(path.relative_to(out).as_posix() for path in (out / "images").glob("*/[!.]*"))
    strays = [file for file in held_now if file not in known]
    return Prepared(len(rows), len({row[1] for row in rows}), earlier, lacking, problems, strays)


def _is_picture(path: Path | PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


@contextmanager
def _opened(archive: Path) -> Iterator[Archive]:
    if archive.is_dir():
        yield _Folder(archive)
        return
    try:
        with zipfile.ZipFile(archive) as opened:
            yield _Zip(opened)
    except FileNotFoundError as error:
        raise DataError(f"{archive}: no such folder or zip file.") from error
    except zipfile.BadZipFile as error:
        raise DataError(f"{archive}: no folder and no zip file. Unpack it, and give the folder.") from error


def _claim(out: Path, archive: Path, everything: bool) -> None:
    """Make `out`, or go on in it if the same call began it."""
    source = archive.resolve()
    mark = {"collection": "endless-forams", "source": str(source), "all": everything, "crop_rule": CROP_RULE}
    if out.resolve().is_relative_to(source):
        raise UsageError(f"{out} lies in the archive. Choose another DST.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        try:
            before = json.loads((out / MARK).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{out} holds other things. Choose another DST.") from error
        if before != mark:
            told = ", ".join(
                f"{key} was {before.get(key)}, now {now}"
                for key, now in mark.items()
                if before.get(key) != now
            )
            raise UsageError(f"{out} was prepared otherwise ({told}). Choose another DST.")
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / MARK, mark)


_UNREADABLE = (OSError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)
"""What a picture raises, or a damaged or encrypted member of a zip file: one such does not stop the others."""


def _crops(archive: Archive, wanted: Sequence[Source], out: Path) -> Iterator[tuple[Box | None, str, bool]]:
    def crop(source: Source) -> tuple[Box | None, str, bool]:
        target, size = out / "images" / source.target, archive.sizes[source.path]
        there = _made_before(target, source, size)
        if there is not None:
            return there, "", True
        try:
            pixels = np.asarray(read(archive.read(source.path)).rgb)
        except _UNREADABLE as error:
            return None, str(error), False
        box = crop_box(pixels)
        if box is None:
            return None, "nothing found in it", False
        _save(target, pixels[box[1] : box[3], box[0] : box[2]], source, size, box)
        return box, "", False

    for name in {source.species.name for source in wanted}:
        (out / "images" / name.replace(" ", "_")).mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")  # odd metadata does not make a picture unreadable
        yield from pool.map(crop, wanted)


def _made_before(target: Path, source: Source, size: int) -> Box | None:
    """The box of a crop that is there already, from its PNG text, if it was made from this source."""
    try:
        with Image.open(target, formats=["PNG"]) as image:
            text = image.info
            if (text["source"], text["source_bytes"]) != (str(source.path), str(size)):
                return None
            left, top, right, bottom = map(int, text["box"].split())
            return left, top, right, bottom
    except (OSError, KeyError, ValueError):
        return None


def _save(target: Path, pixels: np.ndarray, source: Source, size: int, box: Box) -> None:
    text = PngImagePlugin.PngInfo()
    for key, value in (
        ("source", str(source.path)),
        ("source_bytes", str(size)),
        ("box", " ".join(map(str, box))),
    ):
        text.add_text(key, value)
    grey = (pixels[:, :, :1] == pixels).all()
    with replacing(target) as temporary:
        Image.fromarray(pixels[:, :, 0] if grey else pixels).save(temporary, "PNG", pnginfo=text)


def _row(source: Source, box: Box) -> list[object]:
    species = source.species
    number = "" if species.paper_number is None else species.paper_number
    return [f"images/{source.target}", species.name, number, species.name_in_sequences, source.path, *box]


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_text(path, text.getvalue())
