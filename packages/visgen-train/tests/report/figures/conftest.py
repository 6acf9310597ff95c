"""Made-up runs: folders with all that a report reads, without pictures and without any training."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from visgen_train.config import Config, to_yaml
from visgen_train.evaluation.space import describe_space

SIDES = ("train", "validation", "test")
EPOCHS = "stage,epoch,loss,validation_per_class,clipped_rows,seconds\n"


def write_run(
    folder: Path, counts: Mapping[str, tuple[int, int, int]], sequences: int = 3, **changes: Any
) -> Path:
    """A run folder of these species: (training, validation, test) images each; numbers are random and fixed.

    `changes` replaces arrays of embeddings.npz; None takes one away.
    """
    rng, names = np.random.default_rng(0), list(counts)
    items = [
        {"file": f"{number}_{side}_{place}.png", "species": name, "group": None, "split": side, "sha256": ""}
        for number, name in enumerate(names)
        for side, images in zip(SIDES, counts[name], strict=True)
        for place in range(images)
    ]
    species = np.array([item["species"] for item in items])
    test = np.array([item["split"] == "test" for item in items])
    truth = species[test]
    genera = sorted({name.split()[0] for name in names})
    middles = rng.normal(size=(len(names), 256)) + 2 * np.array(
        [np.eye(len(genera), 256)[genera.index(name.split()[0])] * 16 for name in names]
    )
    numbers = np.array([names.index(name) for name in species.tolist()], int)
    arrays: dict[str, Any] = {
        "files": np.array([item["file"] for item in items]),
        "species": species,
        "split": np.array([item["split"] for item in items]),
        "anchors": (middles - middles.mean(0)).astype(np.float32),
        "tested_files": np.array([item["file"] for item in items])[test],
        "sequence_ids": np.array([f"S{n}_{i}" for n in range(len(names)) for i in range(sequences)]),
        "sequence_species": np.repeat(names, sequences),
        "sequence_vectors": np.abs(
            np.repeat(middles, sequences, 0) + 0.2 * rng.normal(size=(sequences * len(names), 256))
        ).astype(np.float32),
        "distance_species": np.array(names),
        "distances": np.linalg.norm(middles[:, None] - middles[None], axis=2),
    }
    for model, share in (("visual", 0.6), ("softmax", 0.5), ("aligned", 0.7)):
        if model != "softmax":
            arrays[f"{model}_embedding"] = (
                share * middles[numbers] + rng.normal(size=(len(items), 256))
            ).astype(np.float32)
        wrong = rng.random(len(truth)) > share
        arrays[f"{model}_predicted"] = np.where(wrong, rng.choice(names, len(truth)), truth)
        arrays[f"{model}_confidence"] = rng.uniform(1 / len(names), 1, len(truth))
    arrays |= changes
    arrays = {name: array for name, array in arrays.items() if array is not None}
    folder.mkdir(parents=True)
    np.savez(folder / "embeddings.npz", **arrays)
    metrics = _metrics(names, counts, arrays, truth, test, numbers, sequences)
    data = {
        "images": str(folder / "gone"),
        "species": {name: {**metrics["visual"]["species"][name]} for name in names},
        "items": items,
    }
    for name, value in (("metrics", metrics), ("data", data), ("environment", {"packages": {}})):
        (folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    (folder / "config.yaml").write_text(to_yaml(Config(), "Settings."), encoding="utf-8")
    (folder / "metrics.csv").write_text(
        EPOCHS + "images,1,2.5,0.25,,1\nimages,2,1.5,0.5,,1\nalign,1,0.75,,,1\n"
    )
    return folder


def _metrics(names, counts, arrays, truth, test, numbers, sequences) -> dict[str, Any]:
    metrics: dict[str, Any] = {"space": {}}
    for model in ("visual", "softmax", "aligned"):
        right = arrays[f"{model}_predicted"] == truth
        metrics[model] = {
            "species": {
                name: {
                    **dict(zip(SIDES, counts[name], strict=True)),
                    "sequences": sequences,
                    "recall": float(right[truth == name].mean()) if counts[name][2] else None,
                }
                for name in names
            }
        }
    for model in ("visual", "aligned"):
        vectors = arrays[f"{model}_embedding"]
        metrics["space"][model] = describe_space(vectors[test], numbers[test], names)
    return metrics | {
        "epochs": {"images": 2, "balance": 0, "align": 1},
        "tail_below": 20,
        "tail_count": "train",
        "distance_method": "kmer",
    }


FIVE = {
    "Aus albus": (40, 4, 4),
    "Aus niger": (12, 2, 4),
    "Aus ruber": (3, 1, 2),
    "Bus ater": (20, 2, 5),
    "Bus viridis": (2, 0, 0),
}


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> Path:
    """The folder of the run of `made`, for all tests of a module; none may change it."""
    return write_run(tmp_path_factory.mktemp("figures") / "made", FIVE)


@pytest.fixture
def made(tmp_path) -> Callable[..., Path]:
    """Writes a run of five species of two genera, one of them without test images; keywords as in `write_run`."""

    def make(counts=FIVE, **changes):
        return write_run(tmp_path / "made", counts, **changes)

    return make
