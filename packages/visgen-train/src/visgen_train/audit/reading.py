"""The collection as far as it can be read: what stops a reader becomes a finding, the rest is checked all the same."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sgt_dna

from visgen_train.audit import tables
from visgen_train.audit.findings import Finding, Kind
from visgen_train.data.image_table import read_items
from visgen_train.data.labels import sequence_labels
from visgen_train.data.manifest import Item, scan
from visgen_train.data.split_files import with_split
from visgen_train.errors import DataError, VisgenError
from visgen_train.experiment.inputs import Inputs
from visgen_train.io.images import SUFFIXES

UNUSABLE_IMAGES = Kind(
    "unusable-images", "error", "the images cannot be listed", "The sentence says what to do."
)
UNUSABLE_SEQUENCES = Kind(
    "unusable-sequences", "error", "the sequences cannot be read", "The sentence says what to do."
)
UNUSABLE_TABLE = Kind(
    "unusable-table",
    "error",
    "the table of metadata, or of the split, cannot be used",
    "The sentence says what to do.",
)
EMPTY = Kind(
    "empty-folder",
    "warning",
    "folders of species hold no pictures",
    "Bring the pictures, or remove the folder: without pictures there is no such species.",
)
PASSED_OVER = Kind(
    "passed-over",
    "note",
    "files among the images are passed over",
    f"If they are pictures, save them as one of {', '.join(sorted(SUFFIXES))}.",
)


@dataclass(frozen=True)
class Collection:
    """What could be read.

    Attributes
    ----------
    items : list of Item
    records : list of sgt_dna.Record
        Those whose species is known.
    labels : dict
        Record id -> species.
    findings : list of Finding
        What could not.
    complete : bool
        Both sides could be read, so that their species can be compared.
    """

    items: list[Item]
    records: list[sgt_dna.Record]
    labels: dict[str, str]
    findings: list[Finding]
    complete: bool


def read_collection(inputs: Inputs) -> Collection:
    """Read what the user names; nothing is decoded yet."""
    items, found = _items(inputs)
    records, labels, troubles = _sequences(inputs)
    return Collection(items, records, labels, [*found, *troubles], bool(items) and bool(records))


def _items(inputs: Inputs) -> tuple[list[Item], list[Finding]]:
    listed = inputs.metadata is None or inputs.images.is_file()
    try:
        items = read_items(inputs.images, inputs.metadata, inputs.group) if listed else scan(inputs.images)
    except DataError as error:
        return [], [Finding(UNUSABLE_IMAGES, (str(inputs.images),), str(error))]
    found = _folders(inputs.images, items) if inputs.images.is_dir() else []
    if not listed and inputs.metadata is not None:
        items, faults = _described(items, inputs.images, inputs.metadata, inputs.group)
        found += faults
    if inputs.split is not None:
        try:
            items = with_split(items, {item.file for item in items}, inputs.split)
        except DataError as error:
            found.append(Finding(UNUSABLE_TABLE, (str(inputs.split),), str(error)))
    return items, [*found, *tables.group_findings(items)]


def _described(
    items: list[Item], images: Path, metadata: Path, group: str | None
) -> tuple[list[Item], list[Finding]]:
    try:
        return tables.described(items, images, metadata, group)
    except DataError as error:
        return items, [Finding(UNUSABLE_TABLE, (str(metadata),), str(error))]


def _sequences(inputs: Inputs) -> tuple[list[sgt_dna.Record], dict[str, str], list[Finding]]:
    try:
        records = list(sgt_dna.read_records(inputs.sequences))
        return records, sequence_labels(records, inputs.sequences, inputs.labels), []
    except (VisgenError, sgt_dna.SgtError) as error:
        return [], {}, [Finding(UNUSABLE_SEQUENCES, (str(inputs.sequences),), str(error))]


def _folders(images: Path, items: list[Item]) -> list[Finding]:
    listed = {item.file for item in items}
    found = []
    for folder in sorted(path for path in images.iterdir() if path.is_dir() and path.name[0] != "."):
        files = [path for path in folder.rglob("*") if path.is_file()]
        names = [path.relative_to(images) for path in files]
        others = [name for name in names if name.as_posix() not in listed and not _hidden(name)]
        if len(others) == len(files):
            found.append(Finding(EMPTY, (folder.name,), folder.name))
        if others:
            endings = Counter(name.suffix or "without ending" for name in others)
            text = ", ".join(f"{number} {ending}" for ending, number in sorted(endings.items()))
            about = tuple(name.as_posix() for name in others)
            found.append(Finding(PASSED_OVER, about, f"{folder.name}: {text}"))
    return found


def _hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)
