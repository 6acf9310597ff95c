"""From species to genus where the species is uncertain: probabilities of a genus' species, summed.

When to answer at all is selective classification: Geifman and El-Yaniv, "Selective classification for deep neural
networks", NeurIPS 2017. The threshold is that of the most answers of which a given share is right on validation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.evaluation.metrics import genera
from visgen_train.genetics.shuffles import genus

RIGHT: Final = 0.9
"""Share of the answers that are to be right."""
FEWEST: Final = 10
"""Answers on validation that a threshold needs: three right of three say little."""


@dataclass(frozen=True, eq=False)
class Genera:
    """Genera of some species.

    Attributes
    ----------
    names : tuple of str
    of_species : numpy.ndarray
        (species,) position of each one's genus in `names`.
    """

    names: tuple[str, ...]
    of_species: np.ndarray

    @classmethod
    def of(cls, species: Sequence[str]) -> "Genera":
        """The first words of their names."""
        return cls(tuple(np.unique([genus(name) for name in species]).tolist()), genera(species))

    def summed(self, probabilities: np.ndarray) -> np.ndarray:
        """(m, species) probabilities -> (m, genera)."""
        one_hot = self.of_species[:, None] == np.arange(len(self.names))
        table: np.ndarray = probabilities @ one_hot
        return table


@dataclass(frozen=True)
class Threshold:
    """From which probability an answer is given; `least` is inf where no answers are right often enough.

    Attributes
    ----------
    least : float
    answered, of : int
        Validation images that get an answer, and all there are.
    right : float
        Share of these answers that are right; NaN without any.
    """

    least: float
    answered: int
    of: int
    right: float


def threshold(
    probability: np.ndarray, correct: np.ndarray, right: float = RIGHT, fewest: int = FEWEST
) -> Threshold:
    """The lowest probability such that of all answers with it or a higher one the share `right` is right.

    Parameters
    ----------
    probability : numpy.ndarray
        (n,) of the answer to each validation image.
    correct : numpy.ndarray
        (n,) bool.
    fewest : int
        Answers there must be.

    Examples
    --------
    >>> threshold(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, False]), 0.6, fewest=2)
    Threshold(least=0.7, answered=3, of=4, right=0.6666666666666666)
    """
    order = np.argsort(-probability, kind="stable")
    values, hits = probability[order], np.cumsum(correct[order])
    share = hits / np.arange(1, len(hits) + 1)
    last_of_equals = np.append(values[1:] < values[:-1], True)[: len(values)]
    allowed = np.flatnonzero(last_of_equals & (share >= right - 1e-12))
    if not len(allowed) or allowed[-1] + 1 < fewest:
        return Threshold(np.inf, 0, len(values), np.nan)
    end = int(allowed[-1])
    return Threshold(float(values[end]), end + 1, len(values), float(share[end]))


def thresholds(
    probabilities: np.ndarray, truth: np.ndarray, of: Genera, right: float = RIGHT
) -> tuple[Threshold, Threshold]:
    """Those of species and of genera.

    Parameters
    ----------
    probabilities : numpy.ndarray
        (n, species) of validation images.
    truth : numpy.ndarray
        (n,) columns of the true species.
    """
    summed = of.summed(probabilities)
    of_species = threshold(probabilities.max(1), probabilities.argmax(1) == truth, right)
    return of_species, threshold(summed.max(1), summed.argmax(1) == of.of_species[truth], right)
