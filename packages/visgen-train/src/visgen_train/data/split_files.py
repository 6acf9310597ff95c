"""A split as a file that can be published and read back: split.csv."""

import csv
import io
import logging
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from visgen_train.data.image_rows import GROUP, Row, described, read_rows
from visgen_train.data.manifest import Item
from visgen_train.data.species import canonical
from visgen_train.errors import DataError
from visgen_train.io.cells import neutralised
from visgen_train.io.places import relative

log = logging.getLogger(__name__)
_WAY_OUT = "The column `file` holds paths relative to the folder of images, with forward slashes."


def split_csv(items: Sequence[Item], sides: Sequence[str], sha256: Sequence[str]) -> str:
    """The text of split.csv: the columns file, species, group (if there are groups), split and sha256.

    Parameters
    ----------
    items : sequence of Item
    sides : sequence of str
        "train", "validation" or "test" for each.
    sha256 : sequence of str
        Of each file.
    """
    grouped = any(item.group is not None for item in items)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["file", "species", *([GROUP] if grouped else []), "split", "sha256"])
    for item, side, digest in zip(items, sides, sha256, strict=True):
        cells = [item.file, item.species, *([item.group or ""] if grouped else []), side, digest]
        writer.writerow(map(neutralised, cells))
    return text.getvalue()


def with_split(
    items: Sequence[Item], known: Collection[str], file: Path, read_as: Mapping[str, str] | None = None
) -> list[Item]:
    """Give items the sides, and where they have none the groups, of a split file.

    Parameters
    ----------
    items : sequence of Item
        What is trained and tested on; each needs a row.
    known : collection of str
        The paths of all images there are, those that are left out included; each row needs one of them.
    file : Path
        A run's split.csv, or any CSV with the columns `file` (relative to the folder of images) and `split`.
    read_as : mapping, optional
        Names that are read as others, from `synonyms.in_force`: they do not make a species another one.

    Raises
    ------
    DataError
        An image without a row or with two, a row without an image, an empty group, an unknown split.
    """
    rows = _rows(file, known)
    absent = [name for name in rows if name not in known]
    if absent:
        raise DataError(
            f"{file}: {len(absent)} of its {len(rows)} files are not among the images, the first is {absent[0]!r}; "
            f"an image here is {min(known, default=None)!r}. {_WAY_OUT} (A table whose paths are relative to "
            "itself goes to --metadata.)"
        )
    missing = [item.file for item in items if item.file not in rows]
    if missing:
        raise DataError(
            f"{file}: {len(missing)} of {len(items)} images have no row, the first is {missing[0]!r}. Add rows, or "
            f"take these images away. {_WAY_OUT}"
        )
    if any(item.split is not None for item in items):
        log.warning("the column split of the images' table is not used, that of %s is", file)
    _warn_of_other_species(items, rows, file, read_as or {})
    has_group = any(GROUP in row.cells for row in rows.values())
    return [
        described(item, rows[item.file], file, GROUP if has_group and item.group is None else None)
        for item in items
    ]


def check_content(items: Sequence[Item], sha256: Sequence[str], file: Path) -> None:
    """Raise DataError unless images have the hashes that a split file holds, if it holds any."""
    rows = _rows(file, {item.file for item in items})
    changed = [
        item.file
        for item, digest in zip(items, sha256, strict=True)
        if (rows[item.file].cells.get("sha256", "").strip().lower() or digest) != digest
    ]
    if changed:
        raise DataError(
            f"{file}: {len(changed)} of {len(items)} images are not those it was made of, the first is {changed[0]!r}. "
            "Put them back as they were; or, if they are meant to differ, take the column `sha256` away."
        )


def _rows(file: Path, known: Collection[str]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in read_rows(file, ["split"]):
        name = row.file if row.file in known else relative(row.file.strip()) or row.file
        if name in rows:
            raise DataError(f"{file}: row {row.number} repeats the file {name!r}.")
        rows[name] = row
    return rows


def _warn_of_other_species(
    items: Sequence[Item], rows: Mapping[str, Row], file: Path, read_as: Mapping[str, str]
) -> None:
    def accepted(name: str) -> str:
        return read_as.get(name, name)

    said = {item.file: canonical(rows[item.file].cells.get("species", item.species)) for item in items}
    other = [item for item in items if accepted(said[item.file]) != accepted(item.species)]
    if other:
        log.warning(
            "%s: %d images are of another species there, the first is %s (%s, here %s)",
            *(file, len(other), other[0].file, said[other[0].file], other[0].species),
        )
