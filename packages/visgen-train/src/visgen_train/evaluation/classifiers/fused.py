"""The network's own output and kriging, or shrinkage, mixed: probabilities, each calibrated alone, with a weight."""

from typing import Final

import numpy as np
from scipy.special import log_softmax

from visgen_train.evaluation.classifiers.base import Classifier, Embedded, Fitted, Known, best_on_validation
from visgen_train.evaluation.classifiers.calibration import calibrated

WEIGHTS: Final = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of kriging."""


def fit(known: Known, softmax: Fitted | None, kriging: Fitted | None) -> Fitted | None:
    """Scores: log((1 - weight) p_softmax + weight p_kriging); None without one of the two.

    Validation chooses the weight. At weight 0, and without validation images, this is the softmax itself.

    Parameters
    ----------
    softmax : Fitted or None
        "softmax-adjusted", which is the plain softmax where validation chose tau 0.
    kriging : Fitted or None
        Or "shrinkage", which is kriging without DNA.
    """
    if softmax is None or kriging is None:
        return None
    both = (softmax, kriging)

    def make(weight: float) -> Classifier:
        if weight == 0:
            return softmax.scores
        with np.errstate(divide="ignore"):
            shares = np.log([1 - weight, weight])

        def scores(queries: Embedded) -> np.ndarray:
            logs = [
                log_softmax(one.scores(queries) / (one.temperature or 1.0), axis=1) + share
                for one, share in zip(both, shares, strict=True)
            ]
            mixed: np.ndarray = np.logaddexp(*logs)
            return mixed

        return scores

    weight = best_on_validation(WEIGHTS, make, known)
    return calibrated(make(weight), known, {"weight": weight})
