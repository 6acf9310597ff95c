"""Species names: read from FASTA headers or a table, and matched between images and sequences."""

import csv
import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sgt_dna

from visgen_train.errors import DataError

_BINOMIAL = re.compile(
    r"^([A-Z][a-zA-Z-]+) (?!(?:spp?|cf|aff|nr)\b)([a-z][\w.-]+)"
)  # not an open name: `Culex sp.`


def normalise(name: str) -> str:
    """One spelling for a name: Unicode NFC, underscores as blanks, single blanks.

    >>> normalise(" Aedes_aegypti ")
    'Aedes aegypti'
    """
    return " ".join(unicodedata.normalize("NFC", name).replace("_", " ").split())


def species_of_header(description: str) -> str | None:
    """The species a FASTA header names, or None.

    Understands `ACCESSION Genus species ...`, `Genus_species_7`, and fields between bars, `id|Genus_species|...`, of
    which the first that begins with a binomial counts.

    >>> species_of_header("MK499771 Candeina nitida isolate 7")
    'Candeina nitida'
    >>> species_of_header("GBDP16934-15|Aedes_aegypti|COI-5P|KP843385")
    'Aedes aegypti'
    """
    first, *rest = description.split() or [""]
    fields = description.split("|") if "|" in description else [" ".join(rest), first]
    for field in fields:
        found = _BINOMIAL.match(normalise(field))
        if found:
            return f"{found[1]} {found[2]}"
    return None


def sequence_labels(
    records: Sequence[sgt_dna.Record],
    source: Path | str,
    labels: Path | Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Species of every record, from `labels` or from the headers.

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
        Record id -> normalised species name, in the order of the file.

    Raises
    ------
    DataError
        A record without a species, or a bad table.
    """
    if labels is not None:
        if isinstance(labels, Mapping):
            named_by, table = "sequence_labels", {key: normalise(name) for key, name in labels.items()}
        else:
            named_by, table = str(labels), _label_table(labels)
        missing = [record.id for record in records if not table.get(record.id)]
        if missing:
            raise DataError(
                f"{named_by}: no species for {_some(missing)} of {source}. Add rows `id,species`."
            )
        return {record.id: table[record.id] for record in records}
    named = {record.id: species_of_header(record.description) for record in records}
    nameless = [record for record in records if named[record.id] is None]
    if nameless:
        first = nameless[0]
        place = f"record {first.id}" if first.line is None else f"line {first.line}"
        raise DataError(
            f"{source}, {place}: the header {first.description!r} names no species "
            f"({len(nameless)} of {len(records)} records). Write headers as `>ID Genus species` or "
            "`>ID|Genus_species|...`, or give a table with columns id and species by --labels."
        )
    return {key: name for key, name in named.items() if name is not None}


def read_table(path: Path, required: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a CSV with a header line, after a check that the required columns are there and every row is whole."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [row for row in reader if any(row.values())]
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV table in UTF-8 ({error}).") from error
    columns = [column for column in reader.fieldnames or [] if column]
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


def _label_table(path: Path) -> dict[str, str]:
    table: dict[str, str] = {}
    for number, row in enumerate(read_table(path, ("id", "species")), start=2):
        key, species = row["id"].strip(), normalise(row["species"])
        if not species:
            raise DataError(f"{path}: row {number} ({key}) has an empty species.")
        if table.setdefault(key, species) != species:
            raise DataError(f"{path}: row {number} calls {key} {species!r}, an earlier row {table[key]!r}.")
    return table


@dataclass(frozen=True)
class Match:
    """Species on both sides, and those on one side only with their counts."""

    species: tuple[str, ...]
    images_only: Mapping[str, int]
    sequences_only: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether every species has both images and sequences."""
        return not self.images_only and not self.sequences_only

    def table(self, pictured: bool = True) -> str:
        """The species without a partner, a line each, with near names of the other side.

        Parameters
        ----------
        pictured : bool
            Those with images alone, too.
        """
        rows = [("species", "images", "sequences", "perhaps meant")]
        for name, count in self.images_only.items() if pictured else ():
            rows.append((name, str(count), "-", self._near(name, self.sequences_only)))
        for name, count in self.sequences_only.items():
            rows.append((name, "-", str(count), self._near(name, self.images_only)))
        width = max(len(row[0]) for row in rows)
        return "\n".join(f"  {a:<{width}}  {b:>6}  {c:>9}  {d}".rstrip() for a, b, c, d in rows)

    def _near(self, name: str, others: Mapping[str, int]) -> str:
        folded = {other.casefold(): other for other in [*others, *self.species]}
        return folded.get("".join(difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.85)), "")


def match(images: Iterable[str], sequences: Iterable[str]) -> Match:
    """Match the species of images with those of sequences, by equal (normalised) names alone.

    Parameters
    ----------
    images, sequences : iterable of str
        The species of every image, and of every sequence.
    """
    pictured, sequenced = Counter(images), Counter(sequences)
    return Match(
        species=tuple(sorted(pictured.keys() & sequenced.keys())),
        images_only={name: pictured[name] for name in sorted(pictured.keys() - sequenced.keys())},
        sequences_only={name: sequenced[name] for name in sorted(sequenced.keys() - pictured.keys())},
    )


def _some(names: list[str]) -> str:
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more records" if rest > 0 else "")
