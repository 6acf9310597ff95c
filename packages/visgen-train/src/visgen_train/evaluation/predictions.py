"""What a classifier says of each test image: its class, the rank of the true one, the probability it gives."""

from dataclasses import dataclass

import numpy as np

from visgen_train.errors import DataError


@dataclass(frozen=True, eq=False)
class Predictions:
    """All that the figures need of a classifier's scores.

    Attributes
    ----------
    predicted : numpy.ndarray
        (m,) int64 classes.
    rank : numpy.ndarray
        (m,) int64, how many classes stand before the true one; 0 where the image is recognised.
    confidence : numpy.ndarray
        (m,) float64, probability given to `predicted`; NaN where the classifier is not calibrated.
    """

    predicted: np.ndarray
    rank: np.ndarray
    confidence: np.ndarray


def predictions(scores: np.ndarray, truth: np.ndarray, temperature: float | None) -> Predictions:
    """The class of highest score, where the true one stands, and softmax(scores / temperature) of the former.

    Among equal scores the lower class number stands before, so the rank is 0 exactly where the image is recognised.

    Parameters
    ----------
    scores : numpy.ndarray
        (m, classes), higher is more likely; -inf for a class that is out of the question.
    truth : numpy.ndarray
        (m,) true classes.
    temperature : float or None
        Positive, chosen on validation images (Guo et al., "On calibration of modern neural networks", ICML 2017,
        sec. 4.2); None leaves the classifier uncalibrated.

    Raises
    ------
    DataError
        An image has a score that is NaN or +inf, or no finite one.

    Examples
    --------
    >>> found = predictions(np.log([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), np.array([2, 1]), temperature=1.0)
    >>> found.predicted, found.rank, found.confidence.round(3)
    (array([1, 0]), array([1, 1]), array([0.5, 0.4]))
    """
    scores = np.asarray(scores, np.float64)
    highest = scores.max(axis=1, keepdims=True)
    _check_finite(highest[:, 0])
    own = scores[np.arange(len(truth)), truth][:, None]
    earlier = np.arange(scores.shape[1]) < truth[:, None]
    return Predictions(
        scores.argmax(1),
        ((scores > own) | ((scores == own) & earlier)).sum(1),
        np.full(len(truth), np.nan)
        if temperature is None
        else 1 / np.exp((scores - highest) / temperature).sum(1),
    )


def _check_finite(highest: np.ndarray) -> None:
    unusable = np.flatnonzero(~np.isfinite(highest))
    if len(unusable):
        raise DataError(
            f"The highest score of test image {unusable[0]} (the first is 0) is {highest[unusable[0]]}, as of "
            f"{len(unusable)} of {len(highest)} test images, so no class can be told. Look for NaN and infinite "
            "values in their features, or train with a lower learning rate."
        )
