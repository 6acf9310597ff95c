"""Distances between vectors: by hand, against SciPy, and where they are not defined."""

import dataclasses
import math
import re

import numpy as np
import pytest
import sgt_dna
from scipy.spatial.distance import cdist
from sgt_dna import ParameterError, distance
from sgt_dna.distance import METRICS, pairwise

IDS = [f"s{row}" for row in range(40)]


def reference(vectors, metric):
    if metric != "hellinger":
        return cdist(vectors, vectors, metric)
    roots = np.sqrt(vectors / vectors.sum(axis=1, keepdims=True))
    return cdist(roots, roots) / math.sqrt(2)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("n", "d"), [(1, 4), (2, 1), (40, 16), (7, 256)])
def test_it_is_what_scipy_says(metric, n, d):
    vectors = np.random.default_rng(n).random((n, d)) + 0.1
    found = pairwise(vectors, IDS[:n], metric)
    np.testing.assert_allclose(found, reference(vectors, metric), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_negative_values_are_fine_where_they_make_sense(metric):
    vectors = np.random.default_rng(1).normal(size=(9, 5))
    np.testing.assert_allclose(pairwise(vectors, IDS, metric), cdist(vectors, vectors, metric), atol=1e-15)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("cosine", 1 - 24 / 25),
        ("euclidean", math.sqrt(2)),
        ("hellinger", math.sqrt(1 - 2 * math.sqrt(12) / 7)),
        ("braycurtis", 2 / 14),
    ],
)
def test_by_hand(metric, expected):
    found = pairwise(np.array([[3.0, 4.0], [4.0, 3.0]]), IDS, metric)
    np.testing.assert_allclose(found, [[0, expected], [expected, 0]], rtol=1e-14)


@pytest.mark.parametrize("metric", METRICS)
def test_symmetric_zero_on_the_diagonal_and_for_equal_rows(metric):
    vectors = np.random.default_rng(2).random((30, 7))
    vectors[20] = vectors[3]
    found = pairwise(vectors, IDS, metric)
    assert np.array_equal(found, found.T)
    assert not found.diagonal().any()
    assert found[3, 20] == 0
    assert (found >= 0).all()


@pytest.mark.parametrize("metric", METRICS)
def test_blocks_give_what_one_block_gives(metric, monkeypatch):
    vectors = np.random.default_rng(3).random((23, 7))
    whole = pairwise(vectors, IDS, metric)
    monkeypatch.setattr(distance, "_BLOCK", 5 * 7)
    assert np.array_equal(pairwise(vectors, IDS, metric), whole)


@pytest.mark.parametrize("metric", METRICS)
def test_close_vectors_keep_their_digits(metric):
    step = 1e-9
    found = pairwise(np.array([[1.0, 1.0], [1.0 + step, 1.0 - step]]), IDS, metric)[0, 1]
    exact = {"cosine": step**2 / 2, "euclidean": step * math.sqrt(2)}
    exact |= {"hellinger": step / 2 / math.sqrt(2), "braycurtis": step / 2}
    assert found == pytest.approx(exact[metric], rel=1e-6)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
@pytest.mark.parametrize("metric", ["cosine", "hellinger"])
def test_scale_does_not_matter_where_it_should_not(metric, scale):
    vectors = np.random.default_rng(4).random((5, 6))
    np.testing.assert_allclose(
        pairwise(vectors * scale, IDS, metric), pairwise(vectors, IDS, metric), rtol=1e-10, atol=1e-16
    )


def test_it_is_a_method_of_the_embedding(five):
    emb = sgt_dna.embed(five)
    assert np.array_equal(emb.distance(), pairwise(emb.vectors, emb.ids, "cosine"))
    assert emb.distance("braycurtis").shape == (5, 5)


@pytest.mark.parametrize("metric", ["cosine", "hellinger", "braycurtis"])
def test_zero_vectors_are_named(metric, five):
    emb = sgt_dna.embed(five)
    emb = dataclasses.replace(emb, vectors=emb.vectors * np.array([[1], [0], [1], [0], [1]]))
    names = f"{emb.ids[1]!r}, {emb.ids[3]!r}"
    message = f"{metric} distance is not defined where a vector is zero: {names}; leave it out, or use 'eucl"
    with pytest.raises(ParameterError, match=re.escape(message)):
        emb.distance(metric)
    assert emb.distance("euclidean")[1, 3] == 0


@pytest.mark.parametrize("metric", ["hellinger", "braycurtis"])
def test_negative_values_are_named(metric):
    vectors = np.ones((8, 3))
    vectors[1:, 2] = -1
    message = (
        "a vector has negative values: 's1', 's2', 's3', 's4', 's5' and 2 more; use 'cosine' or 'euclidean'"
    )
    with pytest.raises(ParameterError, match=re.escape(message)):
        pairwise(vectors, IDS, metric)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_named(metric, value):
    with pytest.raises(ParameterError, match="where a vector holds NaN or infinity: 's1'; leave it out"):
        pairwise(np.array([[1.0, 2.0], [value, 1.0]]), IDS, metric)


def test_unknown_metrics_are_refused():
    with pytest.raises(
        ParameterError, match="one of 'cosine', 'euclidean', 'hellinger', 'braycurtis', not 'l2'"
    ):
        pairwise(np.ones((2, 2)), IDS, "l2")
