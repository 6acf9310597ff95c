"""Softmax and kriging mixed: the weight by hand, and its ends."""

import dataclasses

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded, fit_all
from visgen_train.evaluation.classifiers.base import Fitted, validation_recall
from visgen_train.evaluation.classifiers.fused import WEIGHTS, fit

# of an image of class 0, one of class 1, one of class 2
SURE = np.log([[0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.2, 0.2, 0.6]])
OTHER = np.log([[0.4, 0.3, 0.3], [0.1, 0.8, 0.1], [0.3, 0.4, 0.3]])


def fixed(table, temperature=1.0):
    return Fitted(lambda queries: np.asarray(table)[queries.vectors[:, 0].astype(int)], {}, temperature)


def known_of(make_known, truth):
    return make_known(
        np.eye(3), [0, 1, 2], np.arange(len(truth))[:, None] * np.ones((1, 3)), truth, logits=np.eye(3)
    )


def test_the_weight_and_the_mixture_by_hand(make_known):
    """Image 1 is right from 0.2 + 0.6 w > 0.6 - 0.5 w on, w > 0.364; image 2 wrong from 0.6 - 0.3 w < 0.2 + 0.2 w."""
    known = known_of(make_known, [0, 1, 2])
    found = fit(known, fixed(2 * SURE, 2.0), fixed(OTHER))
    assert found.chosen == {"weight": 0.4}
    mixed = 0.6 * np.exp(SURE) + 0.4 * np.exp(OTHER)
    np.testing.assert_allclose(found.scores(known.validation), np.log(mixed))


def test_weight_0_is_the_softmax_and_weight_1_kriging(make_known):
    known = known_of(make_known, [0, 0, 2])
    one = fixed(SURE)
    found = fit(known, one, fixed(OTHER))
    assert found.chosen == {"weight": 0.0}
    assert found.scores is one.scores
    only_kriging = known_of(make_known, [0, 1])
    flat = fit(only_kriging, fixed([[0, 9.0, 0], [9.0, 0, 0]]), fixed([[9.0, 0, 0], [0, 9.0, 0]]))
    assert flat.chosen["weight"] > 0.5
    assert WEIGHTS[-1] == 1
    assert np.isfinite(flat.scores(only_kriging.validation)).all()


def test_it_is_never_worse_on_validation_than_the_softmax(long_tail):
    known, queries, _ = long_tail
    found = fit_all(known)
    assert validation_recall(found["fused"].scores, known) >= validation_recall(
        found["softmax-adjusted"].scores, known
    )
    empty = dataclasses.replace(
        known, validation=Embedded(np.zeros((0, 10))), validation_labels=np.zeros(0, np.int64)
    )
    bare = fit_all(empty)
    assert bare["fused"].scores is not None
    np.testing.assert_array_equal(bare["fused"].scores(queries), bare["softmax-adjusted"].scores(queries))


def test_without_dna_it_is_the_same_mixture_at_lambda_0(long_tail):
    known, queries, _ = long_tail
    found = fit_all(known)
    by_hand = fit(known, found["softmax-adjusted"], found["shrinkage"])
    assert found["fused-shrinkage"].chosen == by_hand.chosen
    np.testing.assert_array_equal(found["fused-shrinkage"].scores(queries), by_hand.scores(queries))


@pytest.mark.parametrize("missing", [0, 1])
def test_without_one_of_the_two_it_does_not_apply(make_known, missing):
    both = [fixed(SURE), fixed(OTHER)]
    both[missing] = None
    assert fit(known_of(make_known, [0]), *both) is None
