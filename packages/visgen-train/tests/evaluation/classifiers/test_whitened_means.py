"""Whitened means: by hand, and against linear discriminants."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers.base import validation_recall
from visgen_train.evaluation.classifiers.whitened_means import NOISES, fit, shrunk
from visgen_train.evaluation.whitening import class_means, unit, whitener

DIAGONAL = np.sqrt(0.5)


def test_one_image_a_class_by_hand(make_known):
    """Nothing is known of the spread, so the space stays: minus half the squared distance of unit vectors."""
    fitted = fit(make_known([[5, 0], [0, 1]], [0, 1]))
    scores = fitted.scores(Embedded(np.array([[3.0, 4.0], [9.0, 0.0]])))
    np.testing.assert_allclose(scores, [[-(0.16 + 0.64) / 2, -(0.36 + 0.04) / 2], [0, -1]], atol=1e-12)
    assert (fitted.chosen, fitted.temperature) == ({"s2": 0.0}, None)


def test_whitening_by_hand():
    """Residuals (+-2, 0) and (0, +-1), covariance diag(2, 0.5), Ledoit and Wolf's share of the identity as they say."""
    rows = np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0], [9.0, 9.0]])
    share = LedoitWolf(assume_centered=True).fit(rows[:4]).shrinkage_
    assert 1 / 4 < share < 1
    variances = (1 - share) * np.array([2, 0.5]) + share * 1.25
    found = whitener(rows, np.array([0, 0, 1, 1, 2]), 3)
    np.testing.assert_allclose(found @ found.T, np.diag(1 / variances), atol=1e-12)


def test_whitening_by_two_images():
    """Residuals (+-1, 0) alone: half of diag(1, 0), and half of its mean variance 1/2 in every direction."""
    found = whitener(np.array([[2.0, 0.0], [0.0, 0.0], [9.0, 9.0]]), np.array([0, 0, 1]), 2)
    np.testing.assert_allclose(found @ found.T, np.diag([1 / 0.75, 1 / 0.25]), atol=1e-12)


def test_shrinking_by_hand():
    """Means 0, 3 and 6 about 3: a class of 3 images keeps 3/5 of its distance at s2 = 2, one of 1 image a third."""
    means, counts = np.array([[0.0], [3.0], [6.0]]), np.array([3, 7, 1])
    np.testing.assert_allclose(shrunk(means, counts, 2.0).ravel(), [1.2, 3.0, 4.0])
    assert shrunk(means, counts, 0.0).tolist() == means.tolist()


def test_against_linear_discriminants(long_tail):
    """No shrinkage of the means: linear discriminant analysis with equal priors and the same covariance."""
    known, queries, _ = long_tail
    rows, labels = unit(known.train.vectors), known.train_labels
    residuals = rows - class_means(rows, labels, 8)[labels]

    class Ours:
        def fit(self, _):
            self.covariance_ = LedoitWolf(assume_centered=True).fit(residuals).covariance_

    model = LinearDiscriminantAnalysis("lsqr", priors=np.full(8, 1 / 8), covariance_estimator=Ours())
    expected = model.fit(rows, labels).decision_function(unit(queries.vectors))
    plain = type(known)(known.train, labels, Embedded(np.zeros((0, 10))), np.zeros(0, int), 8, 8)
    found = fit(plain).scores(queries)
    np.testing.assert_allclose(found - found[:, :1], expected - expected[:, :1], atol=1e-8)


def test_scores_against_a_plain_loop(long_tail):
    known, queries, _ = long_tail
    rows, labels = unit(known.train.vectors), known.train_labels
    precision = np.linalg.inv(
        LedoitWolf(assume_centered=True).fit(rows - class_means(rows, labels, 8)[labels]).covariance_
    )
    fitted = fit(known)
    prototypes = shrunk(class_means(rows, labels, 8), known.counts, fitted.chosen["s2"])
    for query, found in zip(unit(queries.vectors)[::20], fitted.scores(queries)[::20], strict=True):
        expected = [-(query - mean) @ precision @ (query - mean) / 2 for mean in prototypes]
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_validation_chooses_the_shrinkage(make_known):
    """The only image of the rare class lies off at 120 degrees; the validation image at 62 degrees is nearer to the
    common class at 10 degrees, until the rare mean is drawn in."""
    degrees = np.deg2rad([10] * 100 + [120])
    train = np.stack([np.cos(degrees), np.sin(degrees)], 1)
    seen = np.deg2rad([62.0])
    validation = np.stack([np.cos(seen), np.sin(seen)], 1)
    known = make_known(train, [0] * 100 + [1], validation, [1])
    chosen = fit(known).chosen["s2"]
    assert chosen > 0
    means, recalled = np.array([train[0], train[-1]]), []
    for noise in NOISES:
        near = np.linalg.norm(validation - shrunk(means, known.counts, noise), axis=1).argmin()
        recalled.append(near == 1)
    assert chosen == NOISES[recalled.index(True)]


def test_no_shrinkage_of_the_grid_is_better(long_tail, monkeypatch):
    known, _, _ = long_tail
    best = validation_recall(fit(known).scores, known)
    for noise in NOISES:
        monkeypatch.setattr("visgen_train.evaluation.classifiers.whitened_means.NOISES", (noise,))
        assert validation_recall(fit(known).scores, known) <= best


def test_more_dimensions_than_images(make_known):
    rng = np.random.default_rng(0)
    means, labels = rng.normal(size=(3, 60)), np.repeat(np.arange(3), [4, 3, 1])
    known = make_known(means[labels] + 0.3 * rng.normal(size=(8, 60)), labels.tolist())
    queries = Embedded(np.repeat(means, 20, axis=0) + 0.3 * rng.normal(size=(60, 60)))
    assert fit(known).scores(queries).argmax(1).tolist() == np.repeat(np.arange(3), 20).tolist()


@pytest.mark.parametrize("train", [[[1, 0], [1, 0], [0, 1]], [[1, 0], [DIAGONAL, DIAGONAL], [0, 1]]])
def test_a_covariance_without_inverse(make_known, train):
    """Images of a class that never differ; two images, which differ in one direction only."""
    scores = fit(make_known(train, [0, 0, 1])).scores(Embedded(np.array([[1.0, 0.1], [0.0, 1.0]])))
    assert np.isfinite(scores).all()
    assert scores.argmax(1).tolist() == [0, 1]


def test_no_queries(long_tail):
    assert fit(long_tail[0]).scores(Embedded(np.zeros((0, 10)))).shape == (0, 8)
