"""Substitutions a site if transitions have a rate of their own: Kimura, J. Mol. Evol. 16: 111-120, 1980."""

import numpy as np

from visgen_train.genetics.distances.sites import compare, shares, substitutions


def distances(codes: np.ndarray) -> np.ndarray:
    """d = -1/2 ln(1 - 2 P - Q) - 1/4 ln(1 - 2 Q), P and Q the shares of transitions and transversions.

    Parameters
    ----------
    codes : numpy.ndarray
        (n, columns) of an alignment, see `sites.compare`.

    Returns
    -------
    numpy.ndarray
        (n, n); `sites.FARTHEST` where a logarithm is not defined, NaN for pairs of fewer than `sites.LEAST` sites.

    Examples
    --------
    Ten of 40 sites differ, by transitions:

    >>> distances(np.array([[0] * 40, [0] * 30 + [2] * 10])).round(4)
    array([[0.    , 0.3466],
           [0.3466, 0.    ]])
    """
    transitions, transversions = shares(compare(codes))
    return substitutions([(1 / 2, 1 - 2 * transitions - transversions), (1 / 4, 1 - 2 * transversions)])
