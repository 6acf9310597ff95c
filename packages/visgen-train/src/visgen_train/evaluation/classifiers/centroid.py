"""Nearest centroid: every class is one direction, however many images it has."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Embedded, Fitted, Known
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.whitening import class_means, unit


def fit(known: Known) -> Fitted:
    """Scores: cosine to the mean of the class' training vectors, each of unit length."""
    centroids = unit(class_means(unit(known.train.vectors), known.train_labels, known.classes))

    def scores(queries: Embedded) -> np.ndarray:
        cosine: np.ndarray = unit(queries.vectors) @ centroids.T
        return cosine

    return calibrated(scores, known)
