"""Class-balanced weights: Cui et al., "Class-balanced loss based on effective number of samples", CVPR 2019."""

import numpy as np

from visgen_train.errors import ConfigError


def class_balanced_weights(counts: np.ndarray, beta: float = 0.9999) -> np.ndarray:
    """`(1 - beta) / (1 - beta^n)` for a class of n images, divided by their mean over the classes.

    The effective number of n images is (1 - beta^n) / (1 - beta): n for beta near 1, never more than 1 / (1 - beta).

    Parameters
    ----------
    counts : numpy.ndarray
        (classes,) int, training images of each class, at least one.
    beta : float
        0 (all classes weigh the same) to just below 1 (weights as 1 / n).

    Returns
    -------
    numpy.ndarray
        (classes,) float64 of mean 1.

    Raises
    ------
    ConfigError
        beta is not in [0, 1).
    ValueError
        A class without training images.

    Examples
    --------
    >>> class_balanced_weights(np.array([1, 2]), beta=0.5).round(3)  # effective numbers 1 and 1.5
    array([1.2, 0.8])
    """
    if not 0 <= beta < 1:
        raise ConfigError(
            f"beta of the class-balanced weights is {beta:g}, but must be 0 or more, and below 1."
        )
    if counts.min() < 1:
        raise ValueError("a class without training images has no weight")
    weights = (1 - beta) / (1 - np.power(float(beta), counts))
    normalised: np.ndarray = weights / weights.mean()
    return normalised
