"""Logit adjustment: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021."""

import numpy as np


def log_prior(counts: np.ndarray, tau: float = 1.0) -> np.ndarray:
    """`tau log p`, p the share of a class among the training images.

    Added to the logits in the training loss, the network learns what tells classes apart beyond how common
    they are, and its plain logits favour no class. Subtracted from the logits of a network trained without it, it
    changes predictions likewise (the paper's post-hoc form). Either, not both.

    Parameters
    ----------
    counts : numpy.ndarray
        (classes,) int, training images of each class as the batches show them, at least one. Class-balanced batches
        have a flat prior and need no adjustment.
    tau : float
        Strength; 1 in the paper's theory.

    Returns
    -------
    numpy.ndarray
        (classes,) float64.

    Raises
    ------
    ValueError
        A class without training images.

    Examples
    --------
    >>> np.exp(log_prior(np.array([3, 1])))
    array([0.75, 0.25])
    """
    if counts.min() < 1:
        raise ValueError("a class without training images has no prior")
    adjustment: np.ndarray = tau * np.log(counts / counts.sum())
    return adjustment
