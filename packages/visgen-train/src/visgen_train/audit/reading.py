"""The collection as far as it can be read: what stops a reader becomes a finding, the rest is checked all the same."""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import sgt_dna

from visgen_train.audit import tables
from visgen_train.audit.findings import Finding, Kind
from visgen_train.data.image_table import read_items
from visgen_train.data.manifest import Item, scan
from visgen_train.data.sequences import read_sequences
from visgen_train.data.split_files import with_split
from visgen_train.data.synonyms import Reading, in_force, load, readings
from visgen_train.errors import DataError, VisgenError
from visgen_train.experiment.inputs import Inputs
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


UNUSABLE_NAMES = Kind(
    "unusable-synonyms", "error", "the table of synonyms cannot be used", "The sentence says what to do."
)
SAID = Kind(
    "said-in-reading", "note", "what `visgen run` says of the files", "See that this is as it should be."
)


@dataclass(frozen=True)
class Collection:
    """What could be read.

    Attributes
    ----------
    items : list of Item
        Under the names their species are known by, as are the records.
    records : list of sgt_dna.Record
    labels : dict
        Record id -> species.
    readings : list of Reading
        Names that are read as others.
    findings : list of Finding
        What could not be read.
    complete : bool
        Both sides could be read, so that their species can be compared.
    """

    items: list[Item]
    records: list[sgt_dna.Record]
    labels: dict[str, str]
    readings: list[Reading]
    findings: list[Finding]
    complete: bool


def read_collection(inputs: Inputs) -> Collection:
    """Read what the user names; nothing is decoded yet."""
    with _overheard() as said:
        items, found = _items(inputs)
        records, labels, faults = _sequences(inputs)
    found += [*faults, *(Finding(SAID, (), text) for text in said)]
    try:
        table = load(inputs.synonyms)
    except DataError as error:
        table = load()
        found.append(Finding(UNUSABLE_NAMES, (str(inputs.synonyms),), str(error)))
    names = [item.species for item in items]
    read = readings(names, labels.values(), table)
    now = {one.name: one.accepted for one in read}
    items = [replace(item, species=now.get(item.species, item.species)) for item in items]
    labels = {key: now.get(name, name) for key, name in labels.items()}
    items, faults = _split(inputs, items, in_force(table, read))
    found += [*faults, *tables.group_findings(items)]
    return Collection(items, records, labels, read, found, bool(items) and bool(records))


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
    listed = inputs.metadata is None or is_file(inputs.images)
    try:
        items = read_items(inputs.images, inputs.metadata, inputs.group) if listed else scan(inputs.images)
    except DataError as error:
        return [], [Finding(UNUSABLE_IMAGES, (str(inputs.images),), str(error))]
    found = _folders(inputs.images, items) if inputs.images.is_dir() else []
    if not listed and inputs.metadata is not None:
        items, faults = _described(items, inputs.images, inputs.metadata, inputs.group)
        found += faults
    return items, found


def _split(inputs: Inputs, items: list[Item], read_as: dict[str, str]) -> tuple[list[Item], list[Finding]]:
    if inputs.split is None or not items:
        return items, []
    try:
        with _overheard() as said:
            items = with_split(items, {item.file for item in items}, inputs.split, read_as)
    except DataError as error:
        return items, [Finding(UNUSABLE_TABLE, (str(inputs.split),), str(error))]
    return items, [Finding(SAID, (), text) for text in said]


def _described(
    items: list[Item], images: Path, metadata: Path, group: str | None
) -> tuple[list[Item], list[Finding]]:
    try:
        return tables.described(items, images, metadata, group)
    except DataError as error:
        return items, [Finding(UNUSABLE_TABLE, (str(metadata),), str(error))]


def _sequences(inputs: Inputs) -> tuple[list[sgt_dna.Record], dict[str, str], list[Finding]]:
    try:
        return *read_sequences(inputs.sequences, inputs.labels, inputs.columns), []
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
