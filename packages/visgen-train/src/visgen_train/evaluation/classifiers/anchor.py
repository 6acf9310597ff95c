"""Nearest anchor: what the embedding was drawn to, genetic or not, stands for the class."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Embedded, Fitted, Known
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.whitening import unit


def fit(known: Known) -> Fitted | None:
    """Scores: cosine to the anchor; None without anchors.

    Classes that are trained only have no anchor and score -inf: probability 0 at every temperature.
    """
    if known.anchors is None:
        return None
    anchors = unit(known.anchors)

    def scores(queries: Embedded) -> np.ndarray:
        table = np.full((len(queries.vectors), known.classes), -np.inf)
        table[:, : known.scored] = unit(queries.vectors) @ anchors.T
        return table

    return calibrated(scores, known)
