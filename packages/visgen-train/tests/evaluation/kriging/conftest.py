"""Problems drawn from the model that kriging fits."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.evaluation.kriging import Problem
from visgen_train.simulate import covariance, yule_tree


@pytest.fixture
def drawn():
    """drawn(m, d, lambda, seed): m species with 20 to 1 images on a Yule tree, v = 2, l = 0.5, s2 = 1; with `unseen`"""

    def draw(number, dimensions, share, seed, unseen=0):
        rng = np.random.default_rng(seed)
        total = number + unseen
        distances = 2 - 2 * covariance(yule_tree(total, rng))
        signal = 2 * (share * np.exp(-distances / 0.5) + (1 - share) * np.eye(total))
        true = np.linalg.cholesky(signal + 1e-10 * np.eye(total)) @ rng.normal(size=(total, dimensions)) + 3
        counts = np.append(np.geomspace(20, 1, number).round(), np.zeros(unseen))
        order = rng.permutation(total)
        counts = counts[order]
        noise = rng.normal(size=true.shape) / np.sqrt(np.maximum(counts, 1))[:, None]
        means = np.where(counts[:, None] > 0, true + noise, np.nan)
        return Problem(tuple(f"s{row}" for row in range(total)), means, counts, distances, 1.0)

    return draw


@pytest.fixture
def turned():
    """turned(problem, order): the same with its species in another order."""

    def turn(problem, order):
        return replace(
            problem,
            species=tuple(problem.species[row] for row in order),
            means=problem.means[order],
            counts=problem.counts[order],
            distances=problem.distances[np.ix_(order, order)],
        )

    return turn
