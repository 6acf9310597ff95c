"""Mantel's test against permutations counted by hand; the consensus of a species."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from visgen_train.phylogeny import consensus, cophenetic, mantel


def distances(seed, n):
    points = np.random.default_rng(seed).normal(size=(n, 2))
    return np.linalg.norm(points[:, None] - points, axis=2)


def test_p_is_the_share_of_all_orders_that_correlate_as_well():
    one, other = distances(0, 5), distances(1, 5)
    one = one + 2 * other
    upper = np.triu_indices(5, 1)
    real = spearmanr(one[upper], other[upper]).statistic
    every = [
        spearmanr(one[upper], other[np.ix_(order, order)][upper]).statistic
        for order in permutations(range(5))
    ]
    exact = np.mean(np.array(every) >= real - 1e-9)
    found = mantel(one, other, 4999, np.random.default_rng(0))
    assert found.r == pytest.approx(real)
    assert found.p == pytest.approx(exact, abs=0.01)
    assert found.shuffled[0] == pytest.approx(np.quantile(every, 0.025), abs=0.05)


def test_unrelated_distances_have_a_p_that_is_uniform_and_never_0():
    values = [
        mantel(distances(2 * seed, 8), distances(2 * seed + 1, 8), 99, np.random.default_rng(seed)).p
        for seed in range(100)
    ]
    assert min(values) >= 0.01
    assert 0.01 <= np.mean(np.array(values) <= 0.1) <= 0.2


def test_equal_distances_tell_nothing():
    flat = 1 - np.eye(5)
    assert np.isnan(mantel(flat, distances(0, 5), 9, np.random.default_rng(0)).r)
    assert np.isnan(cophenetic(distances(0, 5), flat))


def test_cophenetic_correlation_is_pearsons():
    one, other = distances(3, 6), distances(4, 6)
    upper = np.triu_indices(6, 1)
    assert cophenetic(one, other) == pytest.approx(pearsonr(one[upper], other[upper]).statistic)


def test_consensus_of_a_species():
    codes = np.array(
        [
            [0, 1, 4, 3, 4, 4],  # not sequenced at the end
            [0, 2, 2, 3, 1, 2],
            [1, 2, 4, 4, 2, 2],
            [3, 3, 3, 3, 3, 3],
        ]
    )
    names, found = consensus(codes, ["Aus albus"] * 3 + ["Aus niger"])
    assert names == ["Aus albus", "Aus niger"]
    # most; most; a base in 1 of 3 alone; two of three; a tie; both that reach so far
    assert found.tolist() == [[0, 2, 4, 3, 4, 2], [3] * 6]
