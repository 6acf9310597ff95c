"""Pictures of none of the species: distances, and the threshold that accepts a given share."""

import numpy as np
import pytest
from visgen_train.evaluation.open_set import fit_open_set


def clouds(rng, n, centres, spread):
    labels = np.arange(n) % len(centres)
    return centres[labels] + rng.standard_normal((n, centres.shape[1])) * spread, labels


@pytest.fixture
def known(rng):
    centres = np.eye(3, 6) * 10
    spread = np.array([0.1, 0.1, 0.1, 0.1, 1.0, 0.1])
    return clouds(rng, 300, centres, spread), clouds(rng, 200, centres, spread)[0]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_distances_are_mahalanobis_distances_to_the_nearest_mean(known):
    """Oracle: the definition, with scipy's inverse of the covariance that whitening stands for."""
    (train, labels), validation = known
    found = fit_open_set(train, labels, validation, 3)
    unit = validation / np.linalg.norm(validation, axis=1, keepdims=True)
    inverse = found.whitening @ found.whitening.T
    means = [
        (train[labels == label] / np.linalg.norm(train[labels == label], axis=1, keepdims=True)).mean(0)
        for label in range(3)
    ]
    expected = [min(np.sqrt((row - mean) @ inverse @ (row - mean)) for mean in means) for row in unit]
    assert found.distances(validation) == pytest.approx(expected)


def test_a_step_along_a_direction_in_which_classes_scatter_counts_less(known):
    (train, labels), validation = known
    found = fit_open_set(train, labels, validation, 3)
    across, along = np.array([[10, 0, 0, 2.0, 0, 0], [10, 0, 0, 0, 2.0, 0]])
    assert found.distances(across[None])[0] > 3 * found.distances(along[None])[0]


def test_the_threshold_accepts_the_share_asked_for_of_validation_images(known):
    (train, labels), validation = known
    found = fit_open_set(train, labels, validation, 3, kept=0.9)
    assert (found.distances(validation) <= found.threshold).mean() == pytest.approx(0.9, abs=0.01)


def test_without_validation_images_each_is_left_out_of_its_own_mean():
    """By hand: unit vectors of a circle would turn round; in one dimension across them, means are sums over counts."""
    rng = np.random.default_rng(1)
    train = np.vstack([rng.normal((1, 0), 0.1, (4, 2)), rng.normal((0, 1), 0.1, (4, 2)), [[-1.0, 0.1]]])
    labels = np.array([0] * 4 + [1] * 4 + [2])
    found = fit_open_set(train, labels, np.empty((0, 2)), 3, kept=1.0)
    white = train / np.linalg.norm(train, axis=1, keepdims=True) @ found.whitening
    farthest = 0.0
    for row in range(9):
        rest = np.arange(9) != row
        means = [white[rest & (labels == k)].mean(0) for k in range(3) if (rest & (labels == k)).any()]
        farthest = max(farthest, min(np.linalg.norm(white[row] - mean) for mean in means))
    assert found.threshold == pytest.approx(farthest)
    assert found.distances(np.empty((0, 2))).shape == (0,)
