"""Simulated species without images: the true traits of their specimens, to be recognised by their DNA alone."""

from dataclasses import dataclass

import numpy as np

from visgen_train.data.sequences import read_sequences
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.genetics.distances import species_distances
from visgen_train.simulate.benchmark import (
    genes,
    individual_scores,
    species_tree,
    specimens,
    training_counts,
)
from visgen_train.simulate.params import BenchmarkParams


@dataclass(frozen=True, eq=False)
class UnseenTraits:
    """What a classifier of all species is given, and what it is asked.

    Attributes
    ----------
    known : Known
        Traits of the specimens of the species that are trained on.
    distances : numpy.ndarray
        (species + unseen, species + unseen) by the words of their sequences, the unseen ones last.
    queries : Embedded
        Test specimens of all species.
    truth : numpy.ndarray
        (m,) their species, in the order of the distances.
    """

    known: Known
    distances: np.ndarray
    queries: Embedded
    truth: np.ndarray


def unseen_traits(params: BenchmarkParams) -> UnseenTraits:
    """Simulate a set with `params.unseen` species to recognise without images; see `readings.trait_table`."""
    tree, counts = species_tree(params), training_counts(params)
    order = np.concatenate([np.flatnonzero(counts), np.flatnonzero(counts == 0)])
    place = np.argsort(order)
    traits, plan = individual_scores(tree, params), list(specimens(tree, params))
    sides = np.array([specimen.split for specimen in plan])
    labels = place[[specimen.species for specimen in plan]]
    images, test = Embedded(traits), sides == "test"
    known = Known.of_sides(images, labels, sides, classes=params.species, scored=params.species)
    distances = _distances(params)[np.ix_(order, order)]
    return UnseenTraits(known, distances, images[test], labels[test])


def _distances(params: BenchmarkParams) -> np.ndarray:
    """Of the tips of the tree, in their order."""
    tree = species_tree(params)
    found, _ = genes(tree, params)
    sequences = {f"s{number}": sequence for number, sequence in enumerate(found.sequences)}
    named = {f"s{number}": tree.names[species] for number, species in enumerate(found.species.tolist())}
    measured = species_distances(*read_sequences(sequences, named))
    rows = [measured.species.index(name) for name in tree.names]
    return measured.matrix[np.ix_(rows, rows)]
