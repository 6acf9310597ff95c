"""A made-up ablation.json with every key; its numbers are random and fixed, and mean nothing."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

FIGURES = ("overall", "per_class", "tail", "head", "macro_f1", "genus", "top3", "calibration_error")
PAPER = {
    "naive": (73.6, 37.4, 88.9, 89.1),
    "ltr": (77.2, 48.2, 89.2, 89.6),
    "naive-aligned": (75.3, 45.6, 88.2, 88.0),
    "ltr-aligned": (77.6, 59.7, 87.4, 88.0),
    "align-extra-layers": None,
}
TARGETS = {
    "none": "no anchors: the network before alignment",
    "dna": "anchors from the species' DNA",
    "same-steps": "no anchors: as many steps as the alignment, by the loss of stage 1",
    "shuffled": "the DNA anchors dealt out to the species anew, five times",
    "genus-shuffled": "the DNA anchors dealt out anew within each genus",
    "orthogonal": "random anchors at right angles",
    "collinear": "random anchors as near to each other as the DNA's are",
    "class-means": "each species' mean picture before alignment",
}
CLASSIFIERS = {
    "knn": "cosine kNN, k = 5",
    "weighted-knn": "the same, each neighbour weighted by the rarity of its class",
    "centroid": "nearest class centroid",
    "anchor": "nearest anchor",
    "softmax": "the head trained with the network",
    "softmax-adjusted": "softmax with logit adjustment",
    "whitened-means": "class means after whitening the covariance within classes, shrunk",
}
ZERO_SHOT = ("top1", "top3", "top5", "unseen", "seen", "harmonic")
SPACE = ("genus_silhouette", "species_silhouette", "centroid_spread")


def _estimate(rng: np.random.Generator, middle: float, seeds: int, bounded: bool = True) -> dict[str, Any]:
    values = (middle + rng.normal(0, 0.02, seeds)).tolist()
    mean = float(np.mean(values))
    ends = {"low": mean - 0.03, "high": mean + 0.04} if bounded else {"low": None, "high": None}
    return {"mean": mean, **ends, "seeds": values}


def _figures(rng: np.random.Generator, middle: float, seeds: int) -> dict[str, Any]:
    return {
        name: _estimate(rng, middle + rng.uniform(-0.1, 0.1), seeds, name != "calibration_error")
        for name in FIGURES
    }


def _kriging(rng: np.random.Generator, names: list[str], seeds: int) -> list[dict[str, Any]]:
    without = {"kriging": "shrinkage", "fused": "fused-shrinkage"}
    return [
        {
            "recipe": name,
            "target": target,
            "classifier": classifier,
            "against": against,
            "figures": _figures(rng, 0.0, seeds),
        }
        for name in names
        for target in ("none", "dna")
        for classifier in without
        for against in ("shuffled", without[classifier])
    ]


def _zero_shot(rng: np.random.Generator, recipe: str, seeds: int) -> dict[str, Any]:
    """Of one recipe; what is among all species has no figure for two of its methods."""

    def figures(method: str, middle: float) -> dict[str, Any]:
        return {
            name: None
            if method in ("anchor", "chance") and name in ZERO_SHOT[3:]
            else _estimate(rng, middle, seeds)
            for name in ZERO_SHOT
        }

    methods = ("kriging", "shuffled", "anchor", "chance")
    return {
        "species_left_out": 4,
        "constants": {recipe: [0.1] * 4 * seeds},
        "rows": [{"recipe": recipe, "method": method, "figures": figures(method, 0.4)} for method in methods],
        "differences": [
            {"recipe": recipe, "against": method, "figures": figures(method, 0.1)} for method in methods[1:]
        ],
    }


def _species(rng: np.random.Generator, number: int) -> list[dict[str, Any]]:
    genera = ("Aus", "Bus", "Cus", "Dus")
    return [
        {
            "species": f"{genera[i % 4]} {'abcdefghijklmnopqrstuvwxyz'[i]}lbus",
            "rare": i >= number - 3,
            "train": 4 + 9 * (number - i),
            "validation": 1 + i % 3,
            "test": 40,
            "sequences": 3 + i % 4,
            "recall": {target: float(rng.uniform(0, 1)) for target in ("none", "dna", "shuffled")},
        }
        for i in range(number)
    ]


@pytest.fixture
def evidence() -> Callable[..., dict[str, Any]]:
    """Makes the content anew; keywords replace top-level values."""

    def build(seeds: tuple[int, ...] = (7, 8, 9), number: int = 12, **other: Any) -> dict[str, Any]:
        rng, n = np.random.default_rng(1), len(seeds)
        recipes = {
            name: {
                "what": f"what {name} is, in some words",
                "source": "Table 1",
                "aligns": "align" in name,
                "paper": theirs and dict(zip(("per_class", "tail", "head", "overall"), theirs, strict=True)),
            }
            for name, theirs in PAPER.items()
        }
        aligned = [name for name, recipe in recipes.items() if recipe["aligns"]]
        cells = [(name, target) for name in recipes for target in (TARGETS if name in aligned else ("none",))]
        content = {
            "schema_version": 1,
            "kind": "images",
            "seeds": list(seeds),
            "seeds_before": [],
            "split_given": True,
            "classifier": "knn",
            "primary_recipe": "ltr-aligned",
            "recipes": recipes,
            "targets": dict(TARGETS),
            "classifiers": dict(CLASSIFIERS),
            "rows": [
                {
                    "recipe": name,
                    "target": target,
                    "classifier": classifier,
                    "cells": n * (5 if target == "shuffled" else 1),
                    "figures": _figures(rng, 0.6, n),
                }
                for name, target in cells
                for classifier in CLASSIFIERS
            ],
            "differences": [
                {
                    "recipe": name,
                    "against": against,
                    "classifier": classifier,
                    "figures": _figures(rng, 0.0, n),
                }
                for name in aligned
                for against in TARGETS
                if against != "dna"
                for classifier in CLASSIFIERS
            ],
            "kriging": [],
            "zero_shot": None,
            "space": [
                {
                    "recipe": name,
                    "target": target,
                    "figures": {key: _estimate(rng, rng.uniform(-0.3, 0.6), n) for key in SPACE},
                }
                for name, target in cells
            ],
            "species": _species(rng, number),
            "test_images": 960,
            "test_units": 960,
            "chance": 1 / number,
            "tail_below": 20,
            "tail_count": "train",
            "head_above": 100,
            "tail_species": 3,
            "head_species": 4,
            "split_varies": False,
            "skipped": ["genus-shuffled of naive: no genus has two species"],
            "images": "my/images",
            "features": None,
            "sequences": "my/sequences.fasta",
        }
        return copy.deepcopy({**content, **other})

    return build


@pytest.fixture
def with_relatives(evidence) -> Callable[..., dict[str, Any]]:
    """Content in which kriging and species without images were asked about."""

    def build(seeds: tuple[int, ...] = (7, 8, 9), **other: Any) -> dict[str, Any]:
        rng, recipe = np.random.default_rng(2), "ltr-aligned"
        content = evidence(seeds, **other)
        content["kriging"] = _kriging(rng, ["naive", recipe], len(seeds))
        content["zero_shot"] = _zero_shot(rng, recipe, len(seeds))
        return content

    return build


@pytest.fixture
def with_differences(evidence) -> Callable[..., dict[str, Any]]:
    """Content whose primary recipe has these differences by the pre-declared classifier, and no others."""

    def build(figures, **other):
        content = evidence(**other)
        content["differences"] = [one for one in content["differences"] if one["recipe"] != "ltr-aligned"] + [
            {"recipe": "ltr-aligned", "against": against, "classifier": classifier, "figures": held}
            for against, held in figures.items()
            for classifier in ("softmax", "knn")
        ]
        for one in content["differences"]:  # the other classifiers say the opposite
            if one["classifier"] == "softmax":
                one["figures"] = {
                    "per_class": {"mean": 0.5, "low": 0.4, "high": 0.6, "seeds": [0.5] * 3},
                    "tail": {"mean": -0.5, "low": -0.6, "high": -0.4, "seeds": [-0.5] * 3},
                }
        return content

    return build


@pytest.fixture
def features_content(evidence) -> dict[str, Any]:
    """The content of somebody's own features: no figures of the paper."""
    content = evidence(
        kind="features", primary_recipe="heads-aligned", images=None, features="my/features.npz"
    )
    names = {"naive": "features", "ltr": "heads", "ltr-aligned": "heads-aligned"}
    content["recipes"] = {new: content["recipes"][old] | {"paper": None} for old, new in names.items()}
    for table in ("rows", "differences", "space"):
        content[table] = [
            one | {"recipe": names[one["recipe"]]} for one in content[table] if one["recipe"] in names
        ]
    return content


@pytest.fixture
def empty_content(evidence) -> dict[str, Any]:
    """Every figure that may be null is."""
    content = evidence(split_varies=True)
    for table in ("rows", "differences", "space"):
        for one in content[table]:
            one["figures"] = dict.fromkeys(one["figures"])
    for one in content["species"]:
        one["recall"] = dict.fromkeys(one["recall"])
    return content


@pytest.fixture
def unaligned_content(evidence) -> dict[str, Any]:
    """Recipes of images alone."""
    content = evidence(primary_recipe=None, differences=[], skipped=[])
    content["recipes"] = {name: content["recipes"][name] for name in ("naive", "ltr")}
    for table in ("rows", "space"):
        content[table] = [
            one for one in content[table] if one["target"] == "none" and one["recipe"] in ("naive", "ltr")
        ]
    content["targets"] = {"none": content["targets"]["none"]}
    for one in content["species"]:
        one["recall"] = {"none": one["recall"]["none"]}
    return content
