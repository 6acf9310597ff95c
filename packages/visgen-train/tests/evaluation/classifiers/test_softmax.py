"""The network's softmax head as a classifier."""

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers.softmax import fit

TRAIN, LABELS, LOGITS = [[1, 0], [0, 1]], [0, 1], [[1, 0], [0, 1]]
VALIDATION = {"validation_logits": [[2, 0], [2, 0], [2, 0], [0, 2]]}


def test_scores_are_the_logits(make_known):
    known = make_known(TRAIN, LABELS, np.ones((4, 2)), [0, 0, 1, 1], LOGITS, **VALIDATION)
    fitted, logits = fit(known), np.array([[0.5, -1.0]], np.float32)
    assert fitted.scores(Embedded(np.zeros((1, 2)), logits)).tolist() == [[0.5, -1.0]]
    assert fitted.temperature == pytest.approx(2 / np.log(3), rel=1e-4)
    assert fitted.chosen == {}


def test_without_logits_it_does_not_apply(make_known):
    assert fit(make_known(TRAIN, LABELS)) is None


def test_queries_without_logits(make_known):
    with pytest.raises(ValueError, match="the queries have none; give them to both"):
        fit(make_known(TRAIN, LABELS, logits=LOGITS)).scores(Embedded(np.zeros((1, 2))))
