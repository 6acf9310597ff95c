"""Temperature scaling: Guo et al., "On calibration of modern neural networks", ICML 2017."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from visgen_train.evaluation.classifiers.base import Classifier, Fitted, Known

BOUNDS = (1e-3, 1e3)


def temperature(scores: np.ndarray, labels: np.ndarray) -> float | None:
    """The T that makes softmax(scores / T) most likely, within 0.001 to 1000.

    Parameters
    ----------
    scores : numpy.ndarray
        (n, classes) of validation images. Images whose own class has -inf, which no T changes, are left out.
    labels : numpy.ndarray
        (n,) classes.

    Returns
    -------
    float or None
        The lower bound if every image is recognised, since then no T is too low; None without images.

    Examples
    --------
    >>> scores = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])  # always sure, right three times of four
    >>> round(temperature(scores, np.array([0, 0, 1, 1])), 3)  # 1 / T = log(3 / 1)
    0.91
    """
    own = scores[np.arange(len(labels)), labels]
    possible = np.isfinite(own)
    if not possible.any():
        return None
    scores, own = scores[possible], own[possible]

    def loss(log_t: float) -> float:
        scale = np.exp(-log_t)
        return float((logsumexp(scores * scale, axis=1) - own * scale).mean())

    low, high = np.log(BOUNDS)
    found = minimize_scalar(loss, bounds=(low, high), method="bounded").x
    return float(np.exp(min((low, found, high), key=loss)))


def calibrated(scores: Classifier, known: Known, chosen: dict[str, float] | None = None) -> Fitted:
    """A classifier with its temperature on the validation images of the scored classes."""
    labels = known.validation_labels
    rows = labels < known.scored
    found = temperature(scores(known.validation)[rows], labels[rows]) if rows.any() else None
    return Fitted(scores, chosen or {}, found)
