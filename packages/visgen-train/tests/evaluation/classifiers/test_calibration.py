"""Temperature scaling: by hand, by plain search, and against logistic regression."""

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from visgen_train.evaluation.classifiers import Embedded, temperature
from visgen_train.evaluation.classifiers.calibration import BOUNDS, calibrated

SURE = np.array([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
LABELS = np.array([0, 0, 1, 1])


def test_by_hand():
    """Always ahead by 2, right three times of four: 2 / T = log(3 / 1)."""
    assert temperature(SURE, LABELS) == pytest.approx(2 / np.log(3), rel=1e-4)


def test_against_a_plain_search():
    rng = np.random.default_rng(0)
    scores, labels = rng.normal(size=(200, 5)) * 3, rng.integers(0, 5, 200)
    scores[np.arange(200), labels] += 2
    grid = np.geomspace(0.01, 100, 4001)
    likelihood = [log_softmax(scores / t, axis=1)[np.arange(200), labels].mean() for t in grid]
    assert temperature(scores, labels) == pytest.approx(grid[np.argmax(likelihood)], rel=0.003)


def test_two_classes_are_a_logistic_regression_without_intercept():
    rng = np.random.default_rng(1)
    lead = rng.normal(size=300)
    labels = (rng.random(300) < 1 / (1 + np.exp(-lead / 0.7))).astype(int)
    slope = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-8).fit(lead[:, None], labels).coef_[0, 0]
    assert temperature(np.stack([0 * lead, lead], 1), labels) == pytest.approx(1 / slope, rel=1e-3)


@pytest.mark.parametrize("gap", [1e-3, 1.0, 1e4])
def test_all_right_lands_on_the_lower_bound(gap):
    assert temperature(gap * np.eye(3), np.arange(3)) == pytest.approx(BOUNDS[0])


def test_worse_than_chance_lands_on_the_upper_bound():
    assert temperature(np.eye(3), np.array([1, 2, 0])) == pytest.approx(BOUNDS[1])


def test_a_class_that_cannot_be_named():
    """A column of -inf changes nothing, and an image of that class is left out."""
    scores = np.column_stack([SURE, np.full(4, -np.inf)])
    scores, labels = np.vstack([scores, [1.0, 0.0, -np.inf]]), np.append(LABELS, 2)
    assert temperature(scores, labels) == pytest.approx(2 / np.log(3), rel=1e-4)
    assert temperature(scores[-1:], labels[-1:]) is None


def test_no_images():
    assert temperature(np.zeros((0, 3)), np.zeros(0, int)) is None


def test_images_of_trained_only_classes_are_left_out(make_known):
    rows, labels = np.vstack([SURE, [[0, 2]] * 3]), [*LABELS, 2, 2, 2]
    known = make_known([[1, 0], [0, 1], [1, 1]], [0, 1, 2], rows, labels, scored=2)

    def scores(queries: Embedded):
        return np.column_stack([queries.vectors, np.full(len(queries.vectors), -50.0)])

    fitted = calibrated(scores, known, {"a": 1.0})
    assert fitted.temperature == pytest.approx(2 / np.log(3), rel=1e-4)
    assert (fitted.scores, fitted.chosen) == (scores, {"a": 1.0})
