"""What a report reads of a finished run folder, loaded and checked once."""

import csv
import json
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from Bio.Phylo.BaseTree import Tree

from visgen_train.config import Config, load_config
from visgen_train.errors import DataError
from visgen_train.io.images import decode
from visgen_train.phylogeny.nj import neighbour_joining
from visgen_train.phylogeny.rooting import rooted
from visgen_train.report import summary
from visgen_train.report.given_tree import given_tree

MODELS = ("visual", "softmax", "aligned")
SIDES = ("train", "validation", "test")
MOST_ROWS = 150
"""Species that get a row of their own in a figure; of more, those with the fewest images are drawn."""


@dataclass(frozen=True, eq=False)
class SequenceVectors:
    """The SGT vectors behind the anchors: `ids` (n,), `species` (n,), `vectors` (n, 16 ** k) float32."""

    ids: np.ndarray
    species: np.ndarray
    vectors: np.ndarray


@dataclass(frozen=True, eq=False)
class RunContent:
    """A finished run.

    Attributes
    ----------
    folder : Path
    metrics, data, environment : dict
        Content of metrics.json, data.json and environment.json.
    config : Config
        Of config.yaml.
    epochs : list of dict
        Rows of metrics.csv; none where no stage was trained.
    files, image_species, sides : numpy.ndarray
        (n,) str of each image: its file, species, and "train", "validation" or "test".
    embeddings : dict
        "visual", "aligned" -> (n, d) float32, rows as `files`.
    anchors : numpy.ndarray
        (s, 16 ** k) float32, rows as `species`.
    truth : numpy.ndarray
        (m,) str, the species of each test image that counts.
    predicted : dict
        "visual", "softmax", "aligned" -> (m,) str, what each image was taken for.
    confidence : dict
        The same -> (m,) float64 probability of that answer, NaN where it is not calibrated; empty of a run made before
        they were kept.
    sequences : SequenceVectors or None
        None of a run made before they were kept.
    distances : numpy.ndarray or None
        (s, s) genetic distances between species, rows as `species`; None where there are none.
    tree_file : Path or None
        A tree to show in place of one of the distances, and the synonyms for its names.
    synonyms : Path or None
    """

    folder: Path
    metrics: dict[str, Any]
    data: dict[str, Any]
    environment: dict[str, Any]
    config: Config
    epochs: list[dict[str, str]]
    files: np.ndarray
    image_species: np.ndarray
    sides: np.ndarray
    embeddings: dict[str, np.ndarray]
    anchors: np.ndarray
    truth: np.ndarray
    predicted: dict[str, np.ndarray]
    confidence: dict[str, np.ndarray]
    sequences: SequenceVectors | None
    distances: np.ndarray | None
    tree_file: Path | None = None
    synonyms: Path | None = None

    @property
    def species(self) -> tuple[str, ...]:
        """The scored species, those with sequences, in the order of anchors and distances."""
        return tuple(self.metrics["visual"]["species"])

    @property
    def titles(self) -> dict[str, str]:
        """Model -> what it is called, in the order they are shown."""
        return {name: summary.title(self.metrics, name) for name in MODELS if name in self.metrics}

    def images(self, name: str) -> int:
        """All images of a species, of training, validation and test."""
        return sum(int(self.data["species"][name][side]) for side in SIDES)

    @property
    def training_images(self) -> dict[str, int]:
        """Species, those trained on and not scored too -> training images."""
        return {name: int(counts["train"]) for name, counts in self.data["species"].items()}

    @property
    def counted_images(self) -> dict[str, int]:
        """Species -> the images that make it rare or not, by `evaluate.tail_count`."""
        if self.metrics["tail_count"] == "train":
            return self.training_images
        return {name: self.images(name) for name in self.data["species"]}

    @property
    def recalls(self) -> dict[str, dict[str, float | None]]:
        """Title of each model -> scored species -> share of its test images recognised, None where none was tested."""
        return {
            title: {name: held["recall"] for name, held in self.metrics[model]["species"].items()}
            for model, title in self.titles.items()
        }

    @property
    def drawn(self) -> list[str]:
        """The scored species of a tree: of many those with the fewest images."""
        return sorted(sorted(self.species, key=lambda name: (self.images(name), name))[:MOST_ROWS])

    @cached_property
    def tree(self) -> Tree | None:
        """Of `drawn`, what the given tree has; or neighbour joining of the distances, None without them."""
        drawn = self.drawn
        if self.tree_file is not None:
            given = given_tree(self.tree_file, drawn, self.synonyms)
            given.ladderize()
            return given
        if self.distances is None or len(drawn) < 3:
            return None
        rows = [self.species.index(name) for name in drawn]
        tree = rooted(neighbour_joining(drawn, self.distances[np.ix_(rows, rows)]))
        tree.ladderize()  # the smaller of two branches first
        return tree

    def named_by(self, model: str) -> str:
        """The classifier behind the predictions and recalls of a model."""
        return "the softmax" if model == "softmax" else f"cosine kNN, k = {self.config.evaluate.neighbours}"

    @property
    def classifiers(self) -> str:
        """Those of all models."""
        return " and ".join(dict.fromkeys(map(self.named_by, self.titles)))

    @cached_property
    def pictures(self) -> dict[str, np.ndarray]:
        """A training picture of each species, (64, 64, 3) uint8; none where files are gone, or of a run on features."""
        found: dict[str, np.ndarray] = {}
        root = Path(self.data["images"])
        for item in self.data["items"]:
            if item["split"] != "train" or item["species"] in found:
                continue
            try:
                pixels = decode((root / item["file"]).read_bytes(), 64, white=self.config.data.white)
            except (OSError, ValueError):
                continue
            found[item["species"]] = pixels.transpose(1, 2, 0)
        return found


def read_run(folder: Path) -> RunContent:
    """Read a finished run folder.

    Raises
    ------
    DataError
        A file is missing, damaged, or at odds with another; the message says how to make it again.
    """
    try:
        return _read(folder)
    except FileNotFoundError as error:
        raise DataError(
            f"{error.filename}: not there, so {folder} is no finished run; {_way(folder)}."
        ) from error
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{folder}: its results cannot be read ({error}); {_way(folder)}.") from error


def _way(folder: Path) -> str:
    return f"make them again: visgen evaluate {folder}"


def _read(folder: Path) -> RunContent:
    metrics, data, environment = (
        json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("metrics", "data", "environment")
    )
    with np.load(folder / "embeddings.npz", allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    species_of = dict(zip(arrays["files"].tolist(), arrays["species"].tolist(), strict=True))
    kept = {
        key: [name for name in MODELS if f"{name}_{key}" in arrays] for key in ("predicted", "confidence")
    }
    content = RunContent(
        folder=folder,
        metrics=metrics,
        data=data,
        environment=environment,
        config=load_config(file=folder / "config.yaml"),
        epochs=_epochs(folder),
        files=arrays["files"],
        image_species=arrays["species"],
        sides=arrays["split"],
        embeddings={name: arrays[f"{name}_embedding"] for name in ("visual", "aligned") if name in metrics},
        anchors=arrays["anchors"],
        truth=np.array([species_of[file] for file in arrays["tested_files"].tolist()], str),
        predicted={name: arrays[f"{name}_predicted"] for name in kept["predicted"]},
        confidence={name: arrays[f"{name}_confidence"] for name in kept["confidence"]},
        sequences=_sequences(arrays),
        distances=_distances(arrays, metrics),
    )
    _check(content)
    return content


def _distances(arrays: dict[str, np.ndarray], metrics: dict[str, Any]) -> np.ndarray | None:
    """Those of the scored species, of all that the run keeps."""
    if "distance_species" not in arrays:
        return None
    names = arrays["distance_species"].tolist()
    rows = [names.index(name) for name in metrics["visual"]["species"]]
    return np.asarray(arrays["distances"][np.ix_(rows, rows)])


def _sequences(arrays: dict[str, np.ndarray]) -> SequenceVectors | None:
    if "sequence_vectors" not in arrays:
        return None
    return SequenceVectors(*(arrays[f"sequence_{name}"] for name in ("ids", "species", "vectors")))


def _check(content: RunContent) -> None:
    """Refuse arrays that do not belong together."""
    images, species, tests = len(content.files), len(content.species), len(content.truth)
    lengths = {
        "embeddings": (images, [content.image_species, content.sides, *content.embeddings.values()]),
        "anchors and distances": (species, [content.anchors, *_there(content.distances)]),
        "predictions": (tests, [*content.predicted.values(), *content.confidence.values()]),
    }
    if content.sequences is not None:
        lengths["sequences"] = (
            len(content.sequences.ids),
            [content.sequences.species, content.sequences.vectors],
        )
    for what, (expected, arrays) in lengths.items():
        if any(len(array) != expected for array in arrays):
            raise ValueError(f"embeddings.npz: {what} have not the {expected} rows that they should")


def _there(array: np.ndarray | None) -> list[np.ndarray]:
    return [] if array is None else [array]


def _epochs(folder: Path) -> list[dict[str, str]]:
    try:
        with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    except FileNotFoundError:  # no stage was trained
        return []
