"""Substitutions a site if all are equally likely: Jukes and Cantor, "Evolution of protein molecules", 1969."""

import numpy as np

from visgen_train.genetics.distances.sites import compare, shares, substitutions


def distances(codes: np.ndarray) -> np.ndarray:
    """d = -3/4 ln(1 - 4/3 p), p the share of sites that differ.

    Parameters
    ----------
    codes : numpy.ndarray
        (n, columns) of an alignment, see `sites.compare`.

    Returns
    -------
    numpy.ndarray
        (n, n); `sites.FARTHEST` from p = 3/4 on, NaN for pairs of fewer than `sites.LEAST` sites.

    Examples
    --------
    Ten of 40 sites differ:

    >>> distances(np.array([[0] * 40, [0] * 30 + [1] * 10])).round(4)
    array([[0.    , 0.3041],
           [0.3041, 0.    ]])
    """
    transitions, transversions = shares(compare(codes))
    return substitutions([(3 / 4, 1 - 4 / 3 * (transitions + transversions))])
