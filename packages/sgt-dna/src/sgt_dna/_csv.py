"""The CSV format: opens without options in a spreadsheet, R or pandas, and comes back bit for bit.

Columns: ``id``, ``description``, ``ambiguous``, ``sgt_dna`` and one a feature. ``sgt_dna`` repeats in every row
how the vectors were made, so that a part of the rows still says so.
"""

import csv
import math
import re
from array import array
from collections.abc import Iterator
from typing import IO, Final

import numpy as np

from sgt_dna._table import Table, provenance, read_provenance
from sgt_dna.errors import FormatError, ParameterError

_COLUMNS: Final = ("id", "description", "ambiguous", "sgt_dna")

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
"""A text that begins like this gets one apostrophe more, or a spreadsheet would run it as a formula."""

_NEUTRALISED: Final = re.compile(r"'+[=+\-@\t\r]")

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER: Final = re.compile(r"-?\d{1,18}", re.ASCII)

_CELL: Final = 131_072
"""Most characters of a text: the limit of Python's csv reader, which is global and better left alone."""

_LINE: Final = 1 << 24
"""Most bytes of a line, so that a file without line ends is not read as a whole."""


def write(table: Table, stream: IO[str]) -> None:
    """Write CSV to an open text stream: texts quoted, numbers as Python's repr.

    Raises
    ------
    ParameterError
        There is no row to say how the vectors were made; a text is too long for a cell.
    """
    if not table.ids:
        raise ParameterError("CSV cannot hold an embedding without rows; save it as .npz or .parquet")
    made = provenance(table)
    for id_, description in zip(table.ids, table.descriptions, strict=True):
        if max(len(id_), len(description)) >= _CELL:
            raise ParameterError(
                f"id or description of {id_!r:.40} is too long for CSV, whose cells hold less than "
                f"{_CELL} characters; save as .npz or .parquet",
                record=id_,
            )
    rows = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    rows.writerow([*_COLUMNS, *map(neutralised, table.feature_names)])
    counts = table.ambiguous.tolist()
    for id_, text, count, vector in zip(table.ids, table.descriptions, counts, table.vectors, strict=True):
        rows.writerow([neutralised(id_), neutralised(text), count, made, *vector.tolist()])


def read(handle: IO[bytes], size: int) -> Table:
    """Read CSV in UTF-8, with or without a byte-order mark; every cell is checked.

    Raises
    ------
    FormatError
        Header, a row or a cell is not what `write` writes; the line is named.
    """
    rows = _rows(handle)
    _, header = next(rows, (1, []))
    if tuple(header[:4]) != _COLUMNS:
        raise _fault(
            f"the header must begin with {','.join(_COLUMNS)}, found {','.join(header)!r:.60}; "
            "save it with commas and with all columns",
            1,
        )
    features = [_restored(cell) for cell in header[4:]]
    lines: dict[str, int] = {}  # of each id
    descriptions: list[str] = []
    counts: list[int] = []
    values = array("d")
    made, params, kind = None, None, ""
    for line, row in rows:
        if len(row) != len(header):
            raise _fault(f"{len(row)} cells, expected {len(header)} as in the header", line)
        id_, description, count, how = map(_restored, row[:4])
        if (first := lines.setdefault(id_, line)) != line:
            raise _fault(f"the id {id_!r:.60} stands in line {first} too; ids must be unique", line)
        if made is None:
            made, (params, kind) = how, read_provenance(how)
        if how != made:
            raise _fault("made otherwise than the rows above (column sgt_dna); load them apart", line)
        if _INTEGER.fullmatch(count) is None:
            raise _fault(f"ambiguous is {count!r:.40}; expected a whole number", line)
        descriptions.append(description)
        counts.append(int(count))
        values.extend(_numbers(row[4:], features, line))
    if params is None:
        raise FormatError("no rows below the header; write the file anew")
    return Table(
        ids=tuple(lines),
        vectors=np.array(values, np.float64).reshape(len(lines), len(features)),
        feature_names=tuple(features),
        params=params,
        descriptions=tuple(descriptions),
        ambiguous=np.array(counts, np.int64),
        kind=kind,
    )


def _numbers(cells: list[str], features: list[str], line: int) -> list[float]:
    numbers = []
    for feature, cell in zip(features, cells, strict=True):
        number = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        if not math.isfinite(number):
            raise _fault(f"{feature!s:.40} is {cell!r:.40}; expected a finite number", line)
        numbers.append(number)
    return numbers


def _rows(handle: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it ends on."""
    rows = csv.reader(_lines(handle), strict=True)
    try:
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        raise _fault(f"not valid CSV ({error}); save it anew, as CSV in UTF-8", rows.line_num) from error


def _lines(handle: IO[bytes]) -> Iterator[str]:
    for number, line in enumerate(iter(lambda: handle.readline(_LINE), b""), 1):
        if len(line) == _LINE:
            raise _fault(f"more than {_LINE} bytes; this is no embedding", number)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            raise _fault("not UTF-8 text; save it anew, as CSV in UTF-8", number) from error
        yield text.removeprefix("\ufeff") if number == 1 else text


def neutralised(text: str) -> str:
    """A text for a CSV cell, such that no spreadsheet runs it as a formula.

    Examples
    --------
    >>> neutralised("=1+1"), neutralised("Candeina nitida")
    ("'=1+1", 'Candeina nitida')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _restored(cell: str) -> str:
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def _fault(problem: str, line: int) -> FormatError:
    return FormatError(f"line {line}: {problem}", line=line)
