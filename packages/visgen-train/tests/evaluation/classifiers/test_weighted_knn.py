"""Class-weighted kNN: by hand, and beside plain kNN."""

import numpy as np
from visgen_train.evaluation.classifiers import Embedded, centroid, knn
from visgen_train.evaluation.classifiers.weighted_knn import fit


def test_by_hand(make_known):
    """Four neighbours: of class 0 three of its four images, of class 1 its only one; class 2 has none.

    Votes 3/4 and 1, shares 3/7 and 4/7; similarities to (1, 0) are 0.8, 0.6, 0.6 and 0.6; class 2 has -1.
    """
    train = [[4, 3], [3, 4], [3, -4], [0, 1], [3, 4], [-1, 0]]
    known = make_known(train, [0, 0, 0, 0, 1, 2], neighbours=4)
    scores = fit(known).scores(Embedded(np.array([[2.0, 0.0]])))
    expected = [3 / 7 + 1e-6 * 2.0 / 7, 4 / 7 + 1e-6 * 0.6 * 4 / 7, -2e-6]
    np.testing.assert_allclose(scores, [expected], rtol=0, atol=1e-13)


def test_equal_counts_give_plain_knn(long_tail, make_known):
    known, queries, _ = long_tail
    rows = np.concatenate([np.flatnonzero(known.train_labels == label)[:2] for label in range(8)])
    equal = make_known(known.train.vectors[rows], known.train_labels[rows].tolist(), neighbours=5)
    np.testing.assert_allclose(fit(equal).scores(queries), knn.fit(equal).scores(queries), rtol=0, atol=1e-13)


def test_shares_against_a_plain_loop(long_tail):
    known, queries, _ = long_tail
    scores = fit(known).scores(queries)
    for query, found in zip(queries.vectors, scores, strict=True):
        cosine = (
            known.train.vectors @ query / np.linalg.norm(known.train.vectors, axis=1) / np.linalg.norm(query)
        )
        votes = np.zeros(8)
        for row in np.argsort(-cosine)[:5]:
            votes[known.train_labels[row]] += 1 / (known.train_labels == known.train_labels[row]).sum()
        np.testing.assert_allclose(found, votes / votes.sum(), rtol=0, atol=3e-6)


def test_a_vote_of_a_very_common_class_stays_ahead_of_no_vote(make_known):
    rng = np.random.default_rng(0)
    train = np.vstack([[1.0, 0.0] + 1e-3 * rng.normal(size=(5000, 2)), [[1.0, 0.1]]])
    known = make_known(train, [0] * 5000 + [1], neighbours=1)
    scores = fit(known).scores(Embedded(np.array([[1.0, 0.0]])))
    assert scores.argmax() == 0


def test_a_crowd_does_not_drown_the_rare_class(make_known):
    """A rare class of three images at 0 to 0.2 rad, a crowd of 200 about 0.5 rad that reaches in among them."""
    crowd = np.linspace(0.12, 0.9, 200)
    angles = np.concatenate([crowd, [0.0, 0.1, 0.2]])
    known = make_known(np.stack([np.cos(angles), np.sin(angles)], 1), [0] * 200 + [1] * 3, neighbours=5)
    query = Embedded(np.array([[np.cos(0.199), np.sin(0.199)]]))
    assert knn.fit(known).scores(query).argmax() == 0
    assert fit(known).scores(query).argmax() == 1
    assert centroid.fit(known).scores(query).argmax() == 1
