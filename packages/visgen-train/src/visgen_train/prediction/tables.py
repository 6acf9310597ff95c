"""Rows as a CSV file that a spreadsheet may open."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from visgen_train.io.atomic import write_text
from visgen_train.io.cells import neutralised


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """A column for every key, in the order of the longest row, a row for each mapping; no text is run as a formula.

    Bytes of file names that are not text are written as escapes.
    """
    rows = list(rows)
    columns = list(dict.fromkeys(key for row in sorted(rows, key=len, reverse=True) for key in row))
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column, "")) for column in columns] for row in rows)
    write_text(path, made.getvalue())


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    if not isinstance(value, str):
        return value
    return neutralised(value.encode("utf-8", "backslashreplace").decode())
