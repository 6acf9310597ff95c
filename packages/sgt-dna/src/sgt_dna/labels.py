"""Labels of sequences from a table: which species an id belongs to."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from sgt_dna.errors import LabelError, in_file


def read_labels(path: str | os.PathLike[str], column: str = "species") -> dict[str, str]:
    """Read the label of each id from a CSV file with a header line.

    Parameters
    ----------
    path : path
        Comma-separated UTF-8, with or without a byte-order mark, any line ends. It needs the column ``id`` and
        the one asked for, may have others, and may hold more ids than there are sequences. White space around
        a cell does not count.
    column : str
        Name of the column with the labels.

    Returns
    -------
    dict
        Id -> label, in the order of the file.

    Raises
    ------
    LabelError
        The file cannot be read; a column is missing; a row is ragged, lacks the id or the label, or has the
        id of an earlier one. Errors about a row name its line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "labels.csv"
    ...     _ = path.write_text("id,species\\nMK1,Candeina nitida\\n")
    ...     read_labels(path)
    {'MK1': 'Candeina nitida'}
    """
    labels: dict[str, str] = {}
    lines: dict[str, int] = {}
    with in_file(os.fspath(path)):
        rows = _rows(Path(path))
        header = next(rows, (1, []))[1]
        at, of = _position("id", header), _position(column, header)
        for line, row in rows:
            if len(row) != len(header):
                raise _fault(line, f"{len(row)} cells where the header line has {len(header)}")
            id_, label = row[at], row[of]
            if not id_ or not label:
                raise _fault(line, f"the {column if id_ else 'id'} is empty; fill it in or remove the row")
            if id_ in labels:
                raise _fault(
                    line, f"the id {id_!r} stands in line {lines[id_]} too; remove one of the two", id_
                )
            labels[id_], lines[id_] = label, line
    return labels


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, their cells stripped, each with the line it begins on."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            for row in reader:
                first, line = line + 1, reader.line_num
                cells = [cell.strip() for cell in row]
                if any("\0" in cell for cell in cells):
                    raise _fault(first, "a NUL character; save the table as CSV in UTF-8")
                if any(cells):
                    yield first, cells
    except UnicodeDecodeError as error:
        raise LabelError("not UTF-8 text; save the table as CSV in UTF-8") from error
    except csv.Error as error:
        raise _fault(line + 1, f"no valid CSV ({error}); save the table as CSV in UTF-8") from error
    except OSError as error:
        raise LabelError(f"cannot be read: {error.strerror or error}") from error


def _position(column: str, header: list[str]) -> int:
    if header.count(column) == 1:
        return header.index(column)
    columns = ", ".join(map(repr, header)) or "none"
    if column in header:
        raise LabelError(f"the column {column!r} stands twice; the columns are {columns}", line=1)
    hint = "" if len(header) != 1 else "; columns are separated by commas"
    raise LabelError(f"there is no column {column!r}; the columns are {columns}{hint}", line=1)


def _fault(line: int, problem: str, record: str | None = None) -> LabelError:
    return LabelError(f"line {line}: {problem}", line=line, record=record)
