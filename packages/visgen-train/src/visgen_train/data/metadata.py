"""What a table of metadata adds to the pictures of a folder: groups, a split; and what is wrong with its rows."""

import logging
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from visgen_train.data.image_rows import Row, described, read_rows
from visgen_train.data.manifest import SPLITS, Item
from visgen_train.errors import DataError
from visgen_train.io.places import leaves

log = logging.getLogger(__name__)

REFUSED: Final = {
    "outside-path": "Write paths relative to the CSV, or remove the row. (To list pictures that lie elsewhere, give a "
    "CSV in a folder above them all as IMAGES.)",
    "repeated-row": "Leave one row of each.",
    "image-without-row": "Add rows; the column `file` holds paths relative to the CSV, with forward slashes.",
    "bad-cell": f"A group must not be empty, and a split is one of {', '.join(SPLITS)}.",
}
"""Kinds of faults that stop a run, and what to do."""
SPARE: Final = "row-without-image"
"""The kind that a run only warns of."""


@dataclass(frozen=True)
class Fault:
    """Something wrong with a table of metadata: its kind, the file it concerns, and one sentence."""

    kind: str
    file: str
    message: str


def with_metadata(
    items: Sequence[Item], images: Path, metadata: Path, group: str | None = None
) -> list[Item]:
    """Add what a CSV says of each image: the group that must stay on one side of the split, and a given split.

    Parameters
    ----------
    items, images, metadata, group
        As `read_metadata` takes them.

    Raises
    ------
    DataError
        A missing column, or a fault of the kinds `REFUSED`.
    """
    found, faults = read_metadata(items, images, metadata, group)
    for kind, way_out in REFUSED.items():
        if told := [fault.message for fault in faults if fault.kind == kind]:
            more = f", the first of {len(told)} faults of this kind" if len(told) > 1 else ""
            raise DataError(f"{metadata}: {told[0]}{more}. {way_out}")
    if spare := [fault for fault in faults if fault.kind == SPARE]:
        log.warning("%s: %d rows name files that are not among the images", metadata, len(spare))
    return found


def read_metadata(
    items: Sequence[Item], images: Path, metadata: Path, group: str | None = None
) -> tuple[list[Item], list[Fault]]:
    """The items with what a CSV says of them, as far as it can be used, and all that is wrong with its rows.

    Parameters
    ----------
    items : sequence of Item
        From `scan(images)`.
    metadata : Path
        CSV with a column `file` (paths relative to the CSV), the column named by `group`, and, if the split is
        given, a column `split` of train, validation and test.
    group : str, optional
        Column whose equal values must not be parted: specimen, locality.

    Raises
    ------
    DataError
        The table cannot be read, or a column is missing.
    """
    rows = read_rows(metadata, [group] if group else [])
    by_path = defaultdict[Path, list[Row]](list)
    for row in rows:
        by_path[Path(os.path.realpath(metadata.parent / row.file.strip()))].append(row)
    paths = {item.file: Path(os.path.realpath(images / item.file)) for item in items}
    faults = [*_of_rows(rows, by_path, images, metadata, set(paths.values()))]
    told = []
    for item in items:
        if path_rows := by_path.get(paths[item.file]):
            try:
                item = described(item, path_rows[0], metadata, group)
            except DataError as error:
                faults.append(
                    Fault("bad-cell", item.file, str(error).removeprefix(f"{metadata}: ").rstrip("."))
                )
        else:
            faults.append(Fault("image-without-row", item.file, f"{item.file!r} has no row"))
        told.append(item)
    if rows and group is None and "split" not in rows[0].cells:
        others = ", ".join(column for column in rows[0].cells if column != "file") or "none"
        log.warning(
            "%s has no column split, and --group names none (other columns: %s): it does nothing",
            *(metadata, others),
        )
    return told, faults


def _of_rows(
    rows: Sequence[Row],
    by_path: Mapping[Path, Sequence[Row]],
    images: Path,
    metadata: Path,
    pictured: set[Path],
) -> Iterator[Fault]:
    for row in rows:
        if Path(row.file.strip()).is_absolute():
            yield Fault("outside-path", row.file, f"row {row.number} has the absolute path {row.file!r}")
    for path, same in by_path.items():
        first, numbers = same[0], [row.number for row in same]
        if len(same) > 1:
            listed = " and ".join(map(str, numbers))
            yield Fault("repeated-row", first.file, f"rows {listed} are of one file, {first.file!r}")
        if path in pictured or Path(first.file.strip()).is_absolute():
            continue
        if leaves(metadata.parent, path) and leaves(images, path):
            text = f"row {first.number}, {first.file!r} leads out of the folders of the CSV and of the images"
            yield Fault("outside-path", first.file, text)
        else:
            yield Fault(SPARE, first.file, f"row {first.number}: {first.file}")
