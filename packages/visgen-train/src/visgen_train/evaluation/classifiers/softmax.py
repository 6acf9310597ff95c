"""The network's own softmax head."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Embedded, Fitted, Known
from visgen_train.evaluation.classifiers.calibration import calibrated


def fit(known: Known) -> Fitted | None:
    """Scores: the logits; None for an embedding without."""
    return None if known.train.logits is None else calibrated(logits, known)


def logits(queries: Embedded) -> np.ndarray:
    """(m, classes) float64; ValueError if the queries have none."""
    if queries.logits is None:
        raise ValueError("the training images have logits and the queries have none; give them to both")
    return np.asarray(queries.logits, np.float64)
