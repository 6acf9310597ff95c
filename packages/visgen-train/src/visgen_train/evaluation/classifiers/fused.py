"""The network's own output and kriging, or shrinkage, mixed: probabilities, each calibrated alone, with a weight."""

from collections.abc import Sequence
from functools import cache
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

    def logs(queries: Embedded) -> list[np.ndarray]:
        return [log_softmax(one.scores(queries) / (one.temperature or 1.0), axis=1) for one in both]

    of_validation = cache(lambda: logs(known.validation))

    def on_validation(weight: float) -> Classifier:
        return softmax.scores if weight == 0 else lambda _: mixed(of_validation(), weight)

    weight = best_on_validation(WEIGHTS, on_validation, known)
    scores = softmax.scores if weight == 0 else lambda queries: mixed(logs(queries), weight)
    return calibrated(scores, known, {"weight": weight})


def mixed(logs: Sequence[np.ndarray], weight: float) -> np.ndarray:
    """log((1 - weight) p + weight q) from log p and log q."""
    with np.errstate(divide="ignore"):
        shares = np.log([1 - weight, weight])
    found: np.ndarray = np.logaddexp(*(log + share for log, share in zip(logs, shares, strict=True)))
    return found
