"""Everything a run starts from, checked before any training: images, labelled sequences, anchors, split."""

import hashlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sgt_dna

from visgen_train.config import AlignConfig, Config
from visgen_train.data import labels as names
from visgen_train.data import manifest
from visgen_train.errors import DataError, UsageError
from visgen_train.genetics.anchors import species_anchors

log = logging.getLogger(__name__)
DATA_VERSION = 1  # of data.json


@dataclass(frozen=True)
class Inputs:
    """What the user names on the command line.

    Attributes
    ----------
    images : Path
        Folder with one sub-folder a species.
    sequences : Path
        FASTA, GenBank or EMBL, plain or compressed.
    labels : Path, optional
        CSV with columns id and species, where the headers name none.
    metadata : Path, optional
        CSV with a column file, and the columns for `group` and the split.
    group : str, optional
        Column of `metadata` whose equal values stay on one side of the split.
    matched_only : bool
        Go on with the species that have both images and sequences.
    store : Path, optional
        Folder that keeps the decoded pictures.
    """

    images: Path
    sequences: Path
    labels: Path | None = None
    metadata: Path | None = None
    group: str | None = None
    matched_only: bool = False
    store: Path | None = None


@dataclass(frozen=True)
class Labelled:
    """Images and sequences under common species names; nothing is decoded yet.

    Attributes
    ----------
    items : list of Item
        The images of all `species`.
    match : names.Match
    trained_only : tuple of str
        Species without sequences that are trained on all the same (`data.species` "all"), never scored.
    sequence_counts : dict
        Species -> number of sequences.
    anchors : numpy.ndarray
        (scored species, 16 ** k), rows as `match.species`.
    sequences_sha256 : str
        Of all ids, species and sequences, in the order of the file.
    """

    items: list[manifest.Item]
    match: names.Match
    trained_only: tuple[str, ...]
    sequence_counts: dict[str, int]
    anchors: np.ndarray
    sequences_sha256: str

    @property
    def species(self) -> tuple[str, ...]:
        """Class names, those with sequences first; a class number is a position here."""
        return (*self.match.species, *self.trained_only)

    @property
    def scored(self) -> int:
        """Number of species with sequences; the classes from here on are trained only."""
        return len(self.match.species)

    @property
    def classes(self) -> np.ndarray:
        """(n,) int64 class number of each image."""
        number = {name: position for position, name in enumerate(self.species)}
        return np.array([number[item.species] for item in self.items], np.int64)


def read_labels(inputs: Inputs, config: Config) -> Labelled:
    """Scan the images, read the sequences, match their species and build the anchors.

    Raises
    ------
    DataError, sgt_dna.SgtError
        Each names the file, record or species and the way out.
    """
    if inputs.group is not None and inputs.metadata is None:
        raise UsageError(
            f"--group {inputs.group} names a column of a table; give the table by --metadata CSV."
        )
    items = manifest.scan(inputs.images)
    if inputs.metadata is not None:
        items = manifest.with_metadata(items, inputs.images, inputs.metadata, inputs.group)
    records, labels = read_sequences(inputs)
    return match_labels(
        items, records, labels, (inputs.images, inputs.sequences), inputs.matched_only, config
    )


def match_labels(
    items: Sequence[manifest.Item],
    records: list[sgt_dna.Record],
    labels: Mapping[str, str],
    sources: tuple[Path | str, Path | str],
    matched_only: bool,
    config: Config,
) -> Labelled:
    """Match the species of items and sequences, and build the anchors.

    Parameters
    ----------
    labels : mapping
        Record id -> species.
    sources : (path or str, path or str)
        Where items and sequences come from, for messages.
    matched_only : bool
        Go on with the species that have both.
    """
    match = names.match((item.species for item in items), labels.values())
    take_all = config.data.species == "all"
    _require(match, sources, matched_only, take_all)
    trained_only = tuple(match.images_only) if take_all else ()
    return label(items, match, trained_only, records, labels, sources[1], config.align)


def read_sequences(inputs: Inputs) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    """The records, and the species of each."""
    records = list(sgt_dna.read_records(inputs.sequences))
    return records, names.sequence_labels(records, inputs.sequences, inputs.labels)


def label(
    items: Sequence[manifest.Item],
    match: names.Match,
    trained_only: tuple[str, ...],
    records: list[sgt_dna.Record],
    labels: Mapping[str, str],
    source: Path | str,
    config: AlignConfig,
) -> Labelled:
    """Build the anchors, and put what is known together.

    Raises
    ------
    DataError
        No alignment is possible: a species without an anchor, or anchors that cannot be told apart.
    """
    if trained_only and config.epochs:
        raise DataError(
            f"{source}: no sequences of {', '.join(trained_only)}, so nothing to align them to. Train on all species "
            "without alignment (--set align.epochs=0), or on those with sequences (--set data.species=dna "
            "--matched-only)."
        )
    try:
        anchors = species_anchors(records, labels, match.species, config)
    except sgt_dna.SgtError as error:
        raise DataError(f"{source}: {error}") from error
    species, number = {*match.species, *trained_only}, Counter(labels.values())
    return Labelled(
        [item for item in items if item.species in species],
        match,
        trained_only,
        {name: number[name] for name in (*match.species, *trained_only)},
        anchors,
        _digest(records, labels),
    )


def _digest(records: list[sgt_dna.Record], labels: Mapping[str, str]) -> str:
    lines = (f">{record.id} {labels[record.id]}\n{record.sequence}\n" for record in records)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _require(
    match: names.Match, sources: tuple[Path | str, Path | str], matched_only: bool, take_all: bool
) -> None:
    images, sequences = sources
    left_out = match.sequences_only if take_all else not match.complete
    if left_out and not matched_only:
        raise DataError(
            f"Some species of {images} and {sequences} stand on one side only:\n{match.table()}\n"
            "Make the names agree (folders and headers), or pass --matched-only (in Python matched_only=True) to go on "
            "with "
            + ("those that have images." if take_all else f"the {len(match.species)} species that have both.")
        )
    if len(match.species) < 2:
        raise DataError(
            f"{len(match.species)} species of {images} and {sequences} have both images and sequences; "
            f"a classifier needs two.\n{match.table()}"
        )
    if left_out:
        log.warning("left out, since they stand on one side only:\n%s", match.table(pictured=not take_all))
