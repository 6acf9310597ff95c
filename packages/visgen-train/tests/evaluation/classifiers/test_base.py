"""What classifiers share: recall, the choice on validation, means of unit vectors."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers.base import best_on_validation, validation_recall
from visgen_train.evaluation.whitening import class_means, unit

TRAIN, LABELS = [[1, 0], [0, 1], [-1, 0]], [0, 1, 2]


def always(label):
    return lambda queries: np.tile(np.eye(3)[int(label)], (len(queries.vectors), 1))


def test_recall_is_the_mean_over_scored_classes_present(make_known):
    """Class 0 has one of four right, class 1 one of one; class 2 is trained only, and its image counts nowhere."""
    known = make_known(
        TRAIN, LABELS, [[5, 1], [1, 5], [1, 5], [1, 5], [1, 5], [1, 5]], [0, 0, 0, 0, 1, 2], scored=2
    )
    assert validation_recall(lambda queries: queries.vectors @ np.eye(2, 3), known) == (1 / 4 + 1) / 2


def test_recall_against_scikit_learn(long_tail):
    known, _, _ = long_tail
    predicted = known.validation.logits.argmax(1)
    expected = balanced_accuracy_score(known.validation_labels, predicted)
    assert validation_recall(lambda queries: queries.logits, known) == pytest.approx(expected)


def test_the_best_of_a_grid(make_known):
    known = make_known(TRAIN, LABELS, np.ones((3, 2)), [0, 1, 1])
    assert (
        best_on_validation((2.0, 1.0, 0.0), always, known) == 1.0
    )  # 0, 1/2 and 1/2 of the recall: the first of ties
    assert best_on_validation((2.0, 0.0, 1.0), always, known) == 0.0


@pytest.mark.parametrize("labels", [[], [2, 2]])
def test_without_a_scored_validation_image_the_first_is_taken(make_known, labels):
    known = make_known(TRAIN, LABELS, np.ones((len(labels), 2)), labels, scored=2)
    assert best_on_validation((0.0, 1.0, 2.0), always, known) == 0.0
    assert np.isnan(validation_recall(always(0), known))


def test_labels_must_cover_the_classes(make_known):
    with pytest.raises(ValueError, match="class 1 has no training images"):
        make_known(TRAIN, [0, 2, 2])
    with pytest.raises(ValueError, match="a training label is 2, but classes end at 1"):
        make_known(TRAIN, LABELS, classes=2)


def test_unit_and_means_by_hand():
    rows = unit(np.array([[3, 4], [0, 0], [0, 2]], np.float32))
    assert rows.dtype == np.float64
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0], [0, 1]])
    np.testing.assert_allclose(class_means(rows, np.array([1, 0, 1]), 2), [[0, 0], [0.3, 0.9]])


def test_logits_are_optional():
    assert Embedded(np.zeros((2, 2))).logits is None
