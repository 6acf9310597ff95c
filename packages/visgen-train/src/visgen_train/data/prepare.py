"""`visgen prepare`: from the archive of Endless Forams to crops in class folders, and where each came from."""

import csv
import io
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from visgen_train.data.archives import UNREADABLE, Archive, opened
from visgen_train.data.crops import crop_box
from visgen_train.data.endless_forams import Source, Species, sources
from visgen_train.errors import UsageError
from visgen_train.io.atomic import replacing, write_json, write_text
from visgen_train.io.cells import neutralised
from visgen_train.io.images import read
from visgen_train.io.progress import Track, silent

MARK, TABLE, LEFT_OUT = "prepare.json", "metadata.csv", "left_out.csv"
CROP_RULE = 1
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


def prepare_endless_forams(
    archive: Path, out: Path, *, everything: bool = False, track: Track = silent
) -> Prepared:
    """Crop every picture of the archive into `out/images/Genus_species/`, and write `out/metadata.csv`.

    A crop that is there already, from a source of the same name and content, is not made again.

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
        `out` holds other things, or cannot be written to.
    """
    with opened(archive) as held:
        found, missing = sources(held.paths, archive)
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


def _claim(out: Path, archive: Path, everything: bool) -> None:
    """Make `out`, or go on in it if the same call began it."""
    source = archive.resolve()
    mark = {"collection": "endless-forams", "source": str(source), "all": everything, "crop_rule": CROP_RULE}
    if out.resolve().is_relative_to(source):
        raise UsageError(f"{out} lies in the archive. Choose another DST.")
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            _check_mark(out, mark)
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / MARK, mark)
    except OSError as error:
        raise UsageError(
            f"{out}: cannot be made or written to ({error.strerror}). Choose another DST."
        ) from error


def _check_mark(out: Path, mark: Mapping[str, object]) -> None:
    """Raise UsageError unless a folder that is not empty was begun by the same call."""
    try:
        before = json.loads((out / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{out} holds other things. Choose another DST.") from error
    if not isinstance(before, dict):
        raise UsageError(f"{out / MARK} is not of this program. Choose another DST.")
    told = [f"{key} was {before.get(key)}, now {now}" for key, now in mark.items() if before.get(key) != now]
    if told:
        raise UsageError(f"{out} was prepared otherwise ({', '.join(told)}). Choose another DST.")


def _crops(archive: Archive, wanted: Sequence[Source], out: Path) -> Iterator[tuple[Box | None, str, bool]]:
    def crop(source: Source) -> tuple[Box | None, str, bool]:
        target = out / "images" / source.target
        try:
            stamp = archive.stamp(source.path)
            there = _made_before(target, source, stamp)
            if there is not None:
                return there, "", True
            pixels = np.asarray(read(archive.read(source.path)).rgb)
        except UNREADABLE as error:
            return None, getattr(error, "strerror", None) or str(error), False
        box = crop_box(pixels)
        if box is None:
            return None, "nothing found in it", False
        _save(target, pixels[box[1] : box[3], box[0] : box[2]], source, stamp, box)
        return box, "", False

    for name in {source.species.name for source in wanted}:
        (out / "images" / name.replace(" ", "_")).mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        warnings.simplefilter("ignore")  # odd metadata does not make a picture unreadable
        yield from pool.map(crop, wanted)


def _made_before(target: Path, source: Source, stamp: str) -> Box | None:
    """The box of a crop that is there already, from its PNG text, if it was made from this source."""
    try:
        with Image.open(target, formats=["PNG"]) as image:
            text = image.info
            if (text["source"], text["source_stamp"]) != (str(source.path), stamp):
                return None
            left, top, right, bottom = map(int, text["box"].split())
            return left, top, right, bottom
    except (OSError, KeyError, ValueError):
        return None


def _save(target: Path, pixels: np.ndarray, source: Source, stamp: str, box: Box) -> None:
    text = PngImagePlugin.PngInfo()
    for key, value in (
        ("source", str(source.path)),
        ("source_stamp", stamp),
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
    writer.writerows([neutralised(str(cell)) for cell in row] for row in rows)
    write_text(path, text.getvalue())
