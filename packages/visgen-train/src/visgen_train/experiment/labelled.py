"""Images and sequences brought under common species names: matched, refused where they do not meet, with anchors."""

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import sgt_dna

from visgen_train.config import AlignConfig, Config
from visgen_train.data import synonyms
from visgen_train.data.manifest import Item
from visgen_train.data.matching import Match, match
from visgen_train.data.species import is_open
from visgen_train.errors import DataError
from visgen_train.experiment.relatives import Sequences
from visgen_train.genetics.anchors import species_anchors

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Labelled:
    """Images and sequences under common species names; nothing is decoded yet.

    Attributes
    ----------
    items : list of Item
        The images of all `species`.
    match : Match
    trained_only : tuple of str
        Species without sequences that are trained on all the same (`data.species` "all"), never scored.
    sequence_counts : dict
        Species -> number of sequences.
    anchors : numpy.ndarray
        (scored species, 16 ** k), rows as `match.species`.
    sequences : Sequences
        All of them, those of species without images too.
    skipped : dict
        Images that were left out since they cannot be read: file -> what is wrong with it.
    readings : tuple of synonyms.Reading
        Names that were read as others.
    """

    items: list[Item]
    match: Match
    trained_only: tuple[str, ...]
    sequence_counts: dict[str, int]
    anchors: np.ndarray
    sequences: Sequences
    skipped: dict[str, str] = field(default_factory=dict)
    readings: tuple[synonyms.Reading, ...] = ()

    @property
    def species(self) -> tuple[str, ...]:
        """Class names, those with sequences first; a class number is a position here."""
        return (*self.match.species, *self.trained_only)

    @property
    def scored(self) -> int:
        """Number of species with sequences; the classes from here on are trained only."""
        return len(self.match.species)

    @cached_property
    def distances(self) -> np.ndarray | None:
        """(scored, scored) genetic distances, rows as `match.species`; None where they cannot be had."""
        return self.sequences.among(self.match.species)

    @property
    def classes(self) -> np.ndarray:
        """(n,) int64 class number of each image."""
        number = {name: position for position, name in enumerate(self.species)}
        return np.array([number[item.species] for item in self.items], np.int64)


def match_labels(
    items: Sequence[Item],
    records: list[sgt_dna.Record],
    labels: Mapping[str, str],
    sources: tuple[Path | str, Path | str],
    matched_only: bool,
    config: Config,
    table: Path | None = None,
) -> Labelled:
    """Match the species of items and sequences, read under their accepted names, and build the anchors.

    Parameters
    ----------
    labels : mapping
        Record id -> species.
    sources : (path or str, path or str)
        Where items and sequences come from, for messages.
    matched_only : bool
        Go on with the species that have both.
    table : Path, optional
        Synonyms over the shipped ones.
    """
    rows = synonyms.load(table)
    items, labels, readings = as_accepted(items, labels, rows)
    for reading in readings:
        log.warning("%s", reading)
    found = match((item.species for item in items), labels.values())
    take_all = config.data.species == "all"
    require_match(found, sources, matched_only, take_all, synonyms.settled(rows))
    _warn_of_open_names(found.species)
    trained_only = tuple(found.images_only) if take_all else ()
    labelled = label(items, found, trained_only, records, labels, sources[1], config.align)
    return replace(labelled, readings=tuple(readings))


def as_accepted(
    items: Sequence[Item], labels: Mapping[str, str], table: Mapping[str, synonyms.Row]
) -> tuple[list[Item], dict[str, str], list[synonyms.Reading]]:
    """Items and labels under the accepted names of their species, and what was read as what."""
    readings = synonyms.readings((item.species for item in items), labels.values(), table)
    read_as = {reading.name: reading.accepted for reading in readings}
    items = [replace(item, species=read_as.get(item.species, item.species)) for item in items]
    return items, {key: read_as.get(name, name) for key, name in labels.items()}, readings


def label(
    items: Sequence[Item],
    match: Match,
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
        Sequences(records, labels),
    )


def _warn_of_open_names(species: Sequence[str]) -> None:
    found = [name for name in species if is_open(name)]
    if found:
        log.warning(
            "open names do not say that images and sequences are of one species, make sure that they are: %s",
            ", ".join(found),
        )


def require_match(
    match: Match,
    sources: tuple[Path | str, Path | str],
    matched_only: bool,
    take_all: bool,
    settled: Collection[str],
) -> None:
    """Refuse species that stand on one side only, unless asked to go on without them; of `sources`, for messages."""
    images, sequences = sources
    left_out = match.sequences_only if take_all else not match.complete
    if left_out and not matched_only:
        raise DataError(
            f"Some species of {images} and {sequences} stand on one side only:\n{match.table(settled=settled)}\n"
            "Make the names agree (rename them, or give --synonyms CSV), or pass --matched-only (in Python "
            "matched_only=True) to go on "
            "with "
            + ("those that have images." if take_all else f"the {len(match.species)} species that have both.")
        )
    if len(match.species) < 2:
        raise DataError(
            f"{len(match.species)} species of {images} and {sequences} have both images and sequences; "
            f"a classifier needs two.\n{match.table(settled=settled)}"
        )
    if left_out:
        log.warning("left out, since they stand on one side only:\n%s", match.table(not take_all, settled))
