"""Ranks and probabilities of predictions: by hand, with ties, and what is refused."""

import numpy as np
import pytest
from scipy.special import softmax
from visgen_train.errors import DataError
from visgen_train.evaluation.predictions import predictions

SCORES = np.array([[3.0, 1.0, 2.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])


def test_by_hand():
    """In the second and third row classes 0 and 1 are equal, in the last all are: the lower number goes first."""
    found = predictions(SCORES, np.array([1, 0, 1, 2]), None)
    assert found.predicted.tolist() == [0, 0, 0, 0]
    assert found.rank.tolist() == [2, 0, 1, 2]
    assert np.isnan(found.confidence).all()
    assert found.predicted.dtype == found.rank.dtype == np.int64


def test_rank_0_is_recognised_whatever_the_ties():
    rng = np.random.default_rng(0)
    scores, truth = rng.integers(0, 3, (500, 6)).astype(np.float32), rng.integers(0, 6, 500)
    found = predictions(scores, truth, None)
    assert ((found.rank == 0) == (found.predicted == truth)).all()
    by_sorting = [
        sorted(range(6), key=lambda c: (-row[c], c)).index(label)
        for row, label in zip(scores, truth, strict=True)
    ]
    assert found.rank.tolist() == by_sorting


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_confidence_is_the_highest_probability(temperature):
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 5, (100, 7))
    found = predictions(scores, np.zeros(100, int), temperature)
    np.testing.assert_allclose(found.confidence, softmax(scores / temperature, axis=1).max(1))


def test_large_scores_and_impossible_classes():
    """1 / (1 + e^-1), however large the scores, and a class of score -inf takes nothing."""
    found = predictions(np.array([[5000.0, 5001.0, -np.inf]]), np.array([2]), 1.0)
    assert found.confidence == pytest.approx([1 / (1 + np.exp(-1))])
    assert found.rank.tolist() == [2]


def test_no_images():
    found = predictions(np.zeros((0, 3)), np.zeros(0, int), 1.0)
    assert [len(part) for part in (found.predicted, found.rank, found.confidence)] == [0, 0, 0]


@pytest.mark.parametrize("bad", [[np.nan, 9, 0], [np.inf, 0, 0], [-np.inf] * 3])
def test_scores_that_order_nothing_are_refused_by_row(bad):
    scores = SCORES.copy()
    scores[2] = bad
    with pytest.raises(DataError, match="test image 2 .* 1 of 4 test images"):
        predictions(scores, np.zeros(4, int), None)
