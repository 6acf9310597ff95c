"""Variance, lambda and length of the signal, by maximum restricted likelihood, and an interval of lambda."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2

from visgen_train.evaluation.kriging.likelihood import Marginal, Signal
from visgen_train.evaluation.kriging.problem import Problem

MOST: Final = 1 - 1e-6
"""The largest lambda that is fitted: at 1 two species of equal DNA are one, and the matrix may have no inverse."""
_SHARES: Final = (0.1, 0.5, 0.9)
_LENGTHS: Final = 4
_PRECISION: Final = 0.005
"""Of the ends of an interval."""


@dataclass(frozen=True)
class Fit:
    """The signal that explains the means best.

    Attributes
    ----------
    signal : Signal
    log_likelihood : float
        Restricted, see `likelihood.Marginal`.
    independent : Signal
        The best one with lambda = 0.
    gain : float
        Log likelihood beyond that of `independent`, 0 or more. What is large is for `gain_test` to say.
    """

    signal: Signal
    log_likelihood: float
    independent: Signal
    gain: float


def fit(problem: Problem) -> Fit:
    """Fit v, lambda and l.

    The likelihood may have several peaks: the best of a grid of lambda and l is where L-BFGS-B starts, with exact
    gradients. l is sought from a third of the usual distance of nearest relatives, where K is nearly the identity, to
    the largest distance, beyond which v and l can no longer be told apart.

    Returns
    -------
    Fit
        Some 40 calls of the likelihood of O(m^3) for m species with images.
    """
    marginal = Marginal.of(problem)
    return fit_marginal(marginal, best_independent(marginal))


def lambda_interval(problem: Problem, found: Fit) -> tuple[float, float]:
    """The 95 % interval of lambda: its profile log likelihood is within chi2(1) / 2 = 1.92 of the highest.

    For each lambda v and l are fitted anew. Where the true lambda is 0 or 1 the interval is too wide rather than too
    narrow (Self and Liang, "Asymptotic properties of maximum likelihood estimators and likelihood ratio tests under
    nonstandard conditions", JASA 82, 1987).
    """
    marginal = Marginal.of(problem)
    lowest = found.log_likelihood - float(chi2.ppf(0.95, 1)) / 2
    best = found.signal.lambda_

    def above(share: float) -> float:
        if share <= 0:
            return found.log_likelihood - found.gain - lowest
        here = Signal(found.signal.variance, share, found.signal.length)
        return _climb(marginal, here, (share, share))[1] - lowest

    ends = []
    for end in (0.0, MOST):
        inside = best == end or above(end) >= 0
        ends.append(end if inside else float(brentq(above, end, best, xtol=_PRECISION)))
    return ends[0], 1.0 if ends[1] == MOST else ends[1]


def fit_marginal(marginal: Marginal, independent: Signal) -> Fit:
    """The same for a likelihood whose best signal without descent is known."""
    without = marginal.independent(independent.variance)
    start = max(_starts(marginal, independent), key=marginal.value)
    signal, value = _climb(marginal, start, (0.0, MOST))
    if value <= without:
        return Fit(independent, without, independent, 0.0)
    return Fit(signal, value, independent, value - without)


def best_independent(marginal: Marginal) -> Signal:
    """The best signal with lambda = 0; its length is of no account."""
    low, high = _variances(marginal)
    best = minimize_scalar(
        lambda log: -marginal.independent(np.exp(log)),
        bounds=(np.log(low), np.log(high)),
        method="bounded",
        options={"xatol": 1e-8},
    )
    return Signal(float(np.exp(best.x)), 0.0, _lengths(marginal)[1])


def _climb(marginal: Marginal, start: Signal, shares: tuple[float, float]) -> tuple[Signal, float]:
    """The nearest peak, lambda kept between two values, and the log likelihood there."""
    size = marginal.number * marginal.dimensions

    def cost(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = marginal.value_and_gradient(_signal(point))
        return -value / size, -gradient / size

    bounds = [np.log(_variances(marginal)), shares, np.log(_lengths(marginal))]
    point = [np.log(start.variance), start.lambda_, np.log(start.length)]
    best = minimize(
        cost, point, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-11, "gtol": 1e-7}
    )
    return _signal(best.x), -float(best.fun) * size


def _signal(point: Sequence[float] | np.ndarray) -> Signal:
    return Signal(float(np.exp(point[0])), float(point[1]), float(np.exp(point[2])))


def _starts(marginal: Marginal, independent: Signal) -> list[Signal]:
    """A grid, with the variance at which species differ as much as they do."""
    pairs = marginal.distances[np.triu_indices(marginal.number, 1)]
    starts = []
    for length in np.geomspace(*_lengths(marginal), _LENGTHS).tolist():
        alike = float(np.exp(-pairs / length).mean())
        starts += [Signal(independent.variance / (1 - share * alike), share, length) for share in _SHARES]
    return starts


def _variances(marginal: Marginal) -> tuple[float, float]:
    """Bounds of v."""
    spread = float((marginal.root**2).sum()) / (marginal.number * marginal.dimensions)
    return 1e-8 * spread, 1e3 * spread


def _lengths(marginal: Marginal) -> tuple[float, float]:
    """Bounds of l, from the distances above 0."""
    positive = np.where(marginal.distances > 0, marginal.distances, np.inf).min(1)
    longest = float(marginal.distances.max())
    return min(float(np.median(positive)), longest) / 3, longest
