"""The species of each sequence, from its organism, its header or a table; and the tables users bring."""

import csv
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
    named = {record.id: _species_said(record) for record in records}
    nameless = [record for record in records if named[record.id] is None]
    if nameless:
        first = nameless[0]
        place = f"record {first.id}" if first.line is None else f"line {first.line}"
        said = f"organism {first.organism!r}" if first.organism else f"header {first.description!r}"
        raise DataError(
            f"{source}, {place}: the {said} names no species "
            f"({len(nameless)} of {len(records)} records). Write headers as `>ID Genus species` or "
            "`>ID|Genus_species|...`, or give a table with columns id and species by --labels."
        )
    return {key: name for key, name in named.items() if name is not None}


def _species_said(record: sgt_dna.Record) -> str | None:
    if record.organism is None:
        return species_of_header(record.description)
    name = leading(record.organism)
    return None if name is None else str(name)


def read_table(path: Path, required: Iterable[str], optional: Iterable[str] = ()) -> list[dict[str, str]]:
    """Rows of a table with a header line, after a check that the required columns are there and every row is whole.

    Commas, tabs or semicolons part the cells, as they do in the header line. The required and optional columns are
    found whatever their case.
    """
    required = list(required)
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = re.sub('"[^"]*"', "", file.readline())
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max(",\t;", key=header.count), strict=True)
            reader.fieldnames = _spelt(reader.fieldnames or [], [*required, *optional])
            rows = [row for row in reader if any(row.values())]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{path}: not a CSV table in UTF-8 ({error}). From a spreadsheet save it as `CSV UTF-8`; a text of "
            "another encoding (Latin-1, UTF-16) convert to UTF-8."
        ) from error
    columns = [column for column in reader.fieldnames or [] if column]
    if repeated := sorted({column for column in columns if columns.count(column) > 1}):
        raise DataError(f"{path}: the column {repeated[0]!r} stands there twice. Leave one of them out.")
    for column in required:
        if column not in columns:
            raise DataError(
                f"{path}: there is no column {column!r}; the columns are {', '.join(columns) or 'none'}."
            )
    for number, row in enumerate(rows, start=2):
        if row.get(None) or any(row[column] is None for column in columns):
            raise DataError(
                f"{path}: row {number} does not have {len(columns)} cells as the header line has."
            )
    return [{column: row[column] for column in columns} for row in rows]


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
    for number, row in enumerate(read_table(path, ("id", "species")), start=2):
        key, species = row["id"].strip(), canonical(row["species"])
        if not species:
            raise DataError(f"{path}: row {number} ({key}) has an empty species.")
        if table.setdefault(key, species) != species:
            raise DataError(f"{path}: row {number} calls {key} {species!r}, an earlier row {table[key]!r}.")
    return table


def _some(names: list[str]) -> str:
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more records" if rest > 0 else "")
