"""A finished run read back without its pictures: the network, and a classifier fitted to the embeddings it left."""

import dataclasses
import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visgen_train.config import Config, load_config
from visgen_train.errors import DataError, UsageError
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.classifiers.whitened_means import scores, whitened_means
from visgen_train.evaluation.whitening import Whitened
from visgen_train.experiment.results import read_metrics
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.checkpoint import load_description, load_network
from visgen_train.training.rundir import ABLATION, EMBEDDINGS, METRICS, MODEL, VISUAL

CLASSIFIER = "whitened-means"
STAGES = ("visual", "aligned")


@dataclass(frozen=True, eq=False)
class Finished:
    """A network of a run, and what names species in its embedding.

    Attributes
    ----------
    network : EmbeddingNetwork
        In evaluation mode, on the CPU.
    stage : str
        "visual" or "aligned".
    species : tuple of str
        The classes, in the order of all probabilities and logits.
    config : Config
    backbone : str
    image_size : int
        px.
    classifier : Whitened
        As `metrics.json` has figures of, fitted to the same embeddings anew.
    chosen : dict
        What validation chose for it.
    temperature : float or None
        Of its probabilities; None without validation images.
    softmax : bool
        Whether the network's own softmax layer was trained and fits.
    figures : dict
        Those of the classifier in `metrics.json`, on the run's test images.
    """

    network: EmbeddingNetwork
    stage: str
    species: tuple[str, ...]
    config: Config
    backbone: str
    image_size: int
    classifier: Whitened
    chosen: dict[str, float]
    temperature: float | None
    softmax: bool
    figures: dict[str, Any]


def read_run(folder: Path, stage: str | None = None) -> Finished:
    """Read a run's network and fit the classifier, from the files in its folder alone.

    Parameters
    ----------
    folder : Path
    stage : {"visual", "aligned"}, optional
        After stage 1 or after stage 2; the last one by default.

    Raises
    ------
    UsageError
        No finished run, an ablation, or a stage the run has not.
    DataError, WeightsError
        A file of the run is damaged, of another run, or of another version of visgen.
    """
    if stage not in (None, *STAGES):
        raise UsageError(f"There is no --stage {stage!r}; there are {' and '.join(STAGES)}.")
    _check_finished(folder)
    metrics = read_metrics(folder)
    last = STAGES["aligned" in metrics["classifiers"]]
    if stage == "aligned" != last:
        raise UsageError(f"{folder}: this run is not aligned; leave --stage out, or take --stage visual.")
    stage = stage or last
    config = load_config(file=folder / "config.yaml")
    network, about = _network(folder / (MODEL if stage == last else VISUAL), config)
    known = _known(folder / EMBEDDINGS, stage, about["species"], len(metrics["trained_only_species"]))
    classifier, noise = whitened_means(known)
    return Finished(
        network,
        stage,
        tuple(about["species"]),
        config,
        about["backbone"],
        about["image_size"],
        classifier,
        {"s2": noise},
        calibrated(lambda queries: scores(classifier, queries), known).temperature,
        stage == "visual" and bool(metrics["epochs"]["images"] or metrics["epochs"]["balance"]),
        metrics["classifiers"][stage][CLASSIFIER],
    )


def _check_finished(folder: Path) -> None:
    if (folder / ABLATION).is_file():
        raise UsageError(
            f"{folder} holds an ablation (or features of another model): figures of many trainings, no network. "
            "Train the one you want by visgen run IMAGES SEQUENCES --out RUN, with --recipe NAME, and export that."
        )
    missing = [name for name in (METRICS, MODEL, EMBEDDINGS, "config.yaml") if not (folder / name).is_file()]
    if missing and (folder / VISUAL).is_file():
        typed = shlex.join(["visgen", "evaluate", str(folder)])
        raise UsageError(f"{folder} is not a finished run: {missing[0]} is missing. Finish it: {typed}")
    if missing:
        raise UsageError(
            f"{folder} holds no run ({missing[0]} is missing). Make one: visgen run IMAGES SEQUENCES --out RUN"
        )


def _network(path: Path, config: Config) -> tuple[EmbeddingNetwork, dict[str, Any]]:
    about = load_description(path)
    try:
        model = dataclasses.replace(
            config.model, backbone=about["backbone"], hidden=about["hidden"], weights="none"
        )
        size = len(about["species"]), about["image_size"]
        layers = about["extra_layers"]
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{path}: its header is not of this version ({error!r}). {_evaluate(path)}"
        ) from error
    network = EmbeddingNetwork(model, *size)
    network.integrate(layers)
    load_network(path, network)
    return network.eval(), about


def _known(file: Path, stage: str, species: list[str], trained_only: int) -> Known:
    """What the run's classifiers learnt from, of `embeddings.npz`."""
    number = {name: label for label, name in enumerate(species)}
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
            sides, vectors = stored["split"], stored[f"{stage}_embedding"]
            labels = np.array([number[str(name)] for name in stored["species"]])
        scored = len(species) - trained_only
        return Known.of_sides(Embedded(vectors), labels, sides, classes=len(species), scored=scored)
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{file}: not the embeddings of this run's network ({str(error) or error!r}). {_evaluate(file)}"
        ) from error


def _evaluate(file: Path) -> str:
    return f"Write it anew: {shlex.join(['visgen', 'evaluate', str(file.parent)])}"
