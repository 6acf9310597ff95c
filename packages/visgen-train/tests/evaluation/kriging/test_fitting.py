"""Fitted variance, lambda and length: against a fine grid, with intervals that cover, and honest p-values."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.evaluation.kriging import fit, gain_test, lambda_interval
from visgen_train.evaluation.kriging.likelihood import Marginal, Signal


def test_nothing_on_a_fine_grid_is_better(drawn):
    for seed in range(3):
        problem = drawn(15, 6, 0.5, seed)
        marginal, found = Marginal.of(problem), fit(problem)
        nearest = np.median((problem.distances + 9 * np.eye(15)).min(1))
        grid = [
            marginal.value(Signal(variance, share, length))
            for variance in np.geomspace(0.3, 10, 12)
            for share in np.linspace(0, 1 - 1e-6, 12)
            for length in np.geomspace(nearest / 3, problem.distances.max(), 12)
        ]
        assert found.log_likelihood >= max(grid) - 1e-6
        assert found.log_likelihood == pytest.approx(marginal.value(found.signal), abs=1e-6)
        best = max(marginal.independent(variance) for variance in np.geomspace(0.3, 10, 200))
        assert marginal.independent(found.independent.variance) >= best
        assert found.gain == pytest.approx(
            found.log_likelihood - marginal.independent(found.independent.variance)
        )


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_lambda_is_recovered_within_its_interval(drawn, share):
    """13 of 16 intervals of 95 %: fewer in 0.7 % of such sets if they cover as they say."""
    inside, widths = 0, []
    for seed in range(16):
        problem = drawn(30, 20, share, seed)
        low, high = lambda_interval(problem, fit(problem))
        assert 0 <= low <= high <= 1
        inside += low <= share <= high
        widths.append(high - low)
    assert inside >= 13
    assert np.median(widths) < 0.5


def test_many_dimensions_leave_no_bias(drawn):
    """The plain likelihood would take v for 1.9 here: 1 / 20 too small, many standard errors."""
    found = fit(drawn(20, 4000, 0.5, seed=0)).signal
    assert found.variance == pytest.approx(2, rel=0.02)
    assert found.lambda_ == pytest.approx(0.5, abs=0.02)
    assert found.length == pytest.approx(0.5, rel=0.1)


def test_an_interval_ends_where_the_profile_has_fallen_by_1_92(drawn):
    problem = drawn(20, 10, 0.5, seed=2)
    found = fit(problem)
    low, high = lambda_interval(problem, found)
    assert 0 < low < found.signal.lambda_ < high < 1
    marginal = Marginal.of(problem)
    for end in (low, high):
        profile = max(
            marginal.value(Signal(variance, end, length))
            for variance in np.geomspace(1, 5, 40)
            for length in np.geomspace(0.05, 2, 40)
        )
        assert found.log_likelihood - profile == pytest.approx(1.92, abs=0.15)


def test_order_of_species_does_not_matter(drawn, turned):
    problem = drawn(15, 6, 0.5, seed=2, unseen=3)
    order = np.random.default_rng(0).permutation(18)
    one, other = fit(problem), fit(turned(problem, order))
    assert one.gain == pytest.approx(other.gain, rel=1e-6)
    assert one.signal.lambda_ == pytest.approx(other.signal.lambda_, abs=1e-3)


def test_each_permutation_is_fitted_anew(drawn):
    problem = drawn(10, 5, 1.0, seed=3)
    found = gain_test(problem, np.random.default_rng(7), 3)
    rng = np.random.default_rng(7)
    expected = []
    for _ in range(3):
        order = rng.permutation(10)
        expected.append(fit(replace(problem, distances=problem.distances[np.ix_(order, order)])).gain)
    np.testing.assert_allclose(found.permuted, expected, rtol=1e-6, atol=1e-8)
    assert found.gain == fit(problem).gain
    assert found.p == (1 + sum(gain >= found.gain for gain in expected)) / 4


def test_p_is_uniform_where_looks_say_nothing_of_descent(drawn):
    """40 tests with 9 permutations: p = 0.1 for 4 of them, 10 or more in 0.5 % of such sets."""
    p = [gain_test(drawn(10, 4, 0.0, seed), np.random.default_rng(seed), 9).p for seed in range(40)]
    assert sum(value <= 0.1 for value in p) < 10
    assert 0.4 < np.mean(p) < 0.75  # ties at a gain of 0 make it a little more than 0.55


def test_p_is_small_and_the_gain_large_where_looks_follow_descent(drawn):
    tests = [gain_test(drawn(32, 16, 1.0, seed), np.random.default_rng(seed)) for seed in range(2)]
    assert [found.p for found in tests] == [0.01, 0.01]
    assert all(found.gain > 31 and found.permuted.max() < 13 for found in tests)
