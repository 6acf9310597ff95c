"""The restricted marginal likelihood of class means, and its gradient."""

from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.lapack import dpotrf, dpotri

from visgen_train.evaluation.kriging.problem import Problem

LOG_2PI: Final = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Signal:
    """Covariance of the species' true means: v (lambda K + (1 - lambda) I), K = exp(-d / l).

    Attributes
    ----------
    variance : float
        v, above 0.
    lambda_ : float
        From 0 to 1.
    length : float
        l, in the units of the distances.
    """

    variance: float
    lambda_: float
    length: float

    def covariance(self, distances: np.ndarray, same: np.ndarray) -> np.ndarray:
        """Between species at these distances; `same` is 1 where row and column are the same species, else 0."""
        found: np.ndarray = self.variance * (
            self.lambda_ * np.exp(-distances / self.length) + (1 - self.lambda_) * same
        )
        return found


class Marginal:
    """Log marginal likelihood of the means of the species with images, the constant mean integrated out.

    With A = v (lambda K + (1 - lambda) I) + diag(s2 / n_c) and P = A^-1 - A^-1 1 1' A^-1 / (1' A^-1 1), for m species
    and d dimensions (Patterson and Thompson, "Recovery of inter-block information when block sizes are unequal",
    Biometrika 58, 1971; Rasmussen and Williams 2006, eq. 2.45, for a constant mean of infinite prior variance):

    -1/2 [d log|A| + d log(1' A^-1 1) - d log m + tr(Y' P Y) + (m - 1) d log 2 pi],

    the density of any m - 1 orthonormal contrasts of the means. The plain one, at the estimated mean, takes the
    variance for smaller than it is by 1 / m in each of the d dimensions, which more dimensions do not cure. It depends
    on Y Y' alone, so dimensions beyond m cost nothing: O(m^3 + m^2 min(m, d)) a call.

    Parameters
    ----------
    means : numpy.ndarray
        (m, d).
    noise : numpy.ndarray
        (m,) variance of each mean.
    distances : numpy.ndarray
        (m, m).
    """

    def __init__(self, means: np.ndarray, noise: np.ndarray, distances: np.ndarray) -> None:
        self.number, self.dimensions = len(means), int(means.shape[1])
        centred = means - means.mean(0)  # changes nothing, and keeps digits
        self.root = centred
        if self.dimensions > self.number:
            self.root = np.linalg.qr(centred.T).R.T
        self.noise = noise
        self.distances = distances

    @classmethod
    def of(cls, problem: Problem) -> "Marginal":
        """The likelihood of a problem."""
        seen = problem.seen
        return cls(problem.means[seen], problem.noise, problem.distances[np.ix_(seen, seen)])

    def permuted(self, order: np.ndarray) -> "Marginal":
        """The same with each species given the distances of another."""
        changed = copy(self)
        changed.distances = self.distances[np.ix_(order, order)]
        return changed

    def value(self, signal: Signal) -> float:
        """The log likelihood."""
        factor = self._factor(signal, np.exp(-self.distances / signal.length))
        halves = solve_triangular(factor, np.column_stack([self.root, np.ones(self.number)]), lower=True)
        means, ones = halves[:, :-1], halves[:, -1]
        total = float(ones @ ones)
        quadratic = float((means**2).sum()) - float(((ones @ means) ** 2).sum()) / total
        return self._log_density(_log_determinant(factor), total, quadratic)

    def value_and_gradient(self, signal: Signal) -> tuple[float, np.ndarray]:
        """The log likelihood, and its derivatives by log v, lambda and log l: 1/2 sum((a a' - d P) * dA), a = P Y."""
        kernel = np.exp(-self.distances / signal.length)
        factor = self._factor(signal, kernel)
        log_determinant = _log_determinant(factor)
        inverse = dpotri(factor, lower=1, overwrite_c=1)[0]
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        row_sums = inverse.sum(1)
        total = float(row_sums.sum())
        inverse -= np.outer(row_sums, row_sums) / total  # P
        weights = inverse @ self.root
        value = self._log_density(log_determinant, total, float((self.root * weights).sum()))
        slope = weights @ weights.T
        slope -= self.dimensions * inverse
        trace = float(np.trace(slope))
        slope *= kernel
        along = float(slope.sum())
        v, share = signal.variance, signal.lambda_
        gradient = np.array(
            [
                v * (share * along + (1 - share) * trace),
                v * (along - trace),
                v * share * float(np.vdot(slope, self.distances)) / signal.length,
            ]
        )
        return value, gradient / 2

    def independent(self, variance: float) -> float:
        """The log likelihood at lambda = 0, in O(m d)."""
        precision = 1 / (variance + self.noise)
        total = precision.sum()
        residuals = self.root - precision @ self.root / total
        quadratic = float((precision @ residuals**2).sum())
        return self._log_density(-float(np.log(precision).sum()), float(total), quadratic)

    def _log_density(self, log_determinant: float, total: float, quadratic: float) -> float:
        """From log|A|, 1' A^-1 1 and tr(Y' P Y)."""
        d, m = self.dimensions, self.number
        logs: float = d * (log_determinant + float(np.log(total / m)))
        return -0.5 * (logs + quadratic + (m - 1) * d * LOG_2PI)

    def _factor(self, signal: Signal, kernel: np.ndarray) -> np.ndarray:
        """The lower Cholesky factor of A; what stands above its diagonal is of no account."""
        covariance = signal.variance * signal.lambda_ * kernel
        place = np.arange(self.number)
        covariance[place, place] += signal.variance * (1 - signal.lambda_) + self.noise
        # transposed, as LAPACK stores matrices; it is symmetric
        factor, fault = dpotrf(covariance.T, lower=1, clean=0, overwrite_a=1)
        if fault:
            raise np.linalg.LinAlgError(f"the covariance of {signal} has no Cholesky factor")
        return np.asarray(factor)


def _log_determinant(factor: np.ndarray) -> float:
    return 2 * float(np.log(np.diag(factor)).sum())
