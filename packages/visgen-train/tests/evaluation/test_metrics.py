import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, recall_score
from visgen_train.evaluation.metrics import confusions, figures, intervals, masks, recalls

COUNTS = np.array([500, 30, 5, 5])
GROUPS = masks(COUNTS, tail_below=20, head_above=100)
TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2])
CORRECT = np.array([1, 1, 1, 0, 1, 0, 0, 1], float)


def test_by_hand():
    """Recalls 3/4, 1/2, 1/2; the fourth class has no test image and counts nowhere."""
    found = figures(CORRECT, TRUTH, GROUPS)
    assert found == {"overall": 5 / 8, "per_class": pytest.approx(7 / 12), "tail": 0.5, "head": 0.75}


def test_thresholds_are_strict():
    groups = masks(np.array([19, 20, 100, 101]), 20, 100)
    assert groups["tail"].tolist() == [True, False, False, False]
    assert groups["head"].tolist() == [False, False, False, True]


def test_against_scikit_learn():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 6, 300), rng.integers(0, 6, 300)
    found = figures((truth == predicted).astype(float), truth, masks(np.full(6, 50), 100, 1000))
    assert found["overall"] == pytest.approx(accuracy_score(truth, predicted))
    assert found["per_class"] == pytest.approx(balanced_accuracy_score(truth, predicted))
    recall = recalls((truth == predicted).astype(float), truth, 6)
    np.testing.assert_allclose(recall, recall_score(truth, predicted, average=None))


def test_no_class_in_a_group_gives_none():
    groups = masks(np.array([50, 50, 50, 50]), 20, 100)
    found = figures(CORRECT, TRUTH, groups)
    assert found["tail"] is None
    assert found["head"] is None
    spread = intervals({"m": CORRECT}, TRUTH, groups, np.arange(8), 100, np.random.default_rng(0))
    assert spread["m"]["tail"] is None


def test_intervals_have_the_binomial_width():
    """One class of 400 images half of them right: 0.5 +- 1.96 sqrt(0.25 / 400) = 0.451 to 0.549."""
    truth, correct = np.zeros(400, int), np.repeat([0.0, 1.0], 200)
    spread = intervals(
        {"m": correct}, truth, masks(np.array([9]), 20, 100), np.arange(400), 5000, np.random.default_rng(0)
    )
    assert spread["m"]["per_class"] == pytest.approx([0.451, 0.549], abs=0.006)
    assert spread["m"]["tail"] == pytest.approx(spread["m"]["overall"])


def test_images_of_one_specimen_count_as_one():
    """400 images of 16 specimens, 8 of them always right: 0.5 +- 1.96 sqrt(0.25 / 16) = 0.255 to 0.745."""
    truth, specimen = np.zeros(400, int), np.repeat(np.arange(16), 25)
    groups = masks(np.array([9]), 20, 100)
    spread = intervals({"m": (specimen < 8) * 1.0}, truth, groups, specimen, 5000, np.random.default_rng(0))
    assert spread["m"]["per_class"] == pytest.approx([0.255, 0.745], abs=0.03)


def test_overall_weighs_by_images_and_per_class_by_class():
    """A class of 300 always right and one of 10 always wrong."""
    truth = np.repeat([0, 1], [300, 10])
    correct = {"m": (truth == 0).astype(float)}
    groups = masks(np.array([9, 9]), 20, 100)
    spread = intervals(correct, truth, groups, np.arange(310), 100, np.random.default_rng(0))
    assert spread["m"]["overall"] == pytest.approx([300 / 310] * 2)
    assert spread["m"]["per_class"] == [0.5, 0.5]


def test_a_difference_is_paired():
    """Two models right on the same images differ by exactly nothing, however few the images."""
    models = {"a": CORRECT, "difference": CORRECT - CORRECT}
    spread = intervals(models, TRUTH, GROUPS, np.arange(8), 200, np.random.default_rng(0))
    assert spread["difference"]["per_class"] == [0, 0]
    assert spread["a"]["per_class"][0] < spread["a"]["per_class"][1]


def test_confusions_name_the_most_frequent_error():
    truth, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 2, 2, 1, 1])
    assert confusions(truth, predicted, ["a", "b", "c"]) == {"a": ["c", 2], "b": None, "c": None}
