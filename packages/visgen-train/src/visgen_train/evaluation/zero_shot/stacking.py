"""The constant that is taken off the scores of the species with images, so that those without can win (Chao et al.)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.evaluation.metrics import recalls

COST: Final = 0.1
"""The share of the accuracy on species with images that the constant may cost."""
_STEPS: Final = 200


@dataclass(frozen=True, eq=False)
class Margins:
    """Which images are right for which constants: of seen species up to their margin, of unseen ones beyond it.

    Attributes
    ----------
    margin : numpy.ndarray
        (m,) the highest score of a seen species minus that of an unseen one.
    right : numpy.ndarray
        (m,) bool: the true species has the highest score of its own side.
    truth : numpy.ndarray
        (m,) columns of the true species.
    unseen : numpy.ndarray
        (m,) bool: the true species has no images.
    """

    margin: np.ndarray
    right: np.ndarray
    truth: np.ndarray
    unseen: np.ndarray

    def accuracy(self, constant: float, *, unseen: bool) -> float:
        """Mean recall of the seen species, or of the unseen ones; NaN without images of theirs."""
        rows = self.unseen == unseen
        beyond = self.margin[rows] < constant
        hit = self.right[rows] & (beyond if unseen else ~beyond)
        found = recalls(hit, self.truth[rows], int(self.truth.max(initial=0)) + 1)
        return float(np.nanmean(found)) if rows.any() else float("nan")


def margins(scores: np.ndarray, truth: np.ndarray, seen: int) -> Margins:
    """The margins of some images.

    Parameters
    ----------
    scores : numpy.ndarray
        (m, seen + unseen), the higher the better; species with images first.
    truth : numpy.ndarray
        (m,) columns of the true species.
    seen : int
        Number of species with images.
    """
    sides = scores[:, :seen], scores[:, seen:]
    of_unseen = truth >= seen
    named = np.where(of_unseen, seen + sides[1].argmax(1), sides[0].argmax(1))
    return Margins(sides[0].max(1) - sides[1].max(1), named == truth, truth, of_unseen)


def bound(validation: Margins, cost: float = COST) -> float:
    """The largest constant that leaves 1 - `cost` of the accuracy that the seen species have among themselves.

    Parameters
    ----------
    validation : Margins
        Of images of seen species; inf without any that is right.
    """
    least = (1 - cost) * validation.accuracy(-np.inf, unseen=False) - 1e-12
    values = np.unique(validation.margin[validation.right & ~validation.unseen]).tolist()
    kept = bisect_left(  # the accuracy only falls as the constant grows
        range(len(values)), True, key=lambda place: validation.accuracy(values[place], unseen=False) < least
    )
    return float(values[kept - 1]) if kept else float("inf")


def constant(folds: Sequence[Margins], most: float) -> float:
    """The constant, at most `most`, with the highest harmonic mean of the accuracies on seen and unseen species.

    Parameters
    ----------
    folds : sequence of Margins
        Each with some of the species with images left out of all that was learnt, and taken for unseen.
    """
    whole = np.concatenate([fold.margin for fold in folds])
    grid = np.unique([0.0, *np.quantile(whole, np.linspace(0, 1, _STEPS))]) if len(whole) else np.zeros(1)
    allowed = grid[grid <= most]
    if not len(allowed):
        return most
    return float(max(allowed, key=lambda value: np.mean([_harmonic(fold, value) for fold in folds])))


def _harmonic(fold: Margins, value: float) -> float:
    seen, unseen = (fold.accuracy(value, unseen=side) for side in (False, True))
    return 2 * seen * unseen / (seen + unseen) if seen + unseen > 0 else 0.0
