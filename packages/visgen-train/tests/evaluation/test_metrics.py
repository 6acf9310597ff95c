"""Every figure from predictions: by hand, against scikit-learn, and with weights of images."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    recall_score,
    top_k_accuracy_score,
)
from visgen_train.evaluation import metrics  # not `Tested` itself, which pytest would take for a test
from visgen_train.evaluation.metrics import (
    DRAWS_AT_ONCE,
    FIGURES,
    confusions,
    figures,
    genera,
    masks,
    recalls,
)
from visgen_train.evaluation.predictions import Predictions, predictions

COUNTS = np.array([500, 30, 5, 5])
GROUPS = masks(COUNTS, tail_below=20, head_above=100)
TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2])
SPECIES = ["Aus albus", "Aus niger", "Bus ruber", "Bus albus", "Cus niger"]  # the last is never scored
TESTED = metrics.Tested(TRUTH, TRUTH.astype(str), GROUPS, genera(SPECIES))
FOUND = Predictions(
    predicted=np.array([0, 0, 0, 1, 1, 4, 2, 3]),
    rank=np.array([0, 0, 0, 2, 0, 3, 0, 1]),
    confidence=np.array([0.9, 0.9, 0.95, 0.5, 0.5, 0.5, 1.0, 0.0]),
)


def random_case(images=300, scored=6, classes=8, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, scored - 1, images)  # the last scored class has no test image
    scores = rng.normal(size=(images, classes)) + 1.5 * np.eye(classes)[truth]
    species = [f"{'ABC'[number % 3]}us s{number}" for number in range(classes)]
    groups = masks(rng.integers(1, 100, scored), 30, 60)
    return scores, truth, metrics.Tested(truth, np.arange(images).astype(str), groups, genera(species))


def test_by_hand():
    """Recalls 3/4, 1/2, 1/2; the fourth class has no test image and counts nowhere.

    F1 2·3/(4+3), 2·1/(2+2), 2·1/(2+1). Genus right in 4 of 4, 1 of 2, 2 of 2. True class among three in 4 of 4, 1 of
    2, 2 of 2. Bins of 1/15: 0.9 and 0.9 lie in one, 0.95 and 1.0 in the last, three of 0.5 in one, 0 in the first;
    accuracy minus confidence, in images: 0.2, 0.05, 1 - 1.5, 0.
    """
    assert figures(FOUND, TESTED) == {
        "overall": 5 / 8,
        "per_class": pytest.approx(7 / 12),
        "tail": 0.5,
        "head": 0.75,
        "macro_f1": pytest.approx((6 / 7 + 1 / 2 + 2 / 3) / 3),
        "genus": pytest.approx((1 + 0.5 + 1) / 3),
        "top3": pytest.approx((1 + 0.5 + 1) / 3),
        "calibration_error": pytest.approx((0.2 + 0.05 + 0.5) / 8),
    }
    assert tuple(figures(FOUND, TESTED)) == FIGURES


def test_thresholds_are_strict():
    groups = masks(np.array([19, 20, 100, 101]), 20, 100)
    assert groups["tail"].tolist() == [True, False, False, False]
    assert groups["head"].tolist() == [False, False, False, True]


@pytest.mark.parametrize("weighted", [False, True])
def test_against_scikit_learn(weighted):
    scores, truth, tested = random_case()
    found = predictions(scores, truth, 0.7)
    weights = np.random.default_rng(1).integers(1, 5, len(truth)) if weighted else np.ones(len(truth), int)
    mine = {name: value[0] for name, value in figures(found, tested, weights[None]).items()}
    if not weighted:
        assert figures(found, tested) == mine
    labels = np.unique(truth)
    assert mine["overall"] == pytest.approx(accuracy_score(truth, found.predicted, sample_weight=weights))
    recall = recall_score(
        truth, found.predicted, labels=labels, average=None, sample_weight=weights, zero_division=0
    )
    assert mine["per_class"] == pytest.approx(recall.mean())
    for group in ("tail", "head"):
        assert mine[group] == pytest.approx(recall[tested.groups[group][labels]].mean())
    f1 = {"labels": labels, "average": "macro", "zero_division": 0, "sample_weight": weights}
    assert mine["macro_f1"] == pytest.approx(f1_score(truth, found.predicted, **f1))
    by_class = weights / np.bincount(truth, weights)[truth]  # each class weighs the same
    genus = accuracy_score(tested.genus[truth], tested.genus[found.predicted], sample_weight=by_class)
    assert mine["genus"] == pytest.approx(genus)
    top = top_k_accuracy_score(truth, scores, k=3, labels=np.arange(8), sample_weight=by_class)
    assert mine["top3"] == pytest.approx(top)


def test_per_class_is_balanced_accuracy():
    rng = np.random.default_rng(0)
    truth, scores = rng.integers(0, 6, 300), rng.normal(size=(300, 6))
    found, groups = predictions(scores, truth, None), masks(np.full(6, 50), 100, 1000)
    per_class = figures(found, metrics.Tested(truth, truth.astype(str), groups, np.zeros(6, int)))[
        "per_class"
    ]
    assert per_class == pytest.approx(balanced_accuracy_score(truth, found.predicted))
    recall = recalls(found.predicted == truth, truth, 6)
    np.testing.assert_allclose(recall, recall_score(truth, found.predicted, average=None))


def test_calibration_error_against_a_loop_and_scikit_learn():
    scores, truth, tested = random_case(seed=2)
    scores[0], truth[0] = [40, *[0] * 7], 0  # a confidence of 1 falls into the last bin
    found = predictions(scores, truth, 0.5)
    right, bins = found.predicted == truth, np.zeros(15)
    for index, confidence in enumerate(found.confidence):
        bins[min(int(np.ceil(confidence * 15)) - 1, 14)] += right[index] - confidence
    error = figures(found, tested)["calibration_error"]
    assert error == pytest.approx(np.abs(bins).sum() / len(truth))
    share, mean = calibration_curve(right, found.confidence, n_bins=15)
    filled = np.unique(np.ceil(found.confidence * 15), return_counts=True)[1]
    assert error == pytest.approx((np.abs(share - mean) * filled).sum() / len(truth))


def test_a_bin_holds_its_upper_edge():
    """1/3 ends the fifth bin, where 0.3 lies too: |1 - 1/3 - 0.3| / 2, and not (1 - 1/3 + 0.3) / 2."""
    truth = np.array([0, 0])
    tested = metrics.Tested(truth, truth.astype(str), GROUPS, genera(SPECIES))
    found = Predictions(np.array([0, 1]), np.array([0, 1]), np.array([1 / 3, 0.3]))
    assert figures(found, tested)["calibration_error"] == pytest.approx((2 / 3 - 0.3) / 2)


def test_what_does_not_apply_is_none():
    groups = masks(np.array([50, 50, 50]), 20, 100)
    tested = metrics.Tested(TRUTH, TRUTH.astype(str), groups, np.zeros(3, int))
    found = predictions(np.eye(3)[TRUTH], TRUTH, None)
    expected = {"tail": None, "head": None, "top3": None, "calibration_error": None}
    assert figures(found, tested) == {name: expected.get(name, 1.0) for name in FIGURES}
    weighted = figures(found, tested, np.ones((4, 8), np.int32))
    assert {name for name, values in weighted.items() if np.isnan(values).all()} == set(expected)


def test_no_test_images():
    nothing = np.zeros(0, int)
    found = predictions(np.zeros((0, 5)), nothing, 1.0)
    values = figures(found, metrics.Tested(nothing, nothing.astype(str), GROUPS, genera(SPECIES)))
    assert values == dict.fromkeys(FIGURES)


@given(st.lists(st.integers(0, 3), min_size=40, max_size=40).filter(any), st.integers(0, 99))
def test_weights_are_repeated_images(weights, seed):
    scores, truth, tested = random_case(40, seed=seed)
    copies = np.repeat(np.arange(40), weights)
    repeated = metrics.Tested(truth[copies], tested.units[copies], tested.groups, tested.genus)
    expected = figures(predictions(scores[copies], truth[copies], 1.0), repeated)
    found = figures(predictions(scores, truth, 1.0), tested, np.array([weights], np.int32))
    for name in FIGURES:
        value = np.nan if expected[name] is None else expected[name]
        np.testing.assert_allclose(found[name], [value], err_msg=name)


def test_draws_taken_in_parts_keep_their_order():
    scores, truth, tested = random_case(40)
    found = predictions(scores, truth, 1.0)
    weights = np.random.default_rng(0).integers(1, 4, (2 * DRAWS_AT_ONCE + 3, 40))
    whole = figures(found, tested, weights)
    for draw in (0, DRAWS_AT_ONCE - 1, DRAWS_AT_ONCE, len(weights) - 1):
        for name, values in figures(found, tested, weights[draw : draw + 1]).items():
            assert whole[name].shape == (len(weights),)
            assert whole[name][draw] == pytest.approx(values[0])


def test_confusions_name_the_most_frequent_error():
    truth, predicted = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 2, 2, 1, 1])
    assert confusions(truth, predicted, ["a", "b", "c"]) == {"a": ["c", 2], "b": None, "c": None}
