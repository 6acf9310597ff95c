"""The collection as far as it can be read: what stops a reader becomes a finding, the rest is checked all the same."""

import contextlib
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sgt_dna

from visgen_train.audit.findings import Finding, Kind
from visgen_train.data.image_table import read_items
from visgen_train.data.manifest import LOOSE_WAY_OUT, Item, loose, scan
from visgen_train.data.metadata import REFUSED, SPARE, read_metadata
from visgen_train.data.sequences import read_sequences
from visgen_train.data.synonyms import Reading, Row, in_force, load, settled
from visgen_train.errors import DataError, VisgenError
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.labelled import as_accepted
from visgen_train.io.images import SUFFIXES
from visgen_train.io.places import is_file

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
OTHER_PICTURES = Kind(
    "unread-format",
    "warning",
    "pictures in formats that are not read are passed over",
    f"Save them as one of {', '.join(sorted(SUFFIXES))}: as they are, no run sees them.",
)
_OTHER_FORMATS = re.compile(
    r"\.(gif|hei[cf]|avif|jp2|jpe|jfif|dng|cr[23]|nef|arw|orf|raf|rw2|psd|svg|czi|nd2|lif)", re.IGNORECASE
)
LOOSE = Kind(
    "outside-folders",
    "warning",
    "pictures lie beside the folders of species and are passed over",
    LOOSE_WAY_OUT,
)
UNUSABLE_NAMES = Kind(
    "unusable-synonyms", "error", "the table of synonyms cannot be used", "The sentence says what to do."
)
SAID = Kind(
    "said-in-reading", "note", "what `visgen run` says of the files", "See that this is as it should be."
)
_TITLES = {
    "outside-path": "paths in the table are absolute or lead out of the folders",
    "repeated-row": "files have several rows in the table",
    "image-without-row": "images have no row in the table",
    "bad-cell": "cells of the table cannot be used",
}
ROWS = {name: Kind(name, "error", title, REFUSED[name]) for name, title in _TITLES.items()} | {
    SPARE: Kind(
        SPARE,
        "warning",
        "rows name files that are not among the images",
        "Correct the path, bring the file, or remove the row.",
    )
}
"""What is wrong with rows of the table of metadata."""


@dataclass(frozen=True)
class Collection:
    """What could be read.

    Attributes
    ----------
    read : list of Item
        Under the names that were found.
    read_labels : dict
        Record id -> species as it was found.
    items : list of Item
    labels : dict
        The same under accepted names.
    records : list of sgt_dna.Record
    readings : list of Reading
        Names that are read as others.
    table : mapping
        The synonyms.
    findings : list of Finding
        What could not be read.
    """

    read: list[Item]
    read_labels: dict[str, str]
    items: list[Item]
    labels: dict[str, str]
    records: list[sgt_dna.Record]
    readings: list[Reading]
    table: Mapping[str, Row]
    findings: list[Finding]

    @property
    def settled(self) -> frozenset[str]:
        """Names of which the user says that they are no other's."""
        return settled(self.table)

    @property
    def read_as(self) -> dict[str, str]:
        """Each name that is read as another."""
        return in_force(self.table, self.readings)

    @property
    def complete(self) -> bool:
        """Whether both sides could be read, so that their species can be compared."""
        return bool(self.items) and bool(self.records)

    @property
    def sound(self) -> bool:
        """Whether all could be read."""
        return not any(finding.kind.severity == "error" for finding in self.findings)


def read_collection(inputs: Inputs) -> Collection:
    """Read what the user names, by the readers of a run; nothing is decoded yet."""
    with _overheard() as said:
        items, found = _items(inputs)
        records, labels, faults = _sequences(inputs)
    found += [*faults, *(Finding(SAID, (), text) for text in said)]
    try:
        table = load(inputs.synonyms)
    except DataError as error:
        found.append(Finding(UNUSABLE_NAMES, (str(inputs.synonyms),), str(error)))
        table = load()
    accepted, named, readings = as_accepted(items, labels, table)
    return Collection(items, labels, accepted, named, records, readings, table, found)


@contextlib.contextmanager
def _overheard() -> Iterator[list[str]]:
    """The warnings of those who read tables and sequences; of folders `_folders` says more."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno >= logging.WARNING and record.name != scan.__module__:
                said.append(record.getMessage())

    logger, listener = logging.getLogger("visgen_train"), Listener()
    logger.addHandler(listener)
    try:
        yield said
    finally:
        logger.removeHandler(listener)


def _items(inputs: Inputs) -> tuple[list[Item], list[Finding]]:
    images, metadata, group = inputs.images, inputs.metadata, inputs.group
    listed = metadata is None or is_file(images)
    try:
        items = read_items(images, metadata, group, inputs.split is not None) if listed else scan(images)
    except DataError as error:
        return [], [Finding(UNUSABLE_IMAGES, (str(images),), str(error))]
    found = _folders(images, items) if images.is_dir() else []
    if listed or metadata is None:
        return items, found
    try:
        items, faults = read_metadata(items, images, metadata, group)
    except DataError as error:
        return items, [*found, Finding(UNUSABLE_TABLE, (str(metadata),), str(error))]
    return items, [*found, *(Finding(ROWS[one.kind], (one.file,), one.message) for one in faults)]


def _sequences(inputs: Inputs) -> tuple[list[sgt_dna.Record], dict[str, str], list[Finding]]:
    try:
        return *read_sequences(inputs.sequences, inputs.labels, inputs.columns), []
    except (VisgenError, sgt_dna.SgtError) as error:
        return [], {}, [Finding(UNUSABLE_SEQUENCES, (str(inputs.sequences),), str(error))]


def _folders(images: Path, items: list[Item]) -> list[Finding]:
    listed = {item.file for item in items}
    found = [Finding(LOOSE, (name,), name) for name in loose(images)]
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
            pictures = any(map(_OTHER_FORMATS.fullmatch, endings))
            kind = OTHER_PICTURES if pictures else PASSED_OVER
            found.append(Finding(kind, about, f"{folder.name}: {text}"))
    return found


def _hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)
