"""What other species teach of one: the scatter of images, whole specimens, and descent."""

import numpy as np
import pytest
from visgen_train.evaluation.kriging import posterior
from visgen_train.evaluation.kriging.problem import Problem
from visgen_train.experiment.signal import learning


@pytest.mark.parametrize(("each", "expected"), [(30, 1.0), (2, 2.0)])
def test_s2_is_that_of_new_images_in_the_whitened_space(each, expected):
    """Of two images the covariance about their mean is half the true one, so that new images scatter twice as much."""
    rng, classes = np.random.default_rng(0), 1200 // each
    labels = np.repeat(np.arange(classes), each)
    vectors = rng.normal(size=(classes, 8))[labels] * 5 + 0.3 * rng.normal(size=(1200, 8))
    found = learning.noise_variance(vectors, labels, np.arange(1200).astype(str), rng)
    assert found == pytest.approx(expected, rel=0.08)


def test_specimens_are_held_out_whole():
    """Eight pictures of each specimen are nearly equal: s2 is that between specimens, not between pictures."""
    rng = np.random.default_rng(1)
    labels, specimen = np.repeat(np.arange(100), 48), np.repeat(np.arange(600), 8)
    vectors = rng.normal(size=(600, 4))[specimen] + 0.01 * rng.normal(size=(4800, 4))
    found = learning.noise_variance(vectors, labels, specimen.astype(str), rng)
    # the whitening takes the covariance about means of 5 or 6 specimens for the true one
    assert found == pytest.approx(2 / (4 / 5 + 5 / 6), rel=0.08)
    one_each = labels.astype(str)
    assert learning.noise_variance(vectors, labels, one_each, rng) == 1.0


def test_kriging_is_linear_in_the_means(sample):
    held, rng = sample([3, 5, 4, 2, 6, 3]), np.random.default_rng(0)
    space = learning.space_without(held, np.array([1, 4]), rng)
    real = learning.arms(space, held.distances.matrix, rng).real
    problem = Problem(held.species, space.means, space.counts, held.distances.matrix, space.s2)
    expected = posterior(problem, real.signal).means
    found = learning.weights(space, real) @ space.means[space.counts > 0]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_others_that_are_all_equally_related_tell_nothing_of_descent(sample):
    """One species is far from all: without it the distances are equal, and the fit is that of lambda = 0."""
    held, rng = sample([4, 4, 4, 4]), np.random.default_rng(0)
    matrix = np.full((4, 4), 1.0)
    matrix[0] = matrix[:, 0] = 3.0
    np.fill_diagonal(matrix, 0)
    found = learning.arms(learning.space_without(held, np.array([0]), rng), matrix, rng)
    assert found.real.signal == found.without.signal
    assert found.real.signal.lambda_ == 0
