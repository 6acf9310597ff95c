"""Cosine kNN as a classifier: votes by hand, against scikit-learn, in bounded memory."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier
from visgen_train.evaluation.classifiers import Embedded, neighbours
from visgen_train.evaluation.classifiers.knn import fit
from visgen_train.evaluation.knn import cosine_knn

# cosines to (1, 0): 0.8 and 0.6, 1, 0, -1
TRAIN, LABELS = [[4, 3], [3, 4], [2, 0], [0, 5], [-1, 0]], [0, 0, 1, 2, 3]
QUERY = Embedded(np.array([[1.0, 0.0]]))


def test_by_hand(make_known):
    """Of three votes class 0 has two; class 2 (cosine 0) and class 3 (cosine -1) have none."""
    scores = fit(make_known(TRAIN, LABELS, neighbours=3)).scores(QUERY)
    expected = [(2 + 1.4e-6) / 3, (1 + 1e-6) / 3, -1e-6, -2e-6]
    np.testing.assert_allclose(scores, [expected], rtol=0, atol=1e-13)


def test_a_tie_goes_to_the_more_similar(make_known):
    gallery, queries = [[1, 0.4], [1, 0]], Embedded(np.array([[1.0, 0.1]]))
    assert fit(make_known(gallery, [0, 1], neighbours=2)).scores(queries).argmax() == 1
    assert fit(make_known(gallery, [1, 0], neighbours=2)).scores(queries).argmax() == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 5, 8, 1000])
def test_predicts_as_the_function_of_the_paper(make_known, dtype, k):
    rng = np.random.default_rng(k)
    train, labels = rng.normal(size=(150, 6)), np.append(np.arange(9), rng.integers(0, 9, 141))
    known = make_known(train, labels.tolist(), neighbours=k)
    known = type(known)(
        Embedded(train.astype(dtype)), labels, known.validation, known.validation_labels, 9, 9, None, k
    )
    queries = rng.normal(size=(400, 6)).astype(dtype)
    expected = cosine_knn(train.astype(dtype), labels, queries, k)
    assert fit(known).scores(Embedded(queries)).argmax(1).tolist() == expected.tolist()


def test_shares_of_votes_against_scikit_learn(long_tail):
    known, queries, _ = long_tail
    model = KNeighborsClassifier(5, metric="cosine").fit(known.train.vectors, known.train_labels)
    expected = model.predict_proba(queries.vectors)
    np.testing.assert_allclose(fit(known).scores(queries), expected, rtol=0, atol=3e-6)


def test_every_class_has_its_place_against_a_plain_loop(long_tail):
    """By votes, then by the sum of the voters' similarities, then by the most similar image."""
    known, queries, _ = long_tail
    scores = fit(known).scores(queries)
    for query, found in zip(queries.vectors, scores, strict=True):
        norms = np.linalg.norm(known.train.vectors, axis=1) * np.linalg.norm(query)
        cosine = known.train.vectors @ query / norms
        near = np.argsort(-cosine)[: known.neighbours]
        keys = []
        for label in range(8):
            own = near[known.train_labels[near] == label]
            keys.append((len(own), cosine[own].sum(), cosine[known.train_labels == label].max()))
        assert np.argsort(-found).tolist() == sorted(range(8), key=lambda label: keys[label], reverse=True)


def test_chunks_change_nothing(long_tail, monkeypatch):
    known, queries, _ = long_tail
    whole = fit(known).scores(queries)
    monkeypatch.setattr(neighbours, "CHUNK", 7 * len(known.train_labels))
    np.testing.assert_allclose(fit(known).scores(queries), whole, rtol=0, atol=1e-13)
    monkeypatch.setattr(neighbours, "CHUNK", 1)  # less than one query
    np.testing.assert_allclose(fit(known).scores(queries), whole, rtol=0, atol=1e-13)


def test_memory_is_bounded(make_known, monkeypatch):
    """No search is asked for more queries at a time than CHUNK allows."""
    asked, search = [], neighbours.cosine_search

    def spying(gallery, k):
        found = search(gallery, k)
        kneighbors = found.kneighbors
        found.kneighbors = lambda part: asked.append(len(part)) or kneighbors(part)
        return found

    monkeypatch.setattr(neighbours, "cosine_search", spying)
    monkeypatch.setattr(neighbours, "CHUNK", 25)
    fit(make_known(TRAIN, LABELS)).scores(Embedded(np.ones((12, 2))))
    assert asked == [5, 5, 2]


def test_k_beyond_the_gallery_takes_all_of_it(make_known):
    scores = fit(make_known(TRAIN, LABELS, neighbours=50)).scores(QUERY)
    np.testing.assert_allclose(scores, [[0.4, 0.2, 0.2, 0.2]], atol=1e-6)


def test_no_queries(make_known):
    assert fit(make_known(TRAIN, LABELS)).scores(Embedded(np.zeros((0, 2)))).shape == (0, 4)
