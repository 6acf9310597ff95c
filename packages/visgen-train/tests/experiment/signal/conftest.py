"""Samples drawn from simulated traits and trees."""

import numpy as np
import pytest
from visgen_train.experiment.signal import Sample
from visgen_train.genetics.distances import SpeciesDistances
from visgen_train.simulate import covariance, yule_tree


@pytest.fixture
def sample():
    """sample(counts, seed, share, dimensions): unit noise about means that follow a Yule tree by `share`, v = 2."""

    def made(counts, seed=0, share=1.0, dimensions=12, units=None):
        rng, number = np.random.default_rng(seed), len(counts)
        shared = covariance(yule_tree(number, rng))
        signal = 2 * (share * shared + (1 - share) * np.eye(number))
        means = np.linalg.cholesky(signal) @ rng.normal(size=(number, dimensions))
        labels = np.repeat(np.arange(number), counts)
        vectors = means[labels] + rng.normal(size=(len(labels), dimensions))
        names = np.arange(len(labels)).astype(str) if units is None else units
        distances = SpeciesDistances(tuple(f"s{row:02d}" for row in range(number)), 2 - 2 * shared, "tree")
        return Sample(vectors, labels, names, distances)

    return made
