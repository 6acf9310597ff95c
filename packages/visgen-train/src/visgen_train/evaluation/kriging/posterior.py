"""What kriging knows of each species: mean and variance, with images and without."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import softmax

from visgen_train.evaluation.kriging.likelihood import Signal
from visgen_train.evaluation.kriging.problem import Problem


@dataclass(frozen=True, eq=False)
class Posterior:
    """The true means of the species, given those of their images.

    Attributes
    ----------
    means : numpy.ndarray
        (n, d), of all species of the problem.
    variances : numpy.ndarray
        (n,) of each in every dimension; that of the common mean is in it.
    common : numpy.ndarray
        (d,) the mean of the process, by generalised least squares.
    """

    means: np.ndarray
    variances: np.ndarray
    common: np.ndarray


def posterior(problem: Problem, signal: Signal) -> Posterior:
    """Gaussian process regression with an unknown constant mean (universal kriging).

    Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, eq. 2.25, 2.26 and 2.42: with covariance A of
    the m means of images and C of all n species with these, a = 1' A^-1,

    common = a Y / (a 1), means = common + C A^-1 (Y - common), variances = v - diag(C A^-1 C') + (1 - C a')^2 / (a 1).

    At lambda = 0 a mean of n_c images is drawn to the common one by s2 / (s2 + n_c v), and a species without images
    gets the common one. O(m^3 + n m d).
    """
    seen = problem.seen
    same = np.eye(len(seen))[:, seen]
    cross = signal.covariance(problem.distances[:, seen], same)
    within = cross[seen] + np.diag(problem.noise)
    factor = cho_factor(within, lower=True)
    ones = cho_solve(factor, np.ones(len(within)))
    means = problem.means[seen]
    common = ones @ means / ones.sum()
    kriged = common + cross @ cho_solve(factor, means - common)
    explained = (cross * cho_solve(factor, cross.T).T).sum(1)
    variances = signal.variance - explained + (1 - cross @ ones) ** 2 / ones.sum()
    return Posterior(kriged, np.maximum(variances, 0), common)


def probabilities(queries: np.ndarray, means: np.ndarray, temperature: float) -> np.ndarray:
    """softmax(-|q - mean|^2 / 2 / temperature).

    Parameters
    ----------
    queries : numpy.ndarray
        (q, d) whitened.
    means : numpy.ndarray
        (k, d) of the species that may be the answer.
    temperature : float
        Above 0, chosen on validation and apart from s2: one parameter for both once cost the rare species 20 points.

    Returns
    -------
    numpy.ndarray
        (q, k) float64, rows sum to 1.
    """
    scores = queries @ means.T - (means**2).sum(1) / 2  # |q|^2 / 2 is the same for all
    found: np.ndarray = softmax(scores / temperature, axis=1)
    return found
