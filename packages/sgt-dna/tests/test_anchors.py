"""One anchor a label."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from sgt_dna import AnchorWarning, Embedding, LabelError, ParameterError, anchors

pytestmark = pytest.mark.filterwarnings("ignore::sgt_dna.AnchorWarning")

LABELS = {"a": "ruber", "b": "nitida", "c": "ruber", "d": "nitida", "e": "ruber", "f": "calida", "other": "x"}


@pytest.fixture(scope="module")
def emb():
    rng = np.random.default_rng(5)
    return sgt_dna.embed({id_: "".join(rng.choice(list("ACGTN"), 200)) for id_ in "abcdef"})


@pytest.mark.parametrize("method", ["median", "mean"])
def test_rows_are_labels_in_order(emb, method):
    found = anchors(emb, LABELS, method=method)
    assert found.ids == ("calida", "nitida", "ruber")
    summary = getattr(np, method)
    np.testing.assert_array_equal(found["ruber"], summary([emb["a"], emb["c"], emb["e"]], axis=0))
    np.testing.assert_array_equal(found["calida"], emb["f"])
    assert found.descriptions[2] == f"{method} of 3 sequences"
    assert found.ambiguous.sum() == emb.ambiguous.sum()
    assert repr(found).startswith(f"Embedding: 3 anchors ({method}, none) x 256 features")


def test_labels_in_row_order_do_as_well(emb):
    aligned = [LABELS[id_] for id_ in emb.ids]
    for labels in (aligned, np.array(aligned)):
        assert anchors(emb, labels).vectors.tobytes() == anchors(emb, LABELS).vectors.tobytes()


def test_centre_takes_the_mean_anchor_away(emb):
    raw, centred = anchors(emb, LABELS), anchors(emb, LABELS, transform="centre")
    np.testing.assert_allclose(centred.vectors, raw.vectors - raw.vectors.mean(axis=0), atol=1e-15)
    unit = centred.vectors / np.linalg.norm(centred.vectors, axis=1, keepdims=True)
    assert (unit @ unit.T)[np.triu_indices(3, 1)].max() < 0.5


def test_standardise_gives_unit_spread_and_zero_for_constants(emb):
    vectors = emb.vectors.copy()
    vectors[:, 0] = 0.1
    found = anchors(dataclasses.replace(emb, vectors=vectors), LABELS, transform="standardise")
    assert not found.vectors[:, 0].any()
    np.testing.assert_allclose(found.vectors[:, 1:].std(axis=0), 1)
    np.testing.assert_allclose(found.vectors.mean(axis=0), 0, atol=1e-12)


def test_anchors_can_be_stored(emb, tmp_path):
    anchors(emb, LABELS).save(tmp_path / "anchors.npz")
    assert repr(Embedding.load(tmp_path / "anchors.npz")) == repr(anchors(emb, LABELS))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"a": "x"}, "no label for 'b', 'c', 'd', 'e', 'f'; add it"),
        ({}, "no label for 'a', 'b', 'c', 'd', 'e' and 1 more; add it"),
        (["x", "y"], "2 labels for 6 sequences"),
        ([*"uvwxy", ""], "label of 'f' is ''; expected a non-empty string"),
        ([*"uvwxy", None], "label of 'f' is None; expected a non-empty string"),
        ([*"uvwxy", float("nan")], "label of 'f' is nan; expected a non-empty string"),
    ],
)
def test_labels_that_do_not_fit_are_refused(emb, labels, message):
    with pytest.raises(LabelError, match=re.escape(message)):
        anchors(emb, labels)


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (LABELS, {"method": "max"}, "method must be 'median', 'mean' or 'medoid', not 'max'"),
        (
            LABELS,
            {"transform": "center"},
            "transform must be 'none', 'centre' or 'standardise', not 'center'",
        ),
        (["x"] * 6, {"transform": "centre"}, "transform 'centre' needs two labels or more; use 'none'"),
    ],
)
def test_bad_options_are_refused(emb, labels, options, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        anchors(emb, labels, **options)


@pytest.mark.parametrize(
    ("value", "fault"), [(np.nan, "not finite"), (np.inf, "not finite"), (0, "zero"), (0.3, "constant")]
)
def test_useless_anchors_are_named(emb, value, fault):
    vectors = emb.vectors.copy()
    vectors[[1, 3]] = value
    with pytest.raises(LabelError, match=f"the anchor of 'nitida' is {fault}; check the sequences"):
        anchors(dataclasses.replace(emb, vectors=vectors), LABELS)


def test_a_medoid_is_the_sequence_least_far_from_the_others(made):
    vectors = np.array([[0.0, 1.0], [3.0, 1.0], [4.0, 1.0], [9.0, 1.0], [2.0, 5.0]])
    found = anchors(made("abcde", 2, vectors=vectors), ["x", "x", "x", "x", "y"], method="medoid")
    assert found["x"].tolist() == [3, 1]  # sums of distances: 16, 10, 10, 20; the first of equals
    assert found.descriptions == ("medoid of 4 sequences: b", "medoid of 1 sequences: e")


def test_equal_anchors_are_a_warning_that_names_them(made):
    vectors = np.array([[1.0, 2.0], [1.0, 2.0], [5.0, 2.0], [1.0, 2.0], [5.0, 2.0], [7.0, 0.0], [6.0, 0.0]])
    emb = made("abcdefg", 2, vectors=vectors)
    with pytest.warns(AnchorWarning) as told:
        found = anchors(emb, {**dict(zip("abcdef", "PQRSTU", strict=True)), "g": "U"}, transform="centre")
    assert [str(one.message) for one in told] == [
        "one sequence alone: 'P', 'Q', 'R', 'S', 'T'; the anchor is that sequence, right or wrong",
        "the same anchor: 'P' = 'Q' = 'S', 'R' = 'T'; these vectors cannot tell them apart",
    ]
    assert {one.filename for one in told} == {__file__}
    assert found.equal_ids == (("P", "Q", "S"), ("R", "T"))


@pytest.mark.filterwarnings("error")
def test_there_is_no_warning_where_all_is_well(emb):
    anchors(emb, ["x", "y", "x", "y", "x", "y"])


def test_labels_of_a_series_go_by_its_index():
    emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAG", "c": "GGCATTAC"})
    labels = {"c": "Z", "a": "X", "b": "Y"}
    found = sgt_dna.anchors(emb, pd.Series(labels))
    assert found.vectors.tobytes() == sgt_dna.anchors(emb, labels).vectors.tobytes()
    numbered = sgt_dna.embed({"1": "ACGTTGCA", "2": "TTGACCAG"})
    assert np.all(sgt_dna.anchors(numbered, pd.Series({2: "Y", 1: "X"}))["X"] == numbered["1"])


def test_labels_that_stand_twice_are_refused():
    emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAG"})
    with pytest.raises(LabelError, match="ids stand more than once among the labels: 'a'"):
        sgt_dna.anchors(emb, pd.Series(["X", "Y", "Z"], index=["a", "a", "b"]))


@pytest.mark.parametrize("labels", ["XY", {"X", "Y"}, pd.DataFrame({"species": ["X", "Y"]})])
def test_labels_without_order_or_ids_are_refused(labels):
    emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAG"})
    with pytest.raises(TypeError, match="labels must be a mapping, a pandas Series or one label a row, not"):
        sgt_dna.anchors(emb, labels)


def test_a_feature_that_differs_by_rounding_alone_is_constant(made):
    vectors = np.array([[0.1, 0.5, 0.2], [np.nextafter(0.1, 1), 0.7, 0.9], [0.1, 0.2, 0.4]])
    found = sgt_dna.anchors(made("abc", vectors=vectors), ["x", "y", "z"], transform="standardise")
    assert not found.vectors[:, 0].any()
    np.testing.assert_allclose(found.vectors[:, 1:].std(axis=0), 1)
