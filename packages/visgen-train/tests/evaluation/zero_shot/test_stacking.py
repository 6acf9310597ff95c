"""The constant that lets species without images win: margins, cost and hits by hand."""

import numpy as np
import pytest
from visgen_train.evaluation.zero_shot import bound, constant, figures, hits, margins

# two seen species and one unseen: margins 0.9, 0.5, 0.3, 0.1 of images of seen ones, 0.2 and 0.4 of the unseen one
SCORES = np.array(
    [[1.0, 0.0, 0.1], [0.7, 0.0, 0.2], [0.0, 0.5, 0.2], [0.0, 0.4, 0.3], [0.5, 0.0, 0.3], [0.7, 0.1, 0.3]]
)
TRUTH = np.array([0, 0, 1, 1, 2, 2])


def test_margins_and_accuracies_by_hand():
    found = margins(SCORES, TRUTH, 2)
    np.testing.assert_allclose(found.margin, [0.9, 0.5, 0.3, 0.1, 0.2, 0.4])
    assert found.right.all()
    assert found.accuracy(0.25, unseen=True) == 0.5
    assert found.accuracy(0.25, unseen=False) == 0.75  # species 0 wholly, species 1 half
    assert found.accuracy(0.0, unseen=True) == 0
    assert np.isnan(margins(SCORES[:4], TRUTH[:4], 2).accuracy(0, unseen=True))


@pytest.mark.parametrize(("cost", "expected"), [(0.1, 0.1), (0.25, 0.3), (0.5, 0.5), (0.75, 0.9)])
def test_the_bound_costs_no_more_than_it_may(cost, expected):
    """Each of the four images of seen species is a quarter of their accuracy, lost beyond its margin."""
    validation = margins(SCORES, TRUTH, 2)
    found = bound(validation, cost)
    assert found == pytest.approx(expected)
    assert validation.accuracy(found, unseen=False) >= 1 - cost
    assert validation.accuracy(np.nextafter(found, 1), unseen=False) < 1 - cost


def test_the_cost_is_a_share_of_what_seen_species_have_among_themselves():
    wrong = margins(SCORES, np.array([0, 0, 1, 0, 2, 2]), 2)  # one image is lost in any case
    assert bound(wrong, 0.1) == pytest.approx(0.3)


def test_the_constant_lets_an_unseen_species_win_within_the_bound():
    fold = margins(SCORES, TRUTH, 2)
    free = constant([fold], np.inf)
    assert 0.4 < free <= 0.5  # all of the unseen one, 3 of 4 of the others
    assert 0.2 < constant([fold], 0.3) <= 0.3  # half of it
    assert constant([fold], -1.0) == -1
    taken = SCORES - np.array([free, free, 0])
    assert (taken.argmax(1) == [0, 0, 2, 2, 2, 2]).all()


def test_hits_and_figures_by_hand():
    """Unseen species 1 and 2 of three columns: a tie counts half, and each species counts alike."""
    scores = np.array([[0.0, 3, 1], [0, 1, 1], [0, 1, 2], [5, 0, 9]])
    truth = np.array([1, 1, 2, 0])
    found = hits(scores, truth, 1)
    np.testing.assert_array_equal(found["top1"], [1, 0.5, 1, np.nan])
    np.testing.assert_array_equal(found["top3"], [1, 1, 1, np.nan])
    np.testing.assert_array_equal(found["seen"], [np.nan, np.nan, np.nan, 0])
    np.testing.assert_array_equal(found["unseen"], [1, 1, 1, np.nan])  # the first of equal ones
    of_all = figures(found, truth)
    assert {name: value.tolist() for name, value in of_all.items()} == {
        "top1": [0.875],
        "top3": [1.0],
        "top5": [1.0],
        "unseen": [1.0],
        "seen": [0.0],
        "harmonic": [0.0],
    }
    twice = figures(found, truth, np.array([[3, 1, 1, 1], [0, 1, 1, 1]]))
    np.testing.assert_allclose(twice["top1"], [0.9375, 0.75])
