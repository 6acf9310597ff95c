"""From species to genus: probabilities summed, and the threshold by hand."""

import numpy as np
import pytest
from visgen_train.evaluation.back_off import Genera, threshold, thresholds

SPECIES = ("Aus albus", "Bus ruber", "Aus niger")


def test_probabilities_of_a_genus_are_summed():
    genera = Genera.of(SPECIES)
    assert genera.names == ("Aus", "Bus")
    assert genera.summed(np.array([[0.4, 0.35, 0.25]])) == pytest.approx(np.array([[0.65, 0.35]]))


def test_the_threshold_gives_most_answers_of_which_enough_are_right():
    """By hand: right of the first 1, 2, ... answers are 1, 1/2, 2/3, 3/4, 3/5; 4 is the most with 0.7."""
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    correct = np.array([True, False, True, True, False])
    found = threshold(probability, correct, 0.7, fewest=1)
    assert (found.least, found.answered, found.of, found.right) == (0.6, 4, 5, 0.75)


def test_equal_probabilities_are_answered_together_or_not_at_all():
    correct = np.array([True, True, False, False])
    assert threshold(np.array([0.9, 0.5, 0.5, 0.5]), correct, 0.6, fewest=1).least == 0.9


def test_no_threshold_where_answers_are_few_or_wrong():
    assert threshold(np.array([0.9, 0.8]), np.array([False, False])).least == np.inf
    assert threshold(np.linspace(0.5, 0.9, 9), np.ones(9, bool)).least == np.inf
    assert threshold(np.linspace(0.5, 0.9, 10), np.ones(10, bool)).least == 0.5
    assert threshold(np.empty(0), np.empty(0, bool)).least == np.inf


def test_a_genus_is_right_where_the_species_is_another_of_it():
    probabilities = np.array([[0.5, 0.1, 0.4]] * 10)
    species, genus = thresholds(probabilities, np.full(10, 2), Genera.of(SPECIES))
    assert species.least == np.inf
    assert genus.least == pytest.approx(0.9)
    assert genus.right == 1
