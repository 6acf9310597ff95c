"""A classifier of all species with DNA, with images or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.classifiers.kriging import Prototypes, prototypes
from visgen_train.evaluation.kriging.problem import FEWEST, all_equal
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
        return self.white_scores(self.prototypes.space.white(queries.vectors))

    def white_scores(self, white: np.ndarray) -> np.ndarray:
        """The same of images that are in the space of the prototypes already, (m, d)."""
        found = self.prototypes.white_scores(white)
        found[:, : self.seen] -= self.constant
        return found


@dataclass(frozen=True, eq=False)
class Quarter:
    """What is known without the images of some species, and all validation images.

    Attributes
    ----------
    rest : Known
        Without their images.
    order : numpy.ndarray
        (scored,) numbers of the scored species, those without images last.
    validation : Embedded
        Of all species.
    labels : numpy.ndarray
        (n,) of these: the classes of the rest, and after them the species left out.
    """

    rest: Known
    order: np.ndarray
    validation: Embedded
    labels: np.ndarray

    @cached_property
    def white_validation(self) -> np.ndarray:
        """(n, d) all validation images in the space of the rest; of no distances, so made once for several."""
        return self.rest.whitened.white(self.validation.vectors)


def quarters(known: Known, rng: np.random.Generator) -> list[Quarter]:
    """The species of `known` left out in turn, a quarter at a time; none where too few would stay to krige from.

    Parameters
    ----------
    rng : numpy.random.Generator
        Deals the species to the quarters.
    """
    order = rng.permutation(known.scored)
    parts = np.array_split(order, min(FOLDS, len(order)))
    return [_without(known, part) for part in parts if known.scored - len(part) >= FEWEST]


def fit_zero_shot(
    known: Known, distances: np.ndarray, left_out: Sequence[Quarter], *, independent: bool = False
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
    left_out : sequence of Quarter
        From `quarters`; the same ones serve other distances.
    independent : bool
        lambda is 0: without DNA.

    Where the distances of the species with images are all equal (of those that stay beside a quarter, or of some
    shuffle), they tell nothing of descent: lambda is 0 there.

    Raises
    ------
    DataError
        As `evaluation.kriging.Problem`, but for that.
    """
    found = _places(known, distances, None, independent)
    if not len(known.validation_labels):
        return ZeroShot(found, known.classes, 0.0)
    validation = margins(found.white_scores(known.white_validation), known.validation_labels, known.classes)
    among_known = distances[: known.scored, : known.scored]
    folds = [_asked(quarter, among_known, found.s2, independent) for quarter in left_out]
    most = bound(validation)
    return ZeroShot(found, known.classes, constant(folds, most) if folds else min(0.0, most))


def _without(known: Known, species: np.ndarray) -> Quarter:
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
    order = np.concatenate([np.setdiff1d(np.arange(known.scored), species), species])
    return Quarter(made, order, known.validation, place[known.validation_labels])


def _places(known: Known, distances: np.ndarray, s2: float | None, independent: bool) -> Prototypes:
    if all_equal(distances[: known.scored, : known.scored]):
        places = np.arange(len(distances), dtype=np.float64)  # at lambda = 0 no distance counts
        return prototypes(known, np.abs(places[:, None] - places), s2, independent=True)
    return prototypes(known, distances, s2, independent=independent)


def _asked(quarter: Quarter, distances: np.ndarray, s2: float, independent: bool) -> Margins:
    """Validation images, those of a quarter of the species as if they had no images."""
    order, rest = quarter.order, quarter.rest
    found = _places(rest, distances[np.ix_(order, order)], s2, independent)
    return margins(found.white_scores(quarter.white_validation), quarter.labels, rest.classes)
