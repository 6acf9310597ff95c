"""Sequences with their species, from any file that holds them: FASTA, GenBank, EMBL, or a table."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sgt_dna

from visgen_train.data.labels import TableRow, read_table, sequence_labels
from visgen_train.data.species import canonical
from visgen_train.errors import DataError

log = logging.getLogger(__name__)

TABLES = frozenset({".csv", ".tsv"})
_KNOWN = {
    "sequence": ("sequence", "sequences", "fullsequence", "nucleotides", "nucleotide sequence", "nuc", "dna"),
    "id": (
        "id",
        "sequence id",
        "accession",
        "accession number",
        "accession no",
        "genbank accession",
        "processid",
    ),
    "species": ("species", "species name", "scientific name", "scientificname", "organism", "taxon"),
}
_MISSING = frozenset({"", "-", "na", "n/a", "nan", "null", "none"})


@dataclass(frozen=True)
class Columns:
    """Columns of a table of sequences, by name; None is found by the usual names.

    Attributes
    ----------
    id, sequence : str, optional
    species : str, optional
        Some with commas between are joined by a blank: "Genus,species".
    """

    id: str | None = None
    sequence: str | None = None
    species: str | None = None


def read_sequences(
    source: Any, labels: Path | Mapping[str, str] | None = None, columns: Columns | None = None
) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    """The records of a source, and the species of each.

    Rows of a table without a sequence or without a species are left out, with a warning that counts them: exports of
    databases are full of them. A file of records must name a species for each.

    Parameters
    ----------
    source
        A table of sequences (.csv, .tsv), or whatever `sgt_dna.read_records` takes.
    labels : Path or mapping, optional
        A CSV with columns id and species, or id -> species; it takes the place of headers and of a column of species.
    columns : Columns, optional
        Of a table, where the usual names do not tell.

    Returns
    -------
    list of sgt_dna.Record, dict
        The records in the order of the source, and record id -> species, as `species.canonical` spells it.

    Raises
    ------
    DataError, sgt_dna.SgtError
        Anything that cannot be used as it is; it names the file, the record or row and the way out.
    """
    columns = columns or Columns()
    if isinstance(source, str | Path) and Path(source).suffix.lower() in TABLES:
        return _read_table(Path(source), labels, columns)
    given = [name for name, value in vars(columns).items() if value is not None]
    if given:
        raise DataError(
            f"{source}: --{given[0]}-column is for tables of sequences, .csv or .tsv. Leave it out, or rename the file."
        )
    records = list(sgt_dna.read_records(source))
    place = source if isinstance(source, str | Path) else "sequences"
    return records, sequence_labels(records, place, labels)


def _read_table(
    path: Path, labels: Path | Mapping[str, str] | None, columns: Columns
) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    rows = read_table(path, ())
    if not rows:
        raise DataError(f"{path}: there are no rows below the header line.")
    header = list(rows[0])
    id_column = _column(path, header, "id", columns.id)
    sequence_column = _column(path, header, "sequence", columns.sequence)
    species_columns = [] if labels is not None else _species_columns(path, rows, columns.species)
    places: dict[str, int] = {}
    records: list[sgt_dna.Record] = []
    named: dict[str, str] = {}
    without: dict[str, list[int]] = {"sequence": [], "species": []}
    for row in rows:
        sequence = "".join(row[sequence_column].split())
        species = canonical(" ".join(_filled(row[column]) for column in species_columns))
        if not _filled(sequence):
            without["sequence"].append(row.line)
        elif species_columns and not species:
            without["species"].append(row.line)
        else:
            key = _key(path, row, id_column, places)
            records.append(sgt_dna.Record(key, key, sequence))
            named[key] = species
    _warn_of_rows_without(path, without, len(rows))
    if not records:
        raise DataError(f"{path}: none of its {len(rows)} rows has a sequence and a species.")
    try:
        records = list(sgt_dna.read_records(records))
    except sgt_dna.SgtError as error:
        row_number = f", row {places[error.record]}" if error.record in places else ""
        raise DataError(f"{path}{row_number}: {error}") from error
    return records, sequence_labels(records, path, named if labels is None else labels)


def _filled(cell: str) -> str:
    """The text of a cell, empty if it says that there is nothing."""
    text = cell.strip()
    return "" if text.casefold() in _MISSING else text


def _key(path: Path, row: TableRow, column: str, places: dict[str, int]) -> str:
    key = "_".join(_filled(row[column]).split())
    if not key:
        raise DataError(f"{path}, row {row.line}: {column!r} is empty. Give each sequence an id of its own.")
    first = places.setdefault(key, row.line)
    if first != row.line:
        raise DataError(
            f"{path}, row {row.line}: {column!r} is {key!r}, as in row {first}. Take out one, or name a column of "
            "unique ids by --id-column."
        )
    return key


def _warn_of_rows_without(path: Path, without: Mapping[str, list[int]], total: int) -> None:
    for what, numbers in without.items():
        if numbers:
            more = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
            shown = ", ".join(map(str, numbers[:5])) + more
            log.warning(
                "%s: %d of %d rows have no %s and are left out: %s", path, len(numbers), total, what, shown
            )


def _column(path: Path, header: list[str], what: str, asked: str | None) -> str:
    """The column asked for, or the only one with a usual name."""
    wanted = _KNOWN[what] if asked is None else (_bare(asked),)
    found = [column for column in header if _bare(column) in wanted]
    if len(found) == 1:
        return found[0]
    if asked in found:
        return str(asked)
    shown = ", ".join(map(repr, header)) or "none"
    if found:
        problem = f"the columns {' and '.join(map(repr, found))} may both be the {what}"
    else:
        problem = f"no column {asked!r}" if asked else f"no column is called {what} or the like"
    raise DataError(f"{path}: {problem}. Name one by --{what}-column; the columns are {shown}.")


def _species_columns(path: Path, rows: Sequence[TableRow], asked: str | None) -> list[str]:
    """One column, several joined, or genus and epithet where the column of species holds epithets alone."""
    header = list(rows[0])
    if asked is not None:
        return [_column(path, header, "species", part.strip()) for part in asked.split(",")]
    species = _column(path, header, "species", None)
    genus = [column for column in header if _bare(column) == "genus"]
    single = all(len(row[species].split()) < 2 for row in rows)
    return [*genus, species] if len(genus) == 1 and single else [species]


def _bare(column: str) -> str:
    """Case, blanks and punctuation do not tell columns apart."""
    return " ".join(re.sub(r"[\W_]+", " ", column.casefold()).split())
