"""Samples from a run folder, or from features of any model; of both the training images alone."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.config import Config
from visgen_train.data.features import FeatureTable
from visgen_train.data.manifest import Item
from visgen_train.data.matching import match
from visgen_train.data.synonyms import in_force, load, settled
from visgen_train.data.trees import read_tree
from visgen_train.data.views import ImageViews
from visgen_train.errors import DataError
from visgen_train.evaluation.embed import backbone_features
from visgen_train.experiment.again import (
    Moved,
    check_changes,
    check_network,
    read_again,
    recorded_of,
    sequences_again,
)
from visgen_train.experiment.labelled import as_accepted, require_match
from visgen_train.experiment.signal.sample import Sample
from visgen_train.experiment.start import embedded
from visgen_train.genetics.distances import SpeciesDistances, species_distances
from visgen_train.io.progress import Track, silent
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.checkpoint import load_network
from visgen_train.training.rundir import VISUAL, RunFolder
from visgen_train.training.seeding import choose_device, choose_precision


@dataclasses.dataclass(frozen=True)
class Apart:
    """How far apart species are: a method of `genetics.distances`, and the tree that `patristic` takes."""

    method: str = "kmer"
    tree: Tree | None = None

    @classmethod
    def along(cls, tree: Path, synonyms: Path | None = None, run: Path | None = None) -> "Apart":
        """Along the tree of a file, its tips under the names that features and sequences, or a run, have.

        Parameters
        ----------
        synonyms : Path, optional
            Over the shipped table.
        run : Path, optional
            Folder of a run: names that it has read as others are read so in the tree.
        """
        accepted = in_force(load(synonyms), ())
        if run is not None:
            accepted |= recorded_of(run / "data.json").read_as
        return cls("patristic", read_tree(tree, accepted))


def of_features(
    table: FeatureTable,
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    apart: Apart,
    sources: tuple[Path | str, Path | str] = ("features", "sequences"),
    *,
    matched_only: bool = False,
    synonyms: Path | None = None,
) -> Sample:
    """The training images of a table, all images where it has no split.

    Parameters
    ----------
    records, labels
        The sequences, and the species of each by its id.
    sources : (path or str, path or str)
        Where features and sequences come from, for messages.
    matched_only : bool
        Go on with the species that have both features and sequences.
    synonyms : Path, optional
        CSV with columns synonym and accepted, over the shipped table.

    Raises
    ------
    DataError
        No training images, species on one side only, or what `Sample` and `species_distances` refuse.
    """
    split = any(item.split for item in table.items)
    rows = [row for row, item in enumerate(table.items) if not split or item.split == "train"]
    if not rows:
        raise DataError(f"{sources[0]}: its splits name no training image, and no others are looked at here.")
    names = load(synonyms)
    items, labels, _ = as_accepted([table.items[row] for row in rows], labels, names)
    found = match((item.species for item in items), labels.values())
    require_match(found, sources, matched_only, take_all=False, settled=settled(names))
    kept = [row for row, item in enumerate(items) if item.species in set(found.species)]
    distances = _distances(found.species, records, labels, apart)
    vectors = table.vectors[np.array(rows)[kept]]
    return sample_of(vectors, [items[row] for row in kept], distances, str(sources[0]))


def of_run(
    run: Path, config: Config, apart: Apart, moved: Moved | None = None, track: Track = silent
) -> Sample:
    """The training images of a run in the embedding of its stage 1; no other image is opened.

    Parameters
    ----------
    run : Path
        Folder of a run that has been trained, aligned or not. Nothing in it is changed.
    config : Config
        As its config.yaml has it; device may differ.
    moved : Moved, optional
        Inputs that are no longer where they were.

    Raises
    ------
    UsageError
        There is no trained run in the folder.
    DataError
        An input has changed, or what `Sample` and `species_distances` refuse.
    """
    RunFolder.trained(run)
    check_changes(run, config, ("align", "evaluate", "device"))
    device = choose_device(config.device)
    labelled, examples = read_again(run, config, moved, track, side="train")
    check_network(run, labelled, config)
    distances = _distances(labelled.match.species, *sequences_again(run, moved), apart)
    bare = dataclasses.replace(config.model, weights="none")
    network = EmbeddingNetwork(bare, len(labelled.species), config.data.image_size).to(device)
    network.precision = choose_precision(config.precision, device)
    load_network(run / VISUAL, network)
    rows = np.flatnonzero(labelled.classes < labelled.scored)
    view = ImageViews(examples.content, config.train, config.seed, device).plain
    vectors = embedded(network.head, backbone_features(network, rows, view, track)).vectors
    items = [labelled.items[row] for row in rows]
    trained = bool(config.train.epochs or config.balance.epochs)
    return sample_of(vectors, items, distances, str(run), knows=trained)


def _distances(
    species: Sequence[str], records: Sequence[sgt_dna.Record], labels: Mapping[str, str], apart: Apart
) -> SpeciesDistances:
    wanted = set(species)
    kept = [record for record in records if labels[record.id] in wanted]
    return species_distances(kept, labels, apart.method, tree=apart.tree)


def sample_of(
    vectors: np.ndarray, items: Sequence[Item], distances: SpeciesDistances, source: str, knows: bool = False
) -> Sample:
    """The sample of these images (n, d); each item names its species and, as group, its specimen."""
    place = {name: row for row, name in enumerate(distances.species)}
    labels = np.array([place[item.species] for item in items], np.int64)
    units = np.array([item.file if item.group is None else f"group {item.group}" for item in items])
    return Sample(vectors, labels, units, distances, source, knows)
