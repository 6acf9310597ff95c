"""Rows of the tables that tell of pictures, each by its path: lists of images, metadata, splits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from visgen_train.data.labels import read_table
from visgen_train.data.manifest import SPLITS, Item
from visgen_train.errors import DataError
from visgen_train.io.cells import restored

GROUP: Final = "group"
"""Column that is taken as the group where no other is named."""
USED: Final = ("file", "path", "species", GROUP, "split", "sha256")
"""Columns with a meaning, in capitals or not."""
_SHORT: Final = {"val": "validation", "valid": "validation"}


@dataclass(frozen=True)
class Row:
    """What a table says of one picture.

    Attributes
    ----------
    number : int
        Line of the file that the row begins on; the header line is 1.
    file : str
        The path as it is written.
    cells : mapping
        Column -> cell.
    """

    number: int
    file: str
    cells: Mapping[str, str]


def read_rows(table: Path, required: Iterable[str] = ()) -> list[Row]:
    """Every row of a table with a column `file` (or `path`) and the required ones.

    Raises
    ------
    DataError
        It cannot be read, or a column is missing.
    """
    rows = read_table(table, required, optional=USED)
    column = _path_column(table, rows[0]) if rows else ""
    return [
        Row(row.line, restored(row[column]), {key: restored(cell) for key, cell in row.items()})
        for row in rows
    ]


def _path_column(table: Path, columns: Mapping[str, str]) -> str:
    found = [name for name in ("file", "path") if name in columns]
    if len(found) != 1:
        raise DataError(
            f"{table}: there must be one column `file` (or `path`); the columns are {', '.join(columns)}. Rename one."
        )
    return found[0]


def described(item: Item, row: Row, source: Path, group: str | None) -> Item:
    """An item with the group and the split that a row of a table says, by the columns `group` names and `split`.

    Raises
    ------
    DataError
        An empty group, or an unknown split.
    """
    place = f"{source}: row {row.number}, {item.file!r}"
    if group is not None:
        if not row.cells[group].strip():
            raise DataError(f"{place} has an empty {group!r}.")
        item = replace(item, group=row.cells[group].strip())
    if "split" in row.cells:
        split = side_named(row.cells["split"])
        if split not in SPLITS:
            raise DataError(f"{place} has split {split!r}; it must be one of {', '.join(SPLITS)}.")
        item = replace(item, split=split)
    return item


def side_named(text: str) -> str:
    """The side of the split that a cell names, `val` and `valid` written out; it may be an unknown one.

    >>> side_named(" val"), side_named("test"), side_named("dev")
    ('validation', 'test', 'dev')
    """
    return _SHORT.get(text.strip(), text.strip())
