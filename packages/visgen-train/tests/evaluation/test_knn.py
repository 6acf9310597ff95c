"""Cosine kNN of the paper: by hand and against a plain loop."""

import numpy as np
from visgen_train.evaluation.knn import cosine_knn

GALLERY = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0], [0.2, 1.0]])
LABELS = np.array([7, 7, 3, 3, 3])


def test_direction_decides_not_length():
    queries = np.array([[100.0, 1.0], [0.001, 0.01]])
    assert cosine_knn(GALLERY, LABELS, queries, 2).tolist() == [7, 3]


def test_the_majority_wins_even_against_the_nearest():
    gallery = np.array([[1.0, 0.0], [1.0, 0.5], [1.0, 0.6], [0.0, 1.0]])
    assert cosine_knn(gallery, np.array([0, 1, 1, 2]), np.array([[1.0, 0.1]]), 3).tolist() == [1]


def test_a_tie_goes_to_the_more_similar():
    gallery = np.array([[1.0, 0.4], [1.0, 0.0]])
    assert cosine_knn(gallery, np.array([0, 1]), np.array([[1.0, 0.1]]), 2).tolist() == [1]
    assert cosine_knn(gallery, np.array([1, 0]), np.array([[1.0, 0.1]]), 2).tolist() == [0]


def test_k_beyond_the_gallery_takes_all_of_it():
    assert cosine_knn(GALLERY, LABELS, np.array([[1.0, 0.0]]), 50).tolist() == [3]


def test_no_queries():
    assert cosine_knn(GALLERY, LABELS, np.zeros((0, 2)), 5).shape == (0,)


def test_against_a_plain_loop():
    rng = np.random.default_rng(0)
    gallery, labels, queries = rng.normal(size=(60, 8)), rng.integers(0, 4, 60), rng.normal(size=(40, 8))
    for query, found in zip(queries, cosine_knn(gallery, labels, queries, 5), strict=True):
        similarity = gallery @ query / np.linalg.norm(gallery, axis=1) / np.linalg.norm(query)
        nearest = np.argsort(-similarity)[:5]
        score = [
            ((labels[nearest] == c).sum(), similarity[nearest][labels[nearest] == c].sum()) for c in range(4)
        ]
        assert found == max(range(4), key=lambda c: score[c])


def test_a_tie_is_parted_in_float32_as_well():
    """Similarities 0.995 and 0.98: 1e-6 of their difference is below what float32 can add to 1."""
    gallery = np.array([[1.0, 0.3], [1.0, 0.0]])
    for kind in (np.float32, np.float64):
        queries = np.array([[1.0, 0.1]], kind)
        assert cosine_knn(gallery.astype(kind), np.array([0, 1]), queries, 2).tolist() == [1]
        assert cosine_knn(gallery.astype(kind), np.array([1, 0]), queries, 2).tolist() == [0]
