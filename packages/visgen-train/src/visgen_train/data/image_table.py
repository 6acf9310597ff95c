"""The images a user brings as a CSV: path, species, and maybe group and split."""

import logging
from collections.abc import Mapping
from pathlib import Path

from visgen_train.data.image_rows import GROUP, USED, Row, described, read_rows
from visgen_train.data.manifest import Item, in_order, scan
from visgen_train.data.metadata import with_metadata
from visgen_train.data.species import canonical
from visgen_train.errors import DataError, UsageError
from visgen_train.io.places import is_file, leaves, relative

log = logging.getLogger(__name__)


def root_of(images: Path) -> Path:
    """The folder that paths of images are relative to: the folder itself, or that of the CSV."""
    return images.parent if is_file(images) else images


def read_items(
    images: Path, metadata: Path | None = None, group: str | None = None, split_follows: bool = False
) -> list[Item]:
    """Every image of a folder (with what `metadata` says of each) or of a CSV.

    Parameters
    ----------
    images : Path
        Folder with one sub-folder a species, or CSV.
    metadata : Path, optional
        For a folder: a CSV with a column `file`, the column named by `group`, and maybe `split`.
    group : str, optional
        Column of `metadata`, or of `images` if that is a CSV, whose equal values must not be parted.
    split_follows : bool
        Groups and split come from a file that is read later, so a table without them is no mistake.

    Returns
    -------
    list of Item
        Sorted by species and path; the path is relative to `root_of(images)`.

    Raises
    ------
    DataError, UsageError
        Each names the file and row and the way out.
    """
    if is_file(images):
        if metadata is not None:
            raise UsageError(
                f"{images} is a table itself, so --metadata {metadata} has no place. Put its columns into "
                f"{images.name} (--group names one of them), or give the folder of images in place of the table."
            )
        return read_image_table(images, group, split_follows)
    if metadata is None:
        if group is not None:
            raise UsageError(
                f"--group {group} names a column of a table; give the table by --metadata CSV, or a CSV as IMAGES."
            )
        return scan(images)
    return with_metadata(scan(images), images, metadata, group)


def read_image_table(table: Path, group: str | None = None, split_follows: bool = False) -> list[Item]:
    """Every image that a CSV lists.

    Parameters
    ----------
    table : Path
        CSV with the columns `file` (or `path`: relative to the CSV, in its folder or below) and `species`; maybe
        `group` and `split` (train, validation, test). Other columns do nothing.
    group : str, optional
        Column in place of `group` whose equal values must not be parted: specimen, locality.
    split_follows : bool
        As `read_items` takes it.

    Raises
    ------
    DataError
        A missing column, no rows, an empty cell, a path that leaves the folder, a file that is not there or listed
        twice, an unknown split.
    """
    rows = read_rows(table, ["species", *([group] if group else [])])
    if not rows:
        raise DataError(f"{table}: no rows. Write a row for each image.")
    group = group or (GROUP if GROUP in rows[0].cells else None)
    items: dict[str, tuple[int, Item]] = {}
    for row in rows:
        item = _item(table, row, group)
        other, _ = items.setdefault(item.file, (row.number, item))
        if other != row.number:
            raise DataError(f"{table}: rows {other} and {row.number} list the same file, {item.file!r}.")
    _check_files(table, items)
    if not split_follows:
        _warn_of_unused(table, rows[0].cells, group)
    return in_order(item for _, item in items.values())


def _item(table: Path, row: Row, group: str | None) -> Item:
    text, species = row.file.strip(), canonical(row.cells["species"])
    if not text or not species:
        raise DataError(f"{table}: row {row.number} has an empty {'species' if text else 'file'!r}.")
    file = relative(text)
    if file is None:
        raise DataError(
            f"{table}: row {row.number} has the path {text!r}, which leaves the folder of the CSV. Put the CSV into "
            "the folder that holds all images, and write paths relative to it."
        )
    return described(Item(file, species), row, table, group)


def _check_files(table: Path, items: Mapping[str, tuple[int, Item]]) -> None:
    absent = [(number, file) for file, (number, _) in items.items() if not is_file(table.parent / file)]
    if absent:
        raise DataError(
            f"{table}: {len(absent)} of {len(items)} files are not there, the first is {absent[0][1]!r} (row "
            f"{absent[0][0]}). Paths are relative to the CSV, with forward slashes."
        )
    for file, (number, _) in items.items():
        if leaves(table.parent, table.parent / file):
            raise DataError(
                f"{table}: row {number}, {file!r}, is or lies behind a link that leads out of the folder of the CSV. "
                "Put the picture itself there, or the CSV into the folder that holds all images."
            )


def _warn_of_unused(table: Path, columns: Mapping[str, str], group: str | None) -> None:
    unused = [column for column in columns if column not in USED]
    if unused and group is None and "split" not in columns:
        log.warning(
            "%s: no column group or split. If equal values of a column must not be parted by the split (specimen, "
            "locality), name it by --group; there are: %s",
            table,
            ", ".join(unused),
        )
