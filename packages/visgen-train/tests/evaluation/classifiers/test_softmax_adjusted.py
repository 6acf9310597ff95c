"""Post-hoc logit adjustment: by hand, and the tau that validation chooses."""

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded, softmax
from visgen_train.evaluation.classifiers.base import validation_recall
from visgen_train.evaluation.classifiers.softmax_adjusted import TAUS, fit

TRAIN, LABELS = np.ones((4, 2)), [0, 0, 0, 1]
LOG3 = np.log(3)


def known_of(make_known, lead, truth):
    """Three training images of class 0, one of class 1; class 0 leads the validation images' logits by `lead`."""
    logits = np.stack([lead, np.zeros(len(lead))], 1)
    return make_known(TRAIN, LABELS, np.ones((len(lead), 2)), truth, np.ones((4, 2)), logits)


def test_by_hand(make_known):
    """Shares 3/4 and 1/4; tau moves the lead of class 0 by tau log 3, and 0.75 is the first to part the images."""
    known = known_of(make_known, [0.9 * LOG3, 0.7 * LOG3], [0, 1])
    fitted = fit(known)
    assert fitted.chosen == {"tau": 0.75}
    scores = fitted.scores(Embedded(np.zeros((1, 2)), np.array([[1.0, 2.0]])))
    np.testing.assert_allclose(scores, [[1 - 0.75 * np.log(3 / 4), 2 - 0.75 * np.log(1 / 4)]])


@pytest.mark.parametrize(("lead", "tau"), [(-0.1, 0.0), (0.1, 0.25), (1.9, 2.0), (2.6, 0.0)])
def test_validation_chooses_the_least_tau_that_is_best(make_known, lead, tau):
    """One image of class 1, behind by `lead` log 3; at 2.6 no tau of the grid helps it."""
    assert fit(known_of(make_known, [lead * LOG3], [1])).chosen == {"tau": tau}


def test_without_validation_the_logits_stay(make_known):
    fitted = fit(known_of(make_known, [], []))
    logits = np.array([[0.2, 0.1]])
    assert (fitted.chosen, fitted.temperature) == ({"tau": 0.0}, None)
    assert fitted.scores(Embedded(np.zeros((1, 2)), logits)).tolist() == logits.tolist()


def test_the_whole_grid_against_a_plain_loop(long_tail):
    """Logits of natural counts: adjusting them helps, and no tau of the grid is better."""
    known, _, _ = long_tail
    prior = np.log(np.bincount(known.train_labels) / len(known.train_labels))
    recall = [validation_recall(lambda q, tau=tau: q.logits - tau * prior, known) for tau in TAUS]
    fitted = fit(known)
    assert fitted.chosen["tau"] == TAUS[np.argmax(recall)] > 0
    assert validation_recall(fitted.scores, known) == max(recall) > recall[0]
    assert validation_recall(softmax.fit(known).scores, known) == recall[0]


def test_without_logits_it_does_not_apply(make_known):
    assert fit(make_known(TRAIN, LABELS)) is None
