"""Where a sequence should lie among the pictures: with its species, or, of a new one, by kriging from its relatives."""

from dataclasses import dataclass

import numpy as np

from visgen_train.evaluation.classifiers import Known
from visgen_train.evaluation.classifiers.kriging import Prototypes, prototypes
from visgen_train.evaluation.kriging import Problem, posterior


@dataclass(frozen=True)
class Place:
    """Where it should lie.

    Attributes
    ----------
    explained : float
        Share of the variance between species that its pictures and its relatives take away: 0 is a guess.
    species : tuple of int
        The nearest classes by their pictures, nearest first.
    pictures : tuple of int
        The nearest training images.
    """

    explained: float
    species: tuple[int, ...]
    pictures: tuple[int, ...]


class Placing:
    """Kriging of the species of a run, and of one more that is known by its distances alone.

    Parameters
    ----------
    known : Known
        Of the species with images.
    distances : numpy.ndarray
        (n, n) of the `scored` species of `known` and, after them, of those without images.

    Raises
    ------
    DataError
        As `evaluation.kriging.Problem`.
    """

    def __init__(self, known: Known, distances: np.ndarray) -> None:
        self._known, self._distances = known, distances
        self.fitted: Prototypes = prototypes(known, distances)
        self._white = known.whitened.white(known.train.vectors)
        means = known.whitened.means[: known.scored]
        without = np.full((len(distances) - known.scored + 1, means.shape[1]), np.nan)
        self._means = np.vstack([means, without])

    def of_species(self, position: int, number: int) -> Place:
        """The place of a species of the run, by its position in the distances, with so many species and pictures."""
        return self._place(self._distances, position, number)

    def of_another(self, distances: np.ndarray, number: int) -> Place:
        """The place of a further species at some distances (n,) from those of the run."""
        whole = np.zeros((len(self._means),) * 2)
        whole[:-1, :-1] = self._distances
        whole[-1, :-1] = whole[:-1, -1] = distances
        return self._place(whole, len(distances), number)

    def _place(self, distances: np.ndarray, position: int, number: int) -> Place:
        counts = np.zeros(len(distances), np.int64)
        counts[: self._known.scored] = self._known.counts[: self._known.scored]
        names, means = tuple(map(str, range(len(distances)))), self._means[: len(distances)]
        problem = Problem(names, means, counts, distances, self.fitted.s2)
        found = posterior(problem, self.fitted.signal)
        classes, here = self.fitted.means[: self._known.classes], found.means[position]
        return Place(
            float(np.clip(1 - found.variances[position] / self.fitted.signal.variance, 0, 1)),
            _nearest(classes, here, number),
            _nearest(self._white, here, number),
        )


def _nearest(points: np.ndarray, point: np.ndarray, number: int) -> tuple[int, ...]:
    order = np.argsort(((points - point) ** 2).sum(1), kind="stable")[:number]
    return tuple(order.tolist())
