"""A classifier of all species with DNA, with images or without."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.classifiers.kriging import Prototypes, prototypes
from visgen_train.evaluation.kriging.problem import FEWEST
from visgen_train.evaluation.zero_shot.stacking import Margins, bound, constant, margins

FOLDS: Final = 4


@dataclass(frozen=True, eq=False)
class ZeroShot:
    """Fitted to the species with images.

    Attributes
    ----------
    prototypes : Prototypes
        Of the classes of `Known`, and after them of the species without images.
    seen : int
        Number of the former.
    constant : float
        Taken off the scores of the former.
    """

    prototypes: Prototypes
    seen: int
    constant: float

    def scores(self, queries: Embedded) -> np.ndarray:
        """(m, seen + unseen), the constant taken off."""
        found = self.prototypes.scores(queries)
        found[:, : self.seen] -= self.constant
        return found


def fit_zero_shot(
    known: Known, distances: np.ndarray, rng: np.random.Generator, *, independent: bool = False
) -> ZeroShot:
    """Places of all species, and the constant between seen and unseen ones.

    The constant is chosen without any image of an unseen species: the species with images are left out in turn, a
    quarter at a time, of whitening, means and likelihood, and their validation images are to be told with the others
    (s2 stays as it is). Of what is best there, as much is taken as costs at most a tenth of the accuracy on the
    validation images, among all species. Without validation images the constant is 0.

    Parameters
    ----------
    known : Known
        Of the species with images.
    distances : numpy.ndarray
        (n, n) of the `scored` species of `known` and, after them, of those without images.
    rng : numpy.random.Generator
        Deals the species to the quarters.
    independent : bool
        lambda is 0: without DNA.

    Raises
    ------
    DataError
        As `evaluation.kriging.Problem`.
    """
    found = prototypes(known, distances, independent=independent)
    if not len(known.validation_labels):
        return ZeroShot(found, known.classes, 0.0)
    validation = margins(found.scores(known.validation), known.validation_labels, known.classes)
    order = rng.permutation(known.scored)
    folds = [
        _left_out(known, distances[: known.scored, : known.scored], part, found.s2, independent)
        for part in np.array_split(order, min(FOLDS, len(order)))
        if known.scored - len(part) >= FEWEST
    ]
    most = bound(validation)
    return ZeroShot(found, known.classes, constant(folds, most) if folds else min(0.0, most))


def _without(known: Known, species: np.ndarray) -> tuple[Known, np.ndarray]:
    """What is known without the images of some species, and where each class went: (classes,), the rest first."""
    rest = np.setdiff1d(np.arange(known.classes), species)
    place = np.empty(known.classes, np.int64)
    place[np.concatenate([rest, species])] = np.arange(known.classes)
    train, validation = (np.isin(labels, rest) for labels in (known.train_labels, known.validation_labels))
    made = Known(
        train=Embedded(known.train.vectors[train]),
        train_labels=place[known.train_labels[train]],
        validation=Embedded(known.validation.vectors[validation]),
        validation_labels=place[known.validation_labels[validation]],
        classes=len(rest),
        scored=known.scored - len(species),
    )
    return made, place


def _left_out(
    known: Known, distances: np.ndarray, species: np.ndarray, s2: float, independent: bool
) -> Margins:
    """Validation images, those of some species as if they had no images."""
    rest, place = _without(known, species)
    order = np.concatenate([np.setdiff1d(np.arange(known.scored), species), species])
    found = prototypes(rest, distances[np.ix_(order, order)], s2, independent=independent)
    return margins(found.scores(known.validation), place[known.validation_labels], rest.classes)
