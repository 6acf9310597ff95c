"""What every classifier is given, what it returns, and how it chooses: on validation."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from visgen_train.evaluation.metrics import recalls
from visgen_train.evaluation.whitening import Whitened


@dataclass(frozen=True)
class Embedded:
    """Images as a network sees them: `vectors` (n, d), and `logits` (n, classes) of its softmax head, if it has one."""

    vectors: np.ndarray
    logits: np.ndarray | None = None

    def __getitem__(self, rows: np.ndarray) -> "Embedded":
        """Some of the images, by their rows or a mask of these."""
        return Embedded(self.vectors[rows], None if self.logits is None else self.logits[rows])


Classifier = Callable[[Embedded], np.ndarray]
"""Queries -> (m, classes) float64 scores, the higher the better; -inf for a class that cannot be named."""


@dataclass(frozen=True)
class Known:
    """All that a classifier may learn or choose from. Nothing of the test is in it.

    Parameters
    ----------
    train, validation : Embedded
        The validation may be empty; vectors are then (0, d).
    train_labels, validation_labels : numpy.ndarray
        (n,) int64 classes.
    classes, scored : int
        The classes below `scored` count in the figures; the others are trained on, and may be taken for the answer.
    anchors : numpy.ndarray, optional
        (scored, d) what the embedding of each scored class was drawn to, genetic or not.
    neighbours : int
        k of the kNN.
    distances : numpy.ndarray, optional
        (scored, scored) genetic distances of the scored classes.

    Raises
    ------
    ValueError
        A class without training images, or a label beyond the classes.
    """

    train: Embedded
    train_labels: np.ndarray
    validation: Embedded
    validation_labels: np.ndarray
    classes: int
    scored: int
    anchors: np.ndarray | None = None
    neighbours: int = 5
    distances: np.ndarray | None = None

    def __post_init__(self) -> None:
        if len(self.counts) > self.classes:
            raise ValueError(
                f"a training label is {len(self.counts) - 1}, but classes end at {self.classes - 1}"
            )
        missing = np.flatnonzero(self.counts == 0)
        if len(missing):
            raise ValueError(f"class {missing[0]} has no training images; nothing can be learnt of it")

    @classmethod
    def of_sides(cls, images: Embedded, labels: np.ndarray, sides: np.ndarray, **others: Any) -> "Known":
        """Of images of all sides of a split: those of "train" and "validation" are taken, the test's stay out."""
        train, validation = sides == "train", sides == "validation"
        return cls(images[train], labels[train], images[validation], labels[validation], **others)

    @property
    def counts(self) -> np.ndarray:
        """(classes,) training images of each class."""
        return np.bincount(self.train_labels, minlength=self.classes)

    @cached_property
    def whitened(self) -> Whitened:
        """The space of several classifiers, made once for all of them."""
        return Whitened.of(self.train.vectors, self.train_labels, self.classes)

    @cached_property
    def white_validation(self) -> np.ndarray:
        """(n, d) the validation images in that space."""
        return self.whitened.white(self.validation.vectors)

    def with_distances(self, distances: np.ndarray | None) -> "Known":
        """The same with other distances; the whitened space, if it is made, does not depend on them and is kept."""
        other = copy(self)
        object.__setattr__(other, "distances", distances)
        return other


@dataclass(frozen=True)
class Fitted:
    """A classifier ready for the test.

    Parameters
    ----------
    scores : Classifier
        The classifier itself.
    chosen : dict
        What validation chose, by name.
    temperature : float or None
        softmax(scores / temperature) are probabilities, calibrated on validation; None without validation images.
    """

    scores: Classifier
    chosen: dict[str, float]
    temperature: float | None


def validation_recall(scores: Classifier, known: Known) -> float:
    """Per-class accuracy on validation: mean recall of the scored classes that have validation images; NaN if none."""
    predicted, truth = scores(known.validation).argmax(1), known.validation_labels
    recall = recalls(predicted == truth, truth, known.classes)[: known.scored]
    present = recall[~np.isnan(recall)]
    return float(present.mean()) if len(present) else float("nan")


def best_on_validation(grid: Sequence[float], make: Callable[[float], Classifier], known: Known) -> float:
    """The value of a grid whose classifier has the highest `validation_recall`.

    The first of equal ones, and the first of all without validation images: so the neutral value stands first.
    """
    if not len(known.validation_labels):
        return grid[0]
    recall = [validation_recall(make(value), known) for value in grid]
    return grid[int(np.argmax(recall))]  # all NaN gives the first
