"""The species of each sequence, from its organism, its header or a table; and the tables users bring."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import sgt_dna

from visgen_train.data.headers import species_of_header
from visgen_train.data.species import canonical, leading
from visgen_train.errors import DataError


def sequence_labels(
    records: Sequence[sgt_dna.Record],
    source: Path | str,
    labels: Path | Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Species of every record: from `labels`, else from its organism (GenBank, EMBL), else from its header.

    Parameters
    ----------
    records : sequence of sgt_dna.Record
    source : Path
        Where they come from, for messages.
    labels : Path or mapping, optional
        A CSV with columns id and species, or id -> species.

    Returns
    -------
    dict
        Record id -> species, as `species.canonical` spells it, in the order of the file.

    Raises
    ------
    DataError
        A record without a species, or a bad table.
    """
    if labels is not None:
        if isinstance(labels, Mapping):
            named_by, table = "sequence_labels", {key: canonical(name) for key, name in labels.items()}
        else:
            named_by, table = str(labels), _label_table(labels)
        missing = [record.id for record in records if not table.get(record.id)]
        if missing:
            raise DataError(
                f"{named_by}: no species for {_some(missing)} of {source}. Add rows `id,species`."
            )
        return {record.id: table[record.id] for record in records}
    named = {record.id: _names_said(record) for record in records}
    unclear = [record for record in records if len(named[record.id]) != 1]
    if unclear:
        raise DataError(
            _unclear(unclear[0], named[unclear[0].id], source, f"{len(unclear)} of {len(records)}")
        )
    return {key: name for key, (name,) in named.items()}


def _names_said(record: sgt_dna.Record) -> list[str]:
    if record.organism is None:
        return species_of_header(record.description)
    name = leading(record.organism)
    return [] if name is None else [str(name)]


def _unclear(record: sgt_dna.Record, names: list[str], source: Path | str, count: str) -> str:
    place = f"record {record.id}" if record.line is None else f"line {record.line}"
    said = f"organism {record.organism!r}" if record.organism else f"header {record.description!r}"
    told = f"may name {' or '.join(map(repr, names))}" if names else "names no species"
    return (
        f"{source}, {place}: the {said} {told} ({count} records name not one species). Write headers as "
        "`>ID Genus species` or `>ID|Genus_species|...`, or give a table with columns id and species by --labels."
    )


class TableRow(dict[str, str]):
    """The cells of a row by their columns, and the line of the file that the row begins on."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        super().__init__(cells)
        self.line = line


def read_table(path: Path, required: Iterable[str], optional: Iterable[str] = ()) -> list[TableRow]:
    """Rows of a table with a header line, after a check that the required columns are there and every row is whole.

    Commas, tabs or semicolons part the cells, as they do in the header line. The required and optional columns are
    found whatever their case. Blank lines do not count as rows, but they do in the numbers that messages tell.
    """
    required = list(required)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        (_, header), *found = _lines(text) or [(1, [])]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{path}: not a CSV table in UTF-8 ({error}). From a spreadsheet save it as `CSV UTF-8`; a text of "
            "another encoding (Latin-1, UTF-16) convert to UTF-8."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{path}: row {line} holds a NUL character. Save the table anew, as text in UTF-8.")
    header = _spelt(header, [*required, *optional])
    columns = [column for column in header if column]
    if repeated := sorted({column for column in columns if columns.count(column) > 1}):
        raise DataError(f"{path}: the column {repeated[0]!r} stands there twice. Leave one of them out.")
    for column in required:
        if column not in columns:
            raise DataError(
                f"{path}: there is no column {column!r}; the columns are {', '.join(columns) or 'none'}."
            )
    last = max((at for at, column in enumerate(header) if column), default=-1)
    for line, cells in found:
        if not last < len(cells) <= len(header):
            raise DataError(f"{path}: row {line} does not have {len(columns)} cells as the header line has.")
    return [
        TableRow(line, {column: cell for column, cell in zip(header, cells, strict=False) if column})
        for line, cells in found
    ]


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """What is not blank, each with the number of the line it begins on."""
    header = re.sub('"[^"]*"', "", re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=header.count), strict=True)
    found, line = [], 1
    limit = csv.field_size_limit(max(len(text), 1))  # a genome may stand in a cell
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                found.append((line, cells))
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(limit)
    return found


def _spelt(columns: Sequence[str], wanted: Iterable[str]) -> list[str]:
    """The columns, those that are wanted but for case and outer blanks as they are wanted."""
    spelt = list(columns)
    for name in wanted:
        if name not in spelt:
            alike = name.strip().casefold()
            spelt = [name if column.strip().casefold() == alike else column for column in spelt]
    return spelt


def _label_table(path: Path) -> dict[str, str]:
    table: dict[str, str] = {}
    for row in read_table(path, ("id", "species")):
        key, species = row["id"].strip(), canonical(row["species"])
        if not species:
            raise DataError(f"{path}: row {row.line} ({key}) has an empty species.")
        if table.setdefault(key, species) != species:
            raise DataError(f"{path}: row {row.line} calls {key} {species!r}, an earlier row {table[key]!r}.")
    return table


def _some(names: list[str]) -> str:
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more records" if rest > 0 else "")
