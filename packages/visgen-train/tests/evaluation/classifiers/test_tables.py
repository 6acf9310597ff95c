"""All classifiers by name: which apply, what each may name, and that none can be given the test."""

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import CLASSIFIERS, Embedded, Fitted, Known, fit_all

WITH_LOGITS, WITH_ANCHORS = {"softmax", "softmax-adjusted"}, {"anchor"}
WITH_DISTANCES = {"kriging", "shrinkage"}
NAMES = [
    *("knn", "weighted-knn", "centroid", "anchor", "softmax", "softmax-adjusted"),
    *("whitened-means", "shrinkage", "fused-shrinkage", "kriging", "fused"),
]


def test_names_and_their_order(long_tail):
    assert list(CLASSIFIERS) == list(fit_all(long_tail[0])) == NAMES


@pytest.mark.parametrize("logits", [True, False])
@pytest.mark.parametrize("anchors", [True, False])
@pytest.mark.parametrize("distances", [True, False])
def test_those_that_apply(long_tail, logits, anchors, distances):
    known, _, _ = long_tail
    if not distances:
        known = dataclasses.replace(known, distances=None)
    if not anchors:
        known = dataclasses.replace(known, anchors=None)
    if not logits:
        bare = {part: Embedded(getattr(known, part).vectors) for part in ("train", "validation")}
        known = dataclasses.replace(known, **bare)
    missing = (set() if logits else WITH_LOGITS) | (set() if anchors else WITH_ANCHORS)
    missing |= set() if distances else WITH_DISTANCES
    missing |= set() if logits and distances else {"fused", "fused-shrinkage"}
    assert set(fit_all(known)) == set(NAMES) - missing


def test_only_those_that_are_asked_for(long_tail):
    """Those they are made of are fitted for them and not given."""
    known, queries, _ = long_tail
    found = fit_all(known, ["fused"])
    assert list(found) == ["fused"]
    assert (found["fused"].scores(queries) == fit_all(known)["fused"].scores(queries)).all()


def test_scores_of_all(long_tail):
    """One finite score a class, far better than chance, probabilities that suit the recall, and the same again."""
    known, queries, truth = long_tail
    again = fit_all(known)
    for name, fitted in fit_all(known).items():
        scores = fitted.scores(queries)
        assert scores.shape == (400, 8), name
        assert scores.dtype == np.float64, name
        assert np.isfinite(scores).all(), name
        right = scores.argmax(1) == truth
        assert right.mean() > 0.4, name
        likely = np.exp((scores - scores.max(1, keepdims=True)) / fitted.temperature)
        assert abs((likely.max(1) / likely.sum(1)).mean() - right.mean()) < 0.2, name
        assert (again[name].scores(queries) == scores).all(), name
        assert again[name].chosen == fitted.chosen, name
        assert again[name].temperature == fitted.temperature, name


def test_a_common_class_drowns_the_rare_ones_in_knn_only(long_tail):
    known, queries, truth = long_tail
    rare = truth >= 4
    recall = {
        name: (fitted.scores(queries).argmax(1) == truth)[rare].mean()
        for name, fitted in fit_all(known).items()
    }
    assert max(recall, key=recall.get) != "knn"
    for name in ("weighted-knn", "centroid", "whitened-means"):
        assert recall[name] > recall["knn"] + 0.1, name
    assert recall["softmax-adjusted"] > recall["softmax"]


def test_without_validation_images(long_tail):
    known, queries, _ = long_tail
    empty = Embedded(np.zeros((0, 10)))
    known = dataclasses.replace(known, validation=empty, validation_labels=np.zeros(0, np.int64))
    for name, fitted in fit_all(known).items():
        assert fitted.temperature is None, name
        neutral = {key: value for key, value in fitted.chosen.items() if key not in ("lambda", "length")}
        assert neutral == dict.fromkeys(neutral, 1.0 if name in WITH_DISTANCES else 0.0), name
        assert fitted.scores(queries).shape == (400, 8), name


def test_trained_only_classes_may_be_named_but_not_by_anchors(long_tail):
    known, queries, truth = long_tail
    known = dataclasses.replace(known, scored=5, anchors=known.anchors[:5], distances=known.distances[:5, :5])
    for name, fitted in fit_all(known).items():
        named = (fitted.scores(queries).argmax(1) >= 5)[truth >= 5]
        assert named.any() == (name != "anchor"), name


def test_a_class_of_one_image_is_found(make_known):
    train, labels = [[1, 0], [1, 0.1], [1, -0.1], [0, 1]], [0, 0, 0, 1]
    fitted = fit_all(make_known(train, labels, neighbours=1))
    for name, found in fitted.items():
        assert found.scores(Embedded(np.array([[0.1, 1.0]]))).argmax(1).tolist() == [1], name


def test_nothing_of_the_test_can_be_given():
    """The only argument of every classifier is `Known`, and that has no field for test images."""
    assert not [field.name for field in dataclasses.fields(Known) if "test" in field.name]
    for entry in CLASSIFIERS.values():
        taken = [each.annotation for each in inspect.signature(entry.fit).parameters.values()]
        assert taken == [Known, *[Fitted | None] * len(entry.of)]
        assert entry.description


def test_features_alone_do_not_wait_for_torch():
    code = (
        "import sys, numpy as np; from visgen_train.evaluation.classifiers import Embedded, Known, fit_all; "
        "known = Known(Embedded(np.eye(2)), np.arange(2), Embedded(np.zeros((0, 2))), np.zeros(0, int), 2, 2); "
        "fit_all(known); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
