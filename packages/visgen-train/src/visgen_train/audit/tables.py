"""The table of metadata against the images: rows, groups and a given split."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from visgen_train.audit.findings import Finding, Kind, plural, some
from visgen_train.data.labels import read_table
from visgen_train.data.manifest import SPLITS, Item, side_named

NO_ROW = Kind(
    "image-without-row",
    "error",
    "images have no row in the table",
    "Add rows; the column `file` holds paths relative to the table, with forward slashes.",
)
NO_FILE = Kind(
    "row-without-image",
    "warning",
    "rows name files that are not among the images",
    "Correct the path, bring the file, or remove the row.",
)
REPEATED = Kind("repeated-row", "error", "files have several rows in the table", "Leave one row of each.")
BAD_CELL = Kind(
    "bad-cell",
    "error",
    "cells of the table cannot be used",
    f"A group must not be empty, and a split is one of {', '.join(SPLITS)}.",
)
TWO_SIDES = Kind(
    "group-two-sides",
    "error",
    "groups stand on two sides of the given split",
    "Give all rows of a group one value in the column `split`: else the test is too easy.",
)
TWO_SPECIES = Kind(
    "group-two-species",
    "warning",
    "groups stand under two species",
    "If a group is a specimen, one of its labels is wrong; if it is a place, nothing is.",
)


def described(
    items: Sequence[Item], images: Path, metadata: Path, group: str | None
) -> tuple[list[Item], list[Finding]]:
    """The items with what the table says of them as far as it can be used, and what is wrong with the table.

    Raises
    ------
    DataError
        The table cannot be read, or a column is missing.
    """
    by_path = defaultdict[Path, list[tuple[int, Mapping[str, str]]]](list)
    for row in read_table(metadata, ["file", *([group] if group else [])]):
        by_path[Path(os.path.realpath(metadata.parent / row["file"].strip()))].append((row.line, row))
    paths = {item.file: Path(os.path.realpath(images / item.file)) for item in items}
    missing = [item.file for item in items if paths[item.file] not in by_path]
    found = [Finding(NO_ROW, (file,), file) for file in missing]
    known = set(paths.values())
    for path, rows in by_path.items():
        file, numbers = rows[0][1]["file"], ", ".join(str(number) for number, _ in rows)
        if path not in known:
            found.append(Finding(NO_FILE, (file,), f"row {numbers}: {file}"))
        if len(rows) > 1:
            found.append(Finding(REPEATED, (file,), f"{file}: rows {numbers}"))
    told = []
    for item in items:
        rows = by_path.get(paths[item.file], [])
        item, faults = _told(item, rows[0] if rows else None, group)
        told.append(item)
        found += faults
    return told, found


def _told(
    item: Item, row: tuple[int, Mapping[str, str]] | None, group: str | None
) -> tuple[Item, list[Finding]]:
    if row is None:
        return item, []
    number, cells = row
    found = []
    if group is not None:
        item = replace(item, group=cells[group].strip() or None)
        if item.group is None:
            found.append(Finding(BAD_CELL, (item.file,), f"row {number}: {item.file} has an empty {group!r}"))
    if "split" in cells:
        split = side_named(cells["split"])
        if split in SPLITS:
            item = replace(item, split=split)
        else:
            found.append(
                Finding(BAD_CELL, (item.file,), f"row {number}: {item.file} has the split {split!r}")
            )
    return item, found


def group_findings(items: Iterable[Item]) -> list[Finding]:
    """Groups on two sides of the given split, and groups of two species."""
    groups = defaultdict[str, list[Item]](list)
    for item in items:
        if item.group is not None:
            groups[item.group].append(item)
    found = []
    for name, members in groups.items():
        files = tuple(item.file for item in members)
        for kind, values in (
            (TWO_SIDES, {item.split for item in members if item.split is not None}),
            (TWO_SPECIES, {item.species for item in members}),
        ):
            if len(values) > 1:
                listed = " and ".join(sorted(values))
                text = f"{name}: {plural(len(files), 'image')}, {listed} ({some(files)})"
                found.append(Finding(kind, files, text))
    return found
