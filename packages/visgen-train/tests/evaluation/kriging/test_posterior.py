"""What kriging knows of each species: against Gaussian process regression and best unbiased prediction."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.evaluation.kriging import Problem, posterior, probabilities
from visgen_train.evaluation.kriging.likelihood import Signal

SIGNALS = [Signal(2.0, 0.5, 0.4), Signal(0.3, 0.9, 2.0), Signal(7.0, 0.0, 1.0)]


@pytest.mark.parametrize("signal", SIGNALS)
def test_it_is_gaussian_process_regression(drawn, signal):
    """Rasmussen and Williams, eq. 2.25 and 2.26, with dense inverses and the generalised least squares mean."""
    problem = drawn(9, 5, 0.5, seed=0, unseen=4)
    seen, v, share = problem.seen, signal.variance, signal.lambda_
    k = v * (share * np.exp(-problem.distances / signal.length) + (1 - share) * np.eye(13))
    inverse = np.linalg.inv(k[seen][:, seen] + np.diag(problem.s2 / problem.counts[seen]))
    common = inverse.sum(0) @ problem.means[seen] / inverse.sum()
    expected = common + k[:, seen] @ inverse @ (problem.means[seen] - common)
    found = posterior(problem, signal)
    np.testing.assert_allclose(found.common, common, atol=1e-10)
    np.testing.assert_allclose(found.means, expected, atol=1e-10)
    known_mean = np.diag(k - k[:, seen] @ inverse @ k[seen])  # 2.26
    of_the_mean = (1 - k[:, seen] @ inverse.sum(1)) ** 2 / inverse.sum()  # 2.42
    np.testing.assert_allclose(found.variances, known_mean + of_the_mean, atol=1e-10)


@pytest.mark.parametrize("signal", SIGNALS)
def test_it_is_the_best_unbiased_prediction(drawn, signal):
    """Universal kriging's own equations: weights w that sum to 1, with the least variance (Lagrange multiplier u)."""
    problem = drawn(9, 5, 0.5, seed=1, unseen=4)
    seen, found = problem.seen, posterior(problem, signal)
    k = signal.covariance(problem.distances, np.eye(13))
    system = np.ones((10, 10))
    system[:9, :9] = k[seen][:, seen] + np.diag(problem.noise)
    system[9, 9] = 0
    for row in range(13):
        *weights, multiplier = np.linalg.solve(system, np.append(k[row, seen], 1))
        np.testing.assert_allclose(found.means[row], np.array(weights) @ problem.means[seen], atol=1e-10)
        variance = signal.variance - weights @ k[row, seen] - multiplier
        assert found.variances[row] == pytest.approx(variance, abs=1e-10)
    assert found.variances[~seen].min() > found.variances[seen].min()


def test_without_descent_it_is_plain_shrinkage_by_hand():
    """v = 2, s2 = 4; 1, 2 and 4 images: noise 4, 2, 1. The common mean weighs them by 1/6, 1/4, 1/3:
    (0 + 4/4 + 8/3) / (3/4) = 44/9. Of the way from there 2/(2+4), 2/(2+2), 2/(2+1) remain."""
    distances = np.array([[0, 1, 2, 3], [1, 0, 2, 3], [2, 2, 0, 3], [3, 3, 3, 0.0]])
    means = np.array([[0.0], [4.0], [8.0], [np.nan]])
    problem = Problem(("a", "b", "c", "d"), means, np.array([1, 2, 4, 0]), distances, 4.0)
    found = posterior(problem, Signal(2.0, 0.0, 1.0))
    expected = [44 / 9 * 2 / 3, (44 / 9 + 4) / 2, 44 / 9 + 2 / 3 * (8 - 44 / 9), 44 / 9]
    np.testing.assert_allclose(found.means[:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(found.variances[3], 2 + 4 / 3, rtol=1e-12)


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_mean_of_very_many_images_stays(drawn, signal):
    problem = drawn(9, 5, 0.5, seed=2)
    many = replace(problem, counts=problem.counts * 1e12)
    np.testing.assert_allclose(posterior(many, signal).means, problem.means, atol=1e-8)
    assert posterior(many, signal).variances.max() < 1e-9


def test_a_species_never_seen_is_drawn_to_its_relatives():
    """a and b look alike and are relatives of d; c is none."""
    distances = np.array([[0, 0.2, 2, 0.1], [0.2, 0, 2, 0.1], [2, 2, 0, 2], [0.1, 0.1, 2, 0.0]])
    means = np.array([[1.0, 0], [1.2, 0], [-1, 0], [np.nan, np.nan]])
    problem = Problem(("a", "b", "c", "d"), means, np.array([50, 50, 50, 0]), distances, 1.0)
    with_dna, without = (posterior(problem, Signal(1.0, share, 1.0)) for share in (1 - 1e-6, 0.0))
    assert with_dna.means[3, 0] > 0.8
    assert without.means[3, 0] == pytest.approx(without.common[0])
    assert with_dna.variances[3] < without.variances[3] / 3


def test_order_of_species_does_not_matter(drawn, turned):
    problem = drawn(9, 5, 0.5, seed=3, unseen=4)
    order = np.random.default_rng(0).permutation(13)
    one, other = (posterior(given, SIGNALS[0]) for given in (problem, turned(problem, order)))
    np.testing.assert_allclose(other.means, one.means[order], atol=1e-12)
    np.testing.assert_allclose(other.variances, one.variances[order], atol=1e-12)


def test_probabilities_by_hand():
    """|q - a|^2 / 2 is 0 and 2, at temperature 2: e^0 and e^-1."""
    found = probabilities(np.array([[1.0, 1.0]]), np.array([[1.0, 1.0], [3.0, 1.0]]), 2.0)
    np.testing.assert_allclose(found, [[1 / (1 + np.exp(-1)), 1 / (1 + np.e)]], rtol=1e-12)
    far = probabilities(np.full((1, 2), 1e4), np.array([[0.0, 0.0], [1.0, 1.0]]), 0.01)
    assert far.tolist() == [[0, 1]]
