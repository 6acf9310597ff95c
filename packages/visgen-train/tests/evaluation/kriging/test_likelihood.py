"""The restricted likelihood: against the normal density of contrasts, its gradient by small steps."""

import numpy as np
import pytest
from scipy.linalg import helmert
from scipy.optimize import approx_fprime
from scipy.stats import multivariate_normal, ortho_group
from visgen_train.evaluation.kriging.likelihood import Marginal, Signal

SIGNALS = [Signal(2.0, 0.5, 0.4), Signal(0.3, 1 - 1e-6, 2.0), Signal(7.0, 0.0, 1.0)]


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("dimensions", [1, 4, 30])
def test_it_is_the_normal_density_of_contrasts(drawn, signal, dimensions):
    problem = drawn(12, dimensions, 0.5, seed=0, unseen=3)
    seen = problem.seen
    covariance = signal.covariance(problem.distances, np.eye(15))[np.ix_(seen, seen)] + np.diag(problem.noise)
    contrasts = helmert(12)
    density = multivariate_normal(np.zeros(11), contrasts @ covariance @ contrasts.T)
    expected = sum(density.logpdf(contrasts @ column) for column in problem.means[seen].T)
    assert Marginal.of(problem).value(signal) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("signal", SIGNALS)
def test_the_gradient_is_that_of_small_steps(drawn, signal):
    marginal = Marginal.of(drawn(10, 4, 0.5, seed=1))

    def value(point):
        return marginal.value(Signal(np.exp(point[0]), point[1], np.exp(point[2])))

    point = np.array([np.log(signal.variance), min(signal.lambda_, 0.99), np.log(signal.length)])
    found, gradient = marginal.value_and_gradient(Signal(np.exp(point[0]), point[1], np.exp(point[2])))
    assert found == pytest.approx(value(point), rel=1e-12)
    np.testing.assert_allclose(gradient, approx_fprime(point, value, 1e-7), rtol=1e-4, atol=1e-4)


def test_without_descent_the_matrix_is_diagonal(drawn):
    marginal = Marginal.of(drawn(10, 4, 0.5, seed=2))
    assert marginal.independent(1.7) == pytest.approx(marginal.value(Signal(1.7, 0.0, 9.0)), rel=1e-12)


def test_order_common_mean_and_rotation_do_not_matter(drawn):
    problem = drawn(10, 4, 0.5, seed=3)
    expected = Marginal.of(problem).value(SIGNALS[0])
    order = np.random.default_rng(0).permutation(10)
    turned = problem.means[order] @ ortho_group.rvs(4, random_state=0) + [1e3, -5, 0, 7]
    again = Marginal(turned, problem.noise[order], problem.distances[np.ix_(order, order)])
    assert again.value(SIGNALS[0]) == pytest.approx(expected, rel=1e-10)


def test_species_of_equal_dna_and_no_noise_cannot_be_told_apart():
    marginal = Marginal(np.arange(3.0)[:, None], np.zeros(3), np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]]))
    with pytest.raises(np.linalg.LinAlgError, match=r"lambda_=1.0.* has no Cholesky factor"):
        marginal.value(Signal(1.0, 1.0, 1.0))
