"""A run folder as a predictor: its network, and what it stored of its training and validation images."""

import dataclasses
import shlex
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from visgen_train.config import Config, load_config
from visgen_train.data.images import Policy
from visgen_train.errors import DataError, UsageError
from visgen_train.evaluation.classifiers import CLASSIFIERS, Embedded, Known
from visgen_train.evaluation.open_set import fit_open_set
from visgen_train.experiment.again import Recorded, recorded_of
from visgen_train.experiment.results import read_metrics
from visgen_train.io import places
from visgen_train.models.network import EmbeddingNetwork, ProjectionHead
from visgen_train.prediction.predictor import Predictor
from visgen_train.prediction.reliability import about
from visgen_train.prediction.scorer import Scorer
from visgen_train.training.checkpoint import load_description, load_network
from visgen_train.training.rundir import ABLATION, ALIGNED, VISUAL, RunFolder
from visgen_train.training.seeding import choose_device, choose_precision

CHECKPOINTS = {"visual": VISUAL, "aligned": ALIGNED}
OF_LOGITS = ("softmax", "softmax-adjusted", "fused")


def load_predictor(folder: Path, device: str | None = None) -> Predictor:
    """What `visgen_train.load` does."""
    folder = Path(folder)
    check_run(folder)
    metrics, recorded = read_metrics(folder), recorded_of(folder / "data.json")
    config = load_config(file=folder / "config.yaml")
    classifier, embedding = _recommended(metrics)
    needed = [f"{embedding}_embedding", "visual_embedding"]
    needed += [f"{embedding}_logits"] if classifier in OF_LOGITS else []
    stored = _stored(folder, recorded, needed)
    species = (*recorded.match.species, *recorded.trained_only)
    network, heads = _networks(folder, config, species, {"visual", embedding}, device or config.device)
    classes = _labels(recorded, species)
    scorer = _scorer(recorded, classes, config, stored, classifier, embedding)
    sides = np.array([item.split for item in recorded.items])
    visual, training, tested = stored["visual_embedding"], sides == "train", sides == "test"
    open_set = fit_open_set(visual[training], classes[training], visual[sides == "validation"], len(species))
    test = _embedded(stored, embedding)[tested]
    return Predictor(
        folder=folder,
        network=network,
        heads=heads,
        embedding=embedding,
        scorer=scorer,
        open_set=open_set,
        policy=Policy.of(config.data),
        device=choose_device(device or config.device),
        training=[item.file for item in recorded.items if item.split == "train"],
        images=recorded.inputs.images,
        about=about(scorer, open_set, embedding, test, classes[tested]),
    )


def check_run(folder: Path) -> None:
    """Raise UsageError unless the folder is that of a run on pictures, trained and evaluated."""
    if not places.is_folder(folder):
        raise UsageError(f"{folder}: no such folder. RUN is the folder that visgen run --out names.")
    if (folder / ABLATION).is_file():
        raise UsageError(
            f"{folder}: an ablation (or a run on features) compares many heads and keeps no network for pictures. "
            "Train one: visgen run IMAGES SEQUENCES --out RUN"
        )
    RunFolder.trained(folder)
    if not (folder / "metrics.json").is_file():
        again = shlex.join(["visgen", "evaluate", str(folder)])
        raise UsageError(f"{folder}: trained, and not evaluated to its end. Go on by: {again}")


def _recommended(metrics: dict[str, Any]) -> tuple[str, str]:
    """Classifier and embedding: those the run recommends, or the adjusted softmax, or means where there is none."""
    told, of_run = metrics.get("recommended") or {}, metrics["classifiers"]
    classifier, embedding = told.get("classifier"), told.get("embedding")
    if classifier in CLASSIFIERS and embedding in CHECKPOINTS and embedding in of_run:
        return classifier, embedding
    return ("softmax-adjusted" if "softmax-adjusted" in of_run["visual"] else "whitened-means"), "visual"


def _stored(folder: Path, recorded: Recorded, needed: Sequence[str]) -> dict[str, np.ndarray]:
    """The arrays of embeddings.npz, checked."""
    file, again = folder / "embeddings.npz", shlex.join(["visgen", "evaluate", str(folder)])
    try:
        with file.open("rb") as held, np.load(held, allow_pickle=False) as opened:
            stored = {name: opened[name] for name in opened.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{file}: cannot be read ({reason}). Make it anew: {again}") from error
    lacking = [name for name in (*needed, "files") if name not in stored]
    if lacking:
        raise DataError(f"{file}: made by an earlier visgen, without {lacking[0]}. Make it anew: {again}")
    files = [item.file for item in recorded.items]
    if stored["files"].tolist() != files or any(len(stored[name]) != len(files) for name in needed):
        raise DataError(f"{file}: not of the images that data.json lists. Make it anew: {again}")
    if not all(np.isfinite(stored[name]).all() for name in needed):
        raise DataError(f"{file}: holds NaN or infinite numbers; train anew with a lower learning rate.")
    return stored


def _networks(
    folder: Path, config: Config, species: tuple[str, ...], embeddings: set[str], device: str
) -> tuple[EmbeddingNetwork, dict[str, ProjectionHead]]:
    """The network of stage 1, and the head of each embedding."""
    bare = dataclasses.replace(config.model, weights="none")
    heads, chosen = dict[str, ProjectionHead](), choose_device(device)
    for name in sorted(embeddings):  # visual comes last
        described = load_description(folder / CHECKPOINTS[name])
        if described.get("species") != list(species) or described.get("image_size") != config.data.image_size:
            raise DataError(
                f"{folder / CHECKPOINTS[name]}: of other species, or another size of pictures, than data.json and "
                "config.yaml say. Put the files of this run back, or train anew."
            )
        network = EmbeddingNetwork(bare, len(species), config.data.image_size)
        network.integrate(int(described.get("extra_layers", 0)))
        load_network(folder / CHECKPOINTS[name], network)
        network = network.to(chosen).to(memory_format=torch.channels_last)
        network.precision = choose_precision(config.precision, chosen)
        heads[name] = network.eval().head
    return network, heads


def _labels(recorded: Recorded, species: tuple[str, ...]) -> np.ndarray:
    number = {name: place for place, name in enumerate(species)}
    return np.array([number[item.species] for item in recorded.items], np.int64)


def _embedded(stored: dict[str, np.ndarray], embedding: str) -> Embedded:
    return Embedded(stored[f"{embedding}_embedding"], stored.get(f"{embedding}_logits"))


def _scorer(
    recorded: Recorded,
    labels: np.ndarray,
    config: Config,
    stored: dict[str, np.ndarray],
    classifier: str,
    embedding: str,
) -> Scorer:
    classes = (*recorded.match.species, *recorded.trained_only)
    scored, sides = len(recorded.match.species), np.array([item.split for item in recorded.items])
    distances, unseen = _distances(stored, classes, scored)
    known = Known.of_sides(
        _embedded(stored, embedding),
        labels,
        sides,
        classes=len(classes),
        scored=scored,
        neighbours=config.evaluate.neighbours,
        distances=None if distances is None else distances[:scored, :scored],
    )
    return Scorer(known, (*classes, *unseen), classifier, distances, config.seed)


def _distances(
    stored: dict[str, np.ndarray], classes: tuple[str, ...], scored: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Distances of the scored species and of those that have sequences alone, in this order, and the latter's names."""
    if "distances" not in stored:
        return None, ()
    names = stored["distance_species"].tolist()
    unseen = tuple(name for name in names if name not in classes)
    rows = [names.index(name) for name in (*classes[:scored], *unseen)]
    return stored["distances"][np.ix_(rows, rows)], unseen
