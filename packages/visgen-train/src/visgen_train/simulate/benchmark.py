"""What a simulated set holds: species on a tree, their looks, and the pictures to draw of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.morphology import individual, species_scores
from visgen_train.simulate.names import binomials
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.sequences import SequenceParams, SequenceSet, evolve
from visgen_train.simulate.tree import Tree, covariance, yule_tree

YOUNGEST = 0.04
"""Age of the youngest species, as a share of the tree's height: keeps sister species under 98 % identical."""
SPLITS = ("train", "validation", "test")

_TREE, _NAMES, _SEQUENCES, _TRAITS, _COUNTS, _PICTURES, _UNSEEN = range(7)


@dataclass(frozen=True)
class Specimen:
    """One picture to draw: its species (tip of the tree), split, running number in the split, and name."""

    species: int
    split: str
    index: int
    name: str


def unseen_species(params: BenchmarkParams) -> NDArray[np.int64]:
    """The tips of the tree that are not trained on, in ascending order: drawn at random."""
    tips = _rng(params, _UNSEEN).permutation(params.species + params.unseen)[: params.unseen]
    return np.sort(tips)


def training_counts(params: BenchmarkParams) -> NDArray[np.int64]:
    """Training images of each species, shape (species + unseen,): geometric, in random order; 0 for the unseen."""
    steps = np.linspace(0, 1, params.species)
    drawn = np.rint(params.images_max * (params.images_min / params.images_max) ** steps).astype(np.int64)
    counts = np.zeros(params.species + params.unseen, np.int64)
    seen = np.setdiff1d(np.arange(len(counts)), unseen_species(params))
    counts[seen] = _rng(params, _COUNTS).permutation(drawn)
    return counts


def species_tree(params: BenchmarkParams) -> Tree:
    """The tree of the species, its tips named ``Genus epithet``."""
    tree = yule_tree(params.species + params.unseen, _rng(params, _TREE), YOUNGEST)
    return replace(tree, names=binomials(tree, _rng(params, _NAMES)))


def looks(tree: Tree, params: BenchmarkParams) -> NDArray[np.float64]:
    """Normal scores of the traits of each species, shape (species + unseen, traits)."""
    return species_scores(covariance(tree), params.signal, _rng(params, _TRAITS))


def genes(tree: Tree, params: BenchmarkParams) -> tuple[SequenceSet, NDArray[np.int64]]:
    """The sequences of some individuals of each species, and the random order in which they are written."""
    rng = _rng(params, _SEQUENCES)
    found = evolve(tree, SequenceParams(), rng)
    return found, rng.permutation(len(found.species))


def specimens(tree: Tree, params: BenchmarkParams) -> Iterator[Specimen]:
    """The pictures of the set, species by species, training before validation before test."""
    for species, count in enumerate(training_counts(params)):
        sizes = (int(count), min(params.validation, int(count)), params.test)
        number = 0
        for split, size in zip(SPLITS, sizes, strict=True):
            for index in range(size):
                number += 1
                name = f"{folder_name(tree.names[species])}_{number:04d}"
                yield Specimen(species, split, index, name)


def picture_rng(params: BenchmarkParams, specimen: Specimen) -> np.random.Generator:
    """The randomness of one picture, whatever else is drawn."""
    return _rng(params, _PICTURES, SPLITS.index(specimen.split), specimen.species, specimen.index)


def individual_scores(tree: Tree, params: BenchmarkParams) -> NDArray[np.float64]:
    """Normal scores of the traits of every specimen, shape (specimens, traits): what a perfect eye would see.

    The rows are those of `specimens`; each is what its picture is drawn from.
    """
    of_species = looks(tree, params)
    return np.array(
        [
            individual(of_species[specimen.species], params.variation, picture_rng(params, specimen))
            for specimen in specimens(tree, params)
        ]
    )


def folder_name(species: str) -> str:
    """The name with an underscore, as folders and trees have it."""
    return species.replace(" ", "_")


def _rng(params: BenchmarkParams, *stream: int) -> np.random.Generator:
    """A generator of its own for each part, so that no part depends on how much another drew."""
    return np.random.default_rng((params.seed, *stream))
