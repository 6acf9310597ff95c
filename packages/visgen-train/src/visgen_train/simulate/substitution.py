"""How bases replace one another: GTR, gamma rates and invariant sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.special import gammainc, gammaincinv


@dataclass(frozen=True)
class SiteParams:
    """How fast the sites of one kind of region change.

    Attributes
    ----------
    height : float
        Expected substitutions a site from the root to a tip, invariant sites counted.
    shape : float
        Shape of the gamma distribution of rates over the sites that change.
    invariant : float
        Share of sites that never change.
    """

    height: float
    shape: float
    invariant: float


def rate_matrix(
    exchangeabilities: tuple[float, float, float, float, float, float],
    frequencies: tuple[float, float, float, float],
) -> NDArray[np.float64]:
    """GTR generator Q, shape (4, 4): rows sum to zero, one expected substitution a unit of time.

    Parameters
    ----------
    exchangeabilities : tuple of float
        Of AC, AG, AT, CG, CT, GT; only their ratios matter.
    frequencies : tuple of float
        Stationary frequencies of A, C, G, T.

    Notes
    -----
    Source: Tavaré 1986, Lect. Math. Life Sci. 17: 57-86. All exchangeabilities 1 and equal frequencies: Jukes & Cantor
    1969; AG and CT kappa, the others 1: Hasegawa, Kishino & Yano 1985.

    Examples
    --------
    >>> rate_matrix((1, 1, 1, 1, 1, 1), (0.25, 0.25, 0.25, 0.25))[0].round(3)
    array([-1.   ,  0.333,  0.333,  0.333])
    """
    q = np.zeros((4, 4))
    q[np.triu_indices(4, 1)] = exchangeabilities
    q = (q + q.T) * frequencies
    np.fill_diagonal(q, -q.sum(1))
    return np.asarray(q / -(frequencies @ np.diag(q)))


def gamma_rates(shape: float, categories: int) -> NDArray[np.float64]:
    """Mean rates of equally likely classes of a gamma distribution of mean 1, shape (categories,).

    Source: Yang 1994, J. Mol. Evol. 39: 306-314, equation 10.

    Examples
    --------
    >>> gamma_rates(0.5, 4).round(4)
    array([0.0334, 0.2519, 0.8203, 2.8944])
    """
    cuts = gammaincinv(shape, np.arange(1, categories) / categories)
    return np.asarray(categories * np.diff(gammainc(shape + 1, cuts), prepend=0, append=1))


def site_classes(sites: SiteParams, categories: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rates and shares of the classes of sites, each of shape (categories + 1,): gamma classes, then the invariant one.

    Examples
    --------
    >>> rates, shares = site_classes(SiteParams(height=0.3, shape=0.5, invariant=0.2), 4)
    >>> rates.round(2), shares
    (array([0.01, 0.09, 0.31, 1.09, 0.  ]), array([0.2, 0.2, 0.2, 0.2, 0.2]))
    """
    changing = 1 - sites.invariant
    rates = gamma_rates(sites.shape, categories) * sites.height / changing
    return np.append(rates, 0.0), np.append(np.full(categories, changing / categories), sites.invariant)


def transition_matrices(q: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(t) = exp(Q t) for each of the times, shape (times, 4, 4); row: base before, column: base after."""
    return np.asarray(expm(q * times[:, None, None]))
