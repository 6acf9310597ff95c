"""Labels of sequences, such as their species: read from a table, and brought into the order of the rows."""

import csv
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias, cast

from sgt_dna.errors import LabelError, in_file, listed
from sgt_dna.records import is_mapping

Labels: TypeAlias = Mapping[str, str] | Sequence[str]
"""Id -> label, a pandas Series with the ids as its index, or one label a row."""


def read_labels(path: str | os.PathLike[str], column: str = "species") -> dict[str, str]:
    """Read the label of each id from a table with a header line.

    Parameters
    ----------
    path : path
        UTF-8, with or without a byte-order mark, any line ends; separated by commas, tabs or semicolons, as
        the header line is. It needs the column ``id`` and the one asked for, may have others, and may hold more
        ids than there are sequences. White space around a cell does not count.
    column : str
        Name of the column with the labels. Where no column has just this name, or ``id``, upper and lower case
        do not matter.

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


def in_order(ids: Sequence[str], labels: Labels) -> list[str]:
    """One label for each of the ids.

    Raises
    ------
    TypeError
        The labels are a text, a set or a table.
    LabelError
        A label is missing or empty, or there are not as many as ids.

    Examples
    --------
    >>> in_order(["b", "a"], {"a": "nitida", "b": "ruber", "c": "ruber"})
    ['ruber', 'nitida']
    """
    if is_mapping(labels):
        of = by_id(cast("Mapping[str, str]", labels))
        missing = [id_ for id_ in ids if id_ not in of]
        if missing:
            raise LabelError(f"no label for {listed(missing)}; add it, or leave the sequence out")
        found = [of[id_] for id_ in ids]
    elif isinstance(labels, str | Set) or hasattr(labels, "columns"):
        raise TypeError(
            f"labels must be a mapping, a pandas Series or one label a row, not {type(labels).__name__}"
        )
    else:
        found = list(labels)
    if len(found) != len(ids):
        raise LabelError(f"{len(found)} labels for {len(ids)} sequences; give one each")
    for id_, label in zip(ids, found, strict=True):
        if not isinstance(label, str) or not label.strip():
            raise LabelError(f"label of {id_!r} is {label!r}; expected a non-empty string", record=id_)
    return found


def by_id(labels: Mapping[Any, Any]) -> dict[str, Any]:
    """Id -> what belongs to it; numbers, as they stand in the index of a Series, become text.

    Raises
    ------
    LabelError
        An id stands twice.
    """
    pairs = [(str(id_), label) for id_, label in labels.items()]
    of = dict(pairs)
    if len(of) != len(pairs):
        twice = [id_ for id_, n in Counter(id_ for id_, _ in pairs).items() if n > 1]
        raise LabelError(f"ids stand more than once among the labels: {listed(twice)}; give one label each")
    return of


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, their cells stripped, each with the line it begins on."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            start = []  # a pipe cannot be read twice
            for text in handle:
                start.append(text)
                if text.strip(" ,;\t\r\n"):
                    break
            reader = csv.reader(chain(start, handle), delimiter=_delimiter(start), strict=True)
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


def _delimiter(start: list[str]) -> str:
    """What separates the columns of the header, which is the last of these lines; the comma, if in doubt."""
    header = re.sub('"[^"]*"', "", "".join(start[-1:]))
    return max(",\t;", key=header.count)


def _position(column: str, header: list[str]) -> int:
    columns = ", ".join(map(repr, header)) or "none"
    for alike in (str, str.casefold):
        found = [at for at, name in enumerate(header) if alike(name) == alike(column)]
        if len(found) == 1:
            return found[0]
        if found:
            raise LabelError(f"the column {column!r} stands twice; the columns are {columns}", line=1)
    label = "species" if column == "id" else column
    raise LabelError(
        f"there is no column {column!r}; the columns are {columns}; "
        f"a table begins with two lines such as 'id,{label}' and 'MK1,Candeina nitida'",
        line=1,
    )


def _fault(line: int, problem: str, record: str | None = None) -> LabelError:
    return LabelError(f"line {line}: {problem}", line=line, record=record)
