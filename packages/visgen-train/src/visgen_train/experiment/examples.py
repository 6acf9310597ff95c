"""The examples of a run, pictures or features, with their split; and what there is to test."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sgt_dna

from visgen_train.config import Config, EvaluateConfig
from visgen_train.data.features import FeatureTable, row_digests, split_features
from visgen_train.data.image_rows import GROUP
from visgen_train.data.image_table import root_of
from visgen_train.data.images import ImageStore, Policy, Rows, decode_all
from visgen_train.data.manifest import SPLITS, Item
from visgen_train.data.split_files import check_content
from visgen_train.data.splits import counts, spanning, split, untested
from visgen_train.data.store import open_store
from visgen_train.errors import DataError
from visgen_train.evaluation.metrics import Tested, genera, masks
from visgen_train.experiment.inputs import DATA_VERSION, Inputs
from visgen_train.experiment.labelled import Labelled
from visgen_train.io.progress import Track, silent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Examples:
    """What a network is trained and tested on.

    Attributes
    ----------
    content : Rows
        (n, 3, size, size) uint8 pictures, or (n, d) float32 features.
    sha256 : tuple of str
        Of each picture's file, or of each feature's bytes.
    sides : list of str
        "train", "validation" or "test" for each.
    """

    content: Rows
    sha256: tuple[str, ...]
    sides: list[str]

    def rows(self, side: str) -> np.ndarray:
        """Positions of the examples on one side of the split."""
        return np.flatnonzero(np.array(self.sides) == side)


def read_pictures(
    labelled: Labelled, inputs: Inputs, config: Config, scratch: Path, track: Track = silent
) -> Examples:
    """Decode all images and split them; the same picture twice always stays on one side."""
    store = pixels_of(labelled, inputs, config, scratch, track)
    return Examples(store.pixels, store.sha256, split_pictures(labelled, store.sha256, inputs, config))


def split_pictures(labelled: Labelled, sha256: Sequence[str], inputs: Inputs, config: Config) -> list[str]:
    """The side of each picture, checked: "train", "validation" or "test".

    Parameters
    ----------
    sha256 : sequence of str
        Of each labelled item's file.

    Raises
    ------
    DataError
        As `check_content` and `split`; of a given split it is said where it comes from.
    """
    if inputs.split is not None:
        check_content(labelled.items, sha256, inputs.split)
    _warn_of_duplicates(labelled.items, sha256)
    try:
        sides = split(labelled.items, sha256, *_fractions(config), _generator(config), labelled.trained_only)
    except DataError as error:
        if labelled.items[0].split is not None:
            error.add_note(f"The split is that of {inputs.split or inputs.metadata or inputs.images}.")
        raise
    _warn_of_the_split(labelled, sha256, sides)
    return sides


def pixels_of(
    labelled: Labelled, inputs: Inputs, config: Config, scratch: Path, track: Track = silent
) -> ImageStore:
    """The decoded pictures: from the store, where one is named, else decoded for this run into `scratch`."""
    files, policy = [item.file for item in labelled.items], Policy.of(config.data)
    if inputs.store is not None:
        return open_store(inputs.store, root_of(inputs.images), files, policy, track)
    return decode_all(root_of(inputs.images), files, policy, scratch, track)


def take_features(labelled: Labelled, table: FeatureTable, config: Config) -> Examples:
    """The features of the labelled items, split; equal features always stay on one side."""
    position = {item.file: row for row, item in enumerate(table.items)}
    vectors = table.vectors[[position[item.file] for item in labelled.items]]
    kept = FeatureTable(tuple(labelled.items), vectors)
    sides = split_features(kept, *_fractions(config), _generator(config), labelled.trained_only)
    digests = tuple(row_digests(vectors))
    _warn_of_the_split(labelled, digests, sides)
    return Examples(vectors, digests, sides)


def _fractions(config: Config) -> tuple[float, float]:
    return config.data.test_fraction, config.data.validation_fraction


def _generator(config: Config) -> np.random.Generator:
    return np.random.default_rng((config.seed, 2))


def side_counts(labelled: Labelled, examples: Examples) -> dict[str, dict[str, int]]:
    """Examples of each species on each side: {species: {"train": n, "validation": n, "test": n}}."""
    return counts([item.species for item in labelled.items], examples.sides)


def tested(labelled: Labelled, examples: Examples, config: EvaluateConfig) -> Tested:
    """The test examples of the scored species, what is resampled of them, and which species are rare.

    Species that are trained only are not scored, but an image of a scored one may be taken for one of them, which
    counts as an error.
    """
    table = side_counts(labelled, examples)
    counted = ("train",) if config.tail_count == "train" else SPLITS
    numbers = np.array([sum(table[name][side] for side in counted) for name in labelled.match.species])
    rows = scored_test_rows(labelled, examples)
    items = [labelled.items[row] for row in rows]
    return Tested(
        truth=labelled.classes[rows],
        units=np.array([item.group or item.file for item in items]),
        groups=masks(numbers, config.tail_below, config.head_above),
        genus=genera(labelled.species),
    )


def scored_test_rows(labelled: Labelled, examples: Examples) -> np.ndarray:
    """Positions of the test examples of species with sequences."""
    rows = examples.rows("test")
    scored: np.ndarray = rows[labelled.classes[rows] < labelled.scored]
    return scored


def _warn_of_duplicates(items: Sequence[Item], sha256: Sequence[str]) -> None:
    first: dict[str, Item] = {}
    for item, digest in zip(items, sha256, strict=True):
        other = first.setdefault(digest, item)
        if other is not item:
            kind = "" if other.species == item.species else ", under two species"
            log.warning("%s and %s are the same picture%s", other.file, item.file, kind)


def _warn_of_the_split(labelled: Labelled, digests: Sequence[str], sides: Sequence[str]) -> None:
    never = untested(labelled.items, digests, sides, labelled.trained_only)
    if never:
        reasons = ", ".join(f"{species} ({why})" for species, why in never.items())
        log.warning("%d species trained on and never tested: %s", len(never), reasons)
    mixed = spanning(labelled.items)
    for group, species in list(mixed.items())[:1]:
        log.warning(
            "%d groups hold images of several species, the first is %r (%s): so may a locality, but not a specimen",
            *(len(mixed), group, ", ".join(species)),
        )


def record(inputs: Inputs, labelled: Labelled, examples: Examples) -> dict[str, object]:
    """The content of data.json: every file with its hash, species and side, and what was left out."""
    table = side_counts(labelled, examples)
    return {
        "schema_version": DATA_VERSION,
        "images": str(root_of(inputs.images).resolve()),
        "image_table": str(inputs.images.resolve()) if inputs.images.is_file() else None,
        "sequences": {
            "file": str(inputs.sequences.resolve()),
            "labels": str(inputs.labels.resolve()) if inputs.labels else None,
            "columns": vars(inputs.columns) if inputs.columns else None,
            "sha256": labelled.sequences.sha256,
            "records_used": sum(labelled.sequence_counts.values()),
            "sgt_dna": sgt_dna.__version__,
        },
        "metadata": str(inputs.metadata.resolve()) if inputs.metadata else None,
        "group": inputs.group or (GROUP if any(item.group for item in labelled.items) else None),
        "split": str(inputs.split.resolve()) if inputs.split else None,
        "synonyms": str(inputs.synonyms.resolve()) if inputs.synonyms else None,
        "names_read_as": {
            reading.name: {key: value for key, value in vars(reading).items() if key != "name"}
            for reading in labelled.readings
        },
        "store": str(inputs.store.resolve()) if inputs.store else None,
        "species": {
            name: {**table[name], "sequences": labelled.sequence_counts[name]} for name in labelled.species
        },
        "images_without_sequences": {} if labelled.trained_only else dict(labelled.match.images_only),
        "sequences_without_images": dict(labelled.match.sequences_only),
        "skipped_images": labelled.skipped,
        "items": [
            {"file": item.file, "species": item.species, "group": item.group, "split": side, "sha256": digest}
            for item, side, digest in zip(labelled.items, examples.sides, examples.sha256, strict=True)
        ],
    }
