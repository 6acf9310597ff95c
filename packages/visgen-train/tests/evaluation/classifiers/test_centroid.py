"""The nearest centroid: by hand and against scikit-learn."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers.centroid import fit
from visgen_train.evaluation.whitening import unit


def test_by_hand(make_known):
    """Unit vectors (1, 0) and (0, 1) have the centroid (1, 1) / sqrt(2), whatever their lengths."""
    known = make_known([[100, 0], [0, 1], [-3, 0]], [0, 0, 1])
    scores = fit(known).scores(Embedded(np.array([[0.0, 7.0], [-3.0, 4.0]])))
    np.testing.assert_allclose(scores, [[np.sqrt(0.5), 0], [0.2 * np.sqrt(0.5), 0.6]], atol=1e-12)


def test_against_scikit_learn(long_tail):
    """Nearest in Euclid's sense and highest in cosine are the same among centroids of unit length."""
    known, queries, _ = long_tail
    scores = fit(known).scores(queries)
    plain = NearestCentroid().fit(unit(known.train.vectors), known.train_labels)
    again = KNeighborsClassifier(1).fit(unit(plain.centroids_), np.arange(8))
    assert scores.argmax(1).tolist() == again.predict(unit(queries.vectors)).tolist()


def test_a_class_of_one_image_and_one_without_direction(make_known):
    """Opposite images have no mean direction: cosine 0 to everything, not NaN."""
    known = make_known([[1, 0], [-1, 0], [0, 2]], [0, 0, 1])
    np.testing.assert_allclose(fit(known).scores(Embedded(np.array([[0.0, 1.0]]))), [[0, 1]], atol=1e-12)
