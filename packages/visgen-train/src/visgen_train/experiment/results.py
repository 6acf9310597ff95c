"""The figures of a run: every classifier on the test images in each embedding, with intervals; metrics.json."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visgen_train.config import Config
from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers import Fitted
from visgen_train.evaluation.intervals import WITH_INTERVALS, resamples, spread
from visgen_train.evaluation.metrics import FIGURES, Tested, confusions, figures, recalls
from visgen_train.evaluation.predictions import Predictions
from visgen_train.evaluation.retrieval import retrieval
from visgen_train.evaluation.space import describe_space
from visgen_train.experiment.examples import Examples, scored_test_rows, side_counts
from visgen_train.experiment.labelled import Labelled
from visgen_train.genetics.anchors import nearest, sequence_vectors
from visgen_train.io.atomic import replacing, write_json

SCHEMA_VERSION = 2


@dataclass(frozen=True)
class Evaluated:
    """A model and the test.

    The embedding of all images (n, d), by classifier predictions and what was fitted, and the logits of all images
    (n, classes) where the network has a trained softmax.
    """

    vectors: np.ndarray
    predictions: dict[str, Predictions]
    fitted: dict[str, Fitted]
    logits: np.ndarray | None = None


def write_results(
    folder: Path,
    config: Config,
    labelled: Labelled,
    examples: Examples,
    tested: Tested,
    models: Mapping[str, Evaluated],
    recommended: Mapping[str, Any],
) -> dict[str, Any]:
    """Write what came out: `embeddings.npz` holds each image, `metrics.json` the figures.

    Parameters
    ----------
    models : mapping
        "visual" and, if aligned, "aligned".
    recommended : mapping
        From `recommend`.

    Returns
    -------
    dict
        The content of metrics.json.
    """
    main = {name: model.predictions["knn"] for name, model in models.items()}
    if "softmax" in models["visual"].predictions:
        main["softmax"] = models["visual"].predictions["softmax"]
    content = {
        **_summary(config, labelled, examples, tested, models, main),
        "recommended": dict(recommended),
    }
    rows = scored_test_rows(labelled, examples)
    arrays: dict[str, Any] = {
        "files": np.array([item.file for item in labelled.items]),
        "species": np.array([item.species for item in labelled.items]),
        "split": np.array(examples.sides),
        "anchors": labelled.anchors.astype(np.float32),
        **{f"{name}_embedding": model.vectors for name, model in models.items()},
        **{f"{name}_logits": model.logits for name, model in models.items() if model.logits is not None},
        **_relatives(labelled),
        "tested_files": np.array([labelled.items[row].file for row in rows]),
        **{f"{name}_predicted": np.array(labelled.species)[found.predicted] for name, found in main.items()},
        **{f"{name}_confidence": found.confidence for name, found in main.items()},
        **_genetic_arrays(labelled, config),
    }
    with replacing(folder / "embeddings.npz") as path:
        np.savez_compressed(path, **arrays)
    write_json(folder / "metrics.json", content)
    return content


def _genetic_arrays(labelled: Labelled, config: Config) -> dict[str, np.ndarray]:
    """The vector of every sequence of the species with images."""
    known = labelled.sequences
    embedding = sequence_vectors(known.records, known.labels, labelled.match.species, config.align)
    return {
        "sequence_ids": np.array(embedding.ids),
        "sequence_species": np.array([known.labels[name] for name in embedding.ids]),
        "sequence_vectors": np.asarray(embedding.vectors, np.float32),
    }


def read_metrics(folder: Path) -> dict[str, Any]:
    """The content of metrics.json.

    Raises
    ------
    DataError
        It is gone, damaged or of another version of visgen.
    """
    file, again = folder / "metrics.json", shlex.join(["visgen", "evaluate", str(folder)])
    try:
        metrics: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        version = metrics["schema_version"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(
            f"{file}: cannot be read as the figures of a run ({error!r}). Write it anew: {again}"
        ) from error
    if version != SCHEMA_VERSION:
        raise DataError(
            f"{file}: of version {version!r}, and this visgen reads version {SCHEMA_VERSION}. Write it anew: {again}"
        )
    return metrics


def _summary(
    config: Config,
    labelled: Labelled,
    examples: Examples,
    tested: Tested,
    models: Mapping[str, Evaluated],
    main: Mapping[str, Predictions],
) -> dict[str, Any]:
    weights = resamples(tested, config.evaluate.bootstrap, np.random.default_rng((config.seed, 3)))
    table, rows = side_counts(labelled, examples), scored_test_rows(labelled, examples)
    content: dict[str, Any] = {}
    for name, found in main.items():
        species = _per_species(labelled, table, tested.truth, found.predicted)
        content[name] = {**_figures(found, tested, weights), "species": species}
    if "aligned" in main:
        content["aligned_minus_visual"] = _difference(main["aligned"], main["visual"], tested, weights)
    return {
        "schema_version": SCHEMA_VERSION,
        **content,
        "classifiers": {
            name: {
                classifier: {**_figures(found, tested, weights), "chosen": model.fitted[classifier].chosen}
                for classifier, found in model.predictions.items()
            }
            for name, model in models.items()
        },
        "space": {
            name: describe_space(model.vectors[rows], tested.truth, labelled.species)
            for name, model in models.items()
        },
        **(
            {"retrieval": _retrieval(config, labelled, tested, models["aligned"], rows)}
            if "aligned" in models
            else {}
        ),
        "epochs": {
            "images": config.train.epochs,
            "balance": config.balance.epochs,
            "align": config.align.epochs if "aligned" in main else 0,
        },
        "epoch_kept": config.train.select,
        "test_images": len(tested.truth),
        "test_units": len(set(tested.units)),
        "chance": 1 / len(labelled.species),
        "tested_species": {
            name: int(np.isin(np.flatnonzero(mask), tested.truth).sum())
            for name, mask in tested.groups.items()
        },
        "tail_species": _named(labelled, tested.groups["tail"]),
        "head_species": _named(labelled, tested.groups["head"]),
        "distance_method": None if labelled.distances is None else labelled.sequences.distances.method,
        "trained_only_species": list(labelled.trained_only),
        "tail_below": config.evaluate.tail_below,
        "head_above": config.evaluate.head_above,
        "tail_count": config.evaluate.tail_count,
        "seed": config.seed,
    }


def _retrieval(
    config: Config, labelled: Labelled, tested: Tested, aligned: Evaluated, rows: np.ndarray
) -> dict[str, Any] | None:
    """Test images by anchors and anchors by test images; None where anchors are of another size."""
    vectors = aligned.vectors[rows]
    if labelled.anchors.shape[1] != vectors.shape[1]:
        return None
    return retrieval(vectors, labelled.anchors, tested.truth, np.random.default_rng((config.seed, 10)))


def _relatives(labelled: Labelled) -> dict[str, np.ndarray]:
    """Genetic distances of all species with sequences, with images or without; nothing where they cannot be had."""
    if labelled.distances is None:
        return {}
    found = labelled.sequences.distances
    return {"distance_species": np.array(found.species), "distances": found.matrix}


def _figures(found: Predictions, tested: Tested, weights: np.ndarray) -> dict[str, Any]:
    """All figures of one classifier, with `intervals` where a figure has one."""
    return _with_intervals(figures(found, tested), figures(found, tested, weights))


def _difference(one: Predictions, other: Predictions, tested: Tested, weights: np.ndarray) -> dict[str, Any]:
    """One model minus the other, paired: both are resampled by the same weights."""
    first, second = figures(one, tested), figures(other, tested)
    points = {name: subtract(first[name], second[name]) for name in FIGURES}
    ones, others = figures(one, tested, weights), figures(other, tested, weights)
    hits = [found.predicted == tested.truth for found in (one, other)]
    differing = len(set(tested.units[hits[0] != hits[1]]))
    drawn = {name: ones[name] - others[name] for name in FIGURES}
    return {**_with_intervals(points, drawn), "units_that_differ": differing}


def subtract(one: float | None, other: float | None) -> float | None:
    """The difference, None without one of them."""
    return None if one is None or other is None else one - other


def _with_intervals(points: Mapping[str, float | None], drawn: Mapping[str, np.ndarray]) -> dict[str, Any]:
    intervals = {name: None if points[name] is None else spread(drawn[name]) for name in WITH_INTERVALS}
    return {**points, "intervals": intervals}


def _per_species(
    labelled: Labelled, table: Mapping[str, Mapping[str, int]], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, dict[str, Any]]:
    recall = recalls((predicted == truth).astype(float), truth, len(labelled.species))
    taken_for = confusions(truth, predicted, labelled.species)
    relatives = nearest(labelled.anchors, labelled.match.species)
    return {
        name: {
            **table[name],
            "sequences": labelled.sequence_counts[name],
            "recall": None if np.isnan(recall[label]) else float(recall[label]),
            "most_often_taken_for": taken_for[name],
            "nearest_by_dna": relatives[label],
        }
        for label, name in enumerate(labelled.match.species)
    }


def _named(labelled: Labelled, mask: np.ndarray) -> list[str]:
    return [name for name, chosen in zip(labelled.match.species, mask, strict=True) if chosen]
