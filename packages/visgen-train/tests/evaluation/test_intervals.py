"""Bootstrap intervals: of binomial width, whole specimens, paired differences."""

import numpy as np
import pytest
from visgen_train.evaluation import metrics  # not `Tested` itself, which pytest would take for a test
from visgen_train.evaluation.intervals import WITH_INTERVALS, resamples, spread
from visgen_train.evaluation.metrics import figures, masks
from visgen_train.evaluation.predictions import Predictions

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2])
RIGHT = np.array([1, 1, 1, 0, 1, 0, 0, 1], bool)


def images_of(truth, units=None):
    classes = truth.max() + 1
    units = np.arange(len(truth)) if units is None else units
    return metrics.Tested(
        truth, units.astype(str), masks(np.full(classes, 9), 20, 100), np.arange(classes + 1)
    )


def draws_of(right, tested, number, seed=0):
    """A wrong image is taken for a class beyond the scored ones."""
    predicted = np.where(right, tested.truth, len(tested.genus) - 1)
    found = Predictions(predicted, 1 - right.astype(int), np.full(len(predicted), np.nan))
    return figures(found, tested, resamples(tested, number, np.random.default_rng(seed)))


def test_intervals_have_the_binomial_width():
    """One class of 400 images half of them right: 0.5 ± 1.96 sqrt(0.25 / 400) = 0.451 to 0.549."""
    draws = draws_of(np.repeat([False, True], 200), images_of(np.zeros(400, int)), 5000)
    assert spread(draws["per_class"]) == pytest.approx([0.451, 0.549], abs=0.006)
    assert spread(draws["tail"]) == spread(draws["overall"])


def test_images_of_one_specimen_count_as_one():
    """400 images of 16 specimens, 8 of them always right: 0.5 ± 1.96 sqrt(0.25 / 16) = 0.255 to 0.745."""
    specimen = np.repeat(np.arange(16), 25)
    draws = draws_of(specimen < 8, images_of(np.zeros(400, int), specimen), 5000)
    assert spread(draws["per_class"]) == pytest.approx([0.255, 0.745], abs=0.03)


def test_units_are_drawn_whole_and_classes_keep_their_number_of_units():
    tested = images_of(TRUTH, np.array([7, 7, 8, 9, 1, 1, 2, 3]))
    weights = resamples(tested, 500, np.random.default_rng(0))
    assert weights.shape == (500, 8)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 2, 3]].sum(1) == 3).all()
    assert (weights[:, 4:6] == 1).all()  # a class of one unit cannot vary
    assert (weights[:, 6:].sum(1) == 2).all()
    assert weights[:, 6].mean() == pytest.approx(1, abs=0.1)
    assert set(weights[:, 6]) == {0, 1, 2}


def test_overall_weighs_by_images_and_per_class_by_class():
    """A class of 300 always right and one of 10 always wrong."""
    truth = np.repeat([0, 1], [300, 10])
    draws = draws_of(truth == 0, images_of(truth), 100)
    assert spread(draws["overall"]) == pytest.approx([300 / 310] * 2)
    assert spread(draws["per_class"]) == [0.5, 0.5]


def test_a_difference_is_paired():
    """Two models right on the same images differ by exactly nothing, however few the images."""
    tested = images_of(TRUTH)
    one, other = draws_of(RIGHT, tested, 200), draws_of(RIGHT, tested, 200)
    assert spread(one["per_class"] - other["per_class"]) == [0, 0]
    low, high = spread(one["per_class"])
    assert low < high


def test_spread_is_the_middle_95_percent():
    """0 to 1000 in steps of 1: 25 to 975; draws without a value change nothing."""
    values = np.random.default_rng(0).permutation(np.arange(1001.0))
    assert spread(values) == [25, 975]
    assert spread(np.append(values, [np.nan] * 50)) == [25, 975]


def test_a_calibration_error_has_no_interval_for_resamples_lie_above_it():
    """Confidence 0.5 of 400 images, half of them right: the error is 0, and of nearly every resample more."""
    truth, right = np.zeros(400, int), np.repeat([0, 1], 200)
    tested = images_of(truth)
    found = Predictions(np.where(right, 0, 1), 1 - right, np.full(400, 0.5))
    draws = figures(found, tested, resamples(tested, 1000, np.random.default_rng(0)))["calibration_error"]
    assert figures(found, tested)["calibration_error"] == 0
    assert (draws > 0).mean() > 0.9
    assert "calibration_error" not in WITH_INTERVALS
    assert len(WITH_INTERVALS) == 7
