"""The nearest anchor: by hand, and where there are no anchors."""

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers.anchor import fit

TRAIN, LABELS = [[1, 0], [0, 1], [-1, 0]], [0, 1, 2]
ANCHORS = np.array([[2.0, 0.0], [3.0, 4.0]])


def test_by_hand(make_known):
    """Classes beyond the anchors are trained only, and cannot be named."""
    scores = fit(make_known(TRAIN, LABELS, scored=2, anchors=ANCHORS)).scores(
        Embedded(np.array([[0.0, 9.0]]))
    )
    np.testing.assert_allclose(scores, [[0, 0.8, -np.inf]])


def test_where_the_training_images_lie_does_not_matter(make_known):
    queries = Embedded(np.random.default_rng(0).normal(size=(20, 2)))
    one = fit(make_known(TRAIN, LABELS, scored=2, anchors=ANCHORS))
    other = fit(make_known(np.negative(TRAIN), LABELS, scored=2, anchors=ANCHORS))
    assert (one.scores(queries) == other.scores(queries)).all()


def test_probabilities_at_its_temperature(make_known):
    """The validation image of the class without an anchor is no part of the calibration."""
    validation, labels = [[1, 0], [1, 0], [1, 0], [3, 4], [0, 1]], [0, 0, 1, 1, 2]
    known = make_known(TRAIN, LABELS, validation, labels, scored=2, anchors=ANCHORS)
    fitted = fit(known)
    # each time ahead by 1 - 0.6, right three times of four
    assert fitted.temperature == pytest.approx(0.4 / np.log(3), rel=1e-4)
    scores = np.exp(fitted.scores(known.validation) / fitted.temperature)
    np.testing.assert_allclose((scores / scores.sum(1, keepdims=True))[0], [0.75, 0.25, 0], atol=1e-4)


def test_without_anchors_it_does_not_apply(make_known):
    assert fit(make_known(TRAIN, LABELS)) is None
