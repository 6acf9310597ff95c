"""What the user names, read and checked before any training: images, labelled sequences, split."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import sgt_dna

from visgen_train.config import Config
from visgen_train.data import synonyms
from visgen_train.data.image_table import read_items, root_of
from visgen_train.data.images import Policy
from visgen_train.data.manifest import Item
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.data.skipping import readable, unreadable
from visgen_train.data.split_files import with_split
from visgen_train.errors import UsageError
from visgen_train.experiment.labelled import Labelled, match_labels
from visgen_train.io.progress import Track, silent

DATA_VERSION = 1  # of data.json


@dataclass(frozen=True)
class Inputs:
    """What the user names on the command line.

    Attributes
    ----------
    images : Path
        Folder with one sub-folder a species, or CSV with the columns file and species.
    sequences : Path
        FASTA, GenBank or EMBL, plain or compressed; or a table, .csv or .tsv.
    labels : Path, optional
        CSV with columns id and species, where the sequences themselves name none.
    metadata : Path, optional
        CSV with a column file, and the columns for `group` and the split, where `images` is a folder.
    group : str, optional
        Column of `metadata`, or of the CSV, whose equal values stay on one side of the split.
    matched_only : bool
        Go on with the species that have both images and sequences.
    split : Path, optional
        A run's split.csv, or a CSV with the columns file and split; its split is taken as it stands.
    skip_bad : bool
        Leave out images that cannot be read.
    synonyms : Path, optional
        CSV with columns synonym and accepted, over the shipped table.
    columns : Columns, optional
        Of a table of sequences.
    store : Path, optional
        Folder that keeps the decoded pictures.
    """

    images: Path
    sequences: Path
    labels: Path | None = None
    metadata: Path | None = None
    group: str | None = None
    matched_only: bool = False
    synonyms: Path | None = None
    columns: Columns | None = None
    split: Path | None = None
    skip_bad: bool = False
    store: Path | None = None


def read_labels(inputs: Inputs, config: Config, track: Track = silent) -> Labelled:
    """Scan the images, read the sequences, match their species and build the anchors.

    With `inputs.skip_bad` every picture is decoded here, so that what is counted and matched can be read.

    Raises
    ------
    DataError, UsageError, sgt_dna.SgtError
        Each names the file, record or species and the way out.
    """
    items = read_items(inputs.images, inputs.metadata, inputs.group, inputs.split is not None)
    bad: dict[str, str] = {}
    if inputs.skip_bad:
        bad = unreadable(root_of(inputs.images), items, Policy.of(config.data), track)
    return label_items(
        inputs, config, items, bad, *read_sequences(inputs.sequences, inputs.labels, inputs.columns)
    )


def label_items(
    inputs: Inputs,
    config: Config,
    items: list[Item],
    bad: dict[str, str],
    records: list[sgt_dna.Record],
    labels: Mapping[str, str],
) -> Labelled:
    """What `read_labels` makes of what it has read: the second half of it, without any reading of pictures.

    Parameters
    ----------
    bad : dict
        Pictures to leave out: file -> what is wrong with it.
    labels : mapping
        Record id -> species.
    """
    kept, sources = readable(root_of(inputs.images), items, bad), (inputs.images, inputs.sequences)
    labelled = match_labels(kept, records, labels, sources, inputs.matched_only, config, inputs.synonyms)
    labelled = replace(labelled, skipped=bad)
    if inputs.split is None:
        return labelled
    read_as = synonyms.in_force(synonyms.load(inputs.synonyms), labelled.readings)
    known = {item.file for item in items}
    return replace(labelled, items=with_split(labelled.items, known, inputs.split, read_as))


def check_kept(inputs: Inputs, out: Path) -> None:
    """Raise UsageError where the split to be read lies in the folder whose files a run replaces."""
    if inputs.split is not None and inputs.split.resolve().is_relative_to(out.resolve()):
        raise UsageError(
            f"{inputs.split} is in {out}, whose files are replaced. Choose another --out, or copy the split elsewhere."
        )
