"""The figures of a run: cosine kNN on the test images for each model, with intervals; metrics.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visgen_train.config import Config
from visgen_train.data.splits import counts
from visgen_train.evaluation import metrics
from visgen_train.evaluation.intervals import resamples, spread
from visgen_train.evaluation.knn import cosine_knn
from visgen_train.evaluation.predictions import Predictions
from visgen_train.experiment.inputs import Labelled, Pictures
from visgen_train.genetics.anchors import nearest
from visgen_train.io.atomic import replacing, write_json

SCHEMA_VERSION = 1
OF_CLASSES = ("overall", "per_class", "tail", "head", "macro_f1", "genus")
"""The figures that need a classifier's classes only, not its scores."""


def write_results(
    folder: Path,
    config: Config,
    labelled: Labelled,
    pictures: Pictures,
    embeddings: Mapping[str, np.ndarray],
    softmax: np.ndarray | None,
) -> dict[str, Any]:
    """Classify the test images in each embedding against the training images; write what came out.

    `embeddings.npz` holds each image's file, species, side and embeddings; `metrics.json` the figures.

    Parameters
    ----------
    embeddings : mapping
        "visual" and, if aligned, "aligned" -> (n, d), a row an image.
    softmax : numpy.ndarray, optional
        (n_test,) classes the classifier of stage 1 gives the test images.

    Returns
    -------
    dict
        The content of metrics.json.
    """
    train, test, labels = pictures.rows("train"), pictures.rows("test"), labelled.classes
    k = config.evaluate.neighbours
    predicted = {
        name: cosine_knn(vectors[train], labels[train], vectors[test], k)
        for name, vectors in embeddings.items()
    }
    if softmax is not None:
        predicted["softmax"] = softmax
    content = summarise(config, labelled, pictures, predicted)
    arrays: dict[str, Any] = {
        "files": np.array([item.file for item in labelled.items]),
        "species": np.array([item.species for item in labelled.items]),
        "split": np.array(pictures.sides),
        "anchors": labelled.anchors.astype(np.float32),
        **{f"{name}_embedding": vectors.astype(np.float32) for name, vectors in embeddings.items()},
        **{f"{name}_predicted": np.array(labelled.species)[found] for name, found in predicted.items()},
    }
    with replacing(folder / "embeddings.npz") as path:
        np.savez_compressed(path, **arrays)
    write_json(folder / "metrics.json", content)
    return content


def summarise(
    config: Config, labelled: Labelled, pictures: Pictures, predicted: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """All figures from the predictions of each model for the test images ((n_test,) class numbers).

    Species that are trained only are not scored, but an image of a scored one may be taken for one of them, which
    counts as an error; so chance is 1 / (number of all species trained on).
    """
    table = counts([item.species for item in labelled.items], pictures.sides)
    train_counts = np.array([table[name]["train"] for name in labelled.match.species])
    groups = metrics.masks(train_counts, config.evaluate.tail_below, config.evaluate.head_above)
    rows = pictures.rows("test")
    scored = labelled.classes[rows] < labelled.scored
    truth, tested = labelled.classes[rows][scored], [labelled.items[row] for row in rows[scored]]
    predicted = {name: found[scored] for name, found in predicted.items()}
    rng = np.random.default_rng((config.seed, 3))
    units = np.array([item.group or item.file for item in tested])
    what = metrics.Tested(truth, units, groups, metrics.genera(labelled.species))
    content = _with_intervals(predicted, what, resamples(what, config.evaluate.bootstrap, rng))
    if "aligned" in predicted:
        right = {name: found == truth for name, found in predicted.items()}
        differing = set(units[right["aligned"] != right["visual"]])
        content["aligned_minus_visual"]["units_that_differ"] = len(differing)
    for name, found in predicted.items():
        content[name]["species"] = _per_species(labelled, table, truth, found)
    return {
        "schema_version": SCHEMA_VERSION,
        **content,
        "epochs": {
            "images": config.train.epochs,
            "balance": config.balance.epochs,
            "align": config.align.epochs if "aligned" in predicted else 0,
        },
        "epoch_kept": config.train.select,
        "test_images": len(tested),
        "test_units": len(set(units)),
        "chance": 1 / len(labelled.species),
        "tested_species": {
            name: int(np.isin(np.flatnonzero(mask), truth).sum()) for name, mask in groups.items()
        },
        "tail_species": _named(labelled, groups["tail"]),
        "head_species": _named(labelled, groups["head"]),
        "trained_only_species": list(labelled.trained_only),
        "tail_below": config.evaluate.tail_below,
        "head_above": config.evaluate.head_above,
        "seed": config.seed,
    }


def _with_intervals(
    predicted: Mapping[str, np.ndarray], what: metrics.Tested, weights: np.ndarray
) -> dict[str, dict[str, Any]]:
    """Figures of each model, and of aligned minus visual, over all test images and over their resamples."""
    points: dict[str, Any] = {}
    draws = {}
    for name, found in predicted.items():
        wrong = (found != what.truth).astype(np.int64)
        as_found = Predictions(found, wrong, np.full(len(found), np.nan))
        points[name] = metrics.figures(as_found, what)
        draws[name] = metrics.figures(as_found, what, weights)
    if "aligned" in predicted:
        after, before = points["aligned"], points["visual"]
        points["aligned_minus_visual"] = {
            figure: None if after[figure] is None else after[figure] - before[figure] for figure in OF_CLASSES
        }
        draws["aligned_minus_visual"] = {
            figure: draws["aligned"][figure] - draws["visual"][figure] for figure in OF_CLASSES
        }
    return {
        name: {
            **{figure: values[figure] for figure in OF_CLASSES},
            "intervals": {
                figure: None if values[figure] is None else spread(draws[name][figure])
                for figure in OF_CLASSES
            },
        }
        for name, values in points.items()
    }


def _per_species(
    labelled: Labelled, table: Mapping[str, Mapping[str, int]], truth: np.ndarray, predicted: np.ndarray
) -> dict[str, dict[str, Any]]:
    recall = metrics.recalls((predicted == truth).astype(float), truth, len(labelled.species))
    taken_for = metrics.confusions(truth, predicted, labelled.species)
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
