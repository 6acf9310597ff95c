"""Average precision: by hand, of scikit-learn, and of anchors that are shuffled."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from visgen_train.evaluation.retrieval import average_precision, retrieval


def test_average_precision_by_hand():
    scores = np.array([[4.0, 3, 2, 1], [1, 2, 3, 4], [1, 1, 1, 1]])
    relevant = np.array([[True, False, True, False], [True, False, False, False], [False] * 4])
    found = average_precision(scores, relevant)
    assert found[:2] == pytest.approx([(1 / 1 + 2 / 3) / 2, 1 / 4])
    assert np.isnan(found[2])


def test_average_precision_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    scores, relevant = rng.normal(size=(20, 30)), rng.random((20, 30)) < 0.2
    expected = [average_precision_score(*pair) for pair in zip(relevant, scores, strict=True)]
    assert average_precision(scores, relevant) == pytest.approx(expected)


def test_pictures_at_their_anchors_are_all_found_and_shuffled_anchors_are_told():
    """By hand: three species, two pictures each, on their anchors: shuffled anchors stand second or third of three."""
    anchors = np.eye(3, 4)
    truth = np.array([0, 0, 1, 1, 2, 2])
    made = retrieval(anchors[truth], anchors, truth, np.random.default_rng(0))
    assert (made["image_to_dna"], made["dna_to_image"]) == (1, 1)
    assert len(made["shuffled"]["image_to_dna"]) == 2  # all there are of three
    # ties of cosine 0 go by position: the own anchor, at 0, stands second or third
    assert all(1 / 3 <= value <= 1 / 2 for value in made["shuffled"]["image_to_dna"])
    assert all(value < 0.7 for value in made["shuffled"]["dna_to_image"])
