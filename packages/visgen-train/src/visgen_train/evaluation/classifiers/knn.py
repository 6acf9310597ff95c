"""Cosine kNN, as in the paper (Karaderi et al. 2024, fig. 1, step 7)."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Fitted, Known
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.classifiers.neighbours import voting


def fit(known: Known) -> Fitted:
    """Scores: votes / k, ties parted as `voting` says; the highest is what `cosine_knn` predicts."""
    return calibrated(voting(known, np.ones(known.classes)), known)
