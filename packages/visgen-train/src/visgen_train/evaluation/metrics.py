"""From predictions to every figure, by one function: with weights of the test images it gives their resamples."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from visgen_train.evaluation.predictions import Predictions
from visgen_train.genetics.shuffles import genus

FIGURES = ("overall", "per_class", "tail", "head", "macro_f1", "genus", "top3", "calibration_error")
TOP = 3
BINS = 15  # of confidence: Guo et al., "On calibration of modern neural networks", ICML 2017, tab. 1
DRAWS_AT_ONCE = 256  # bounds the memory: weights of so many draws are held as float64


@dataclass(frozen=True, eq=False)
class Tested:
    """What is tested.

    Attributes
    ----------
    truth : numpy.ndarray
        (m,) int64 classes of the test images, all of them scored.
    units : numpy.ndarray
        (m,) str, what is resampled as a whole: the image itself, or the specimen where one has several images.
    groups : mapping
        From `masks`, over the scored classes.
    genus : numpy.ndarray
        (classes,) int64 from `genera`, over all classes an image may be taken for; the scored ones come first.
    """

    truth: np.ndarray
    units: np.ndarray
    groups: Mapping[str, np.ndarray]
    genus: np.ndarray


def genera(species: Sequence[str]) -> np.ndarray:
    """(species,) int64 number of each one's genus, the first word of its name.

    >>> genera(["Globigerina bulloides", "Beella digitata", "Globigerina falconensis"])
    array([1, 0, 1])
    """
    return np.unique([genus(name) for name in species], return_inverse=True)[1]


def masks(train_counts: np.ndarray, tail_below: int, head_above: int) -> dict[str, np.ndarray]:
    """Which classes count towards per_class, tail and head.

    Parameters
    ----------
    train_counts : numpy.ndarray
        (classes,) training images of each class.
    tail_below, head_above : int
        Tail: fewer training images than this; head: more.
    """
    return {
        "per_class": np.ones(len(train_counts), bool),
        "tail": train_counts < tail_below,
        "head": train_counts > head_above,
    }


@overload
def figures(found: Predictions, tested: Tested) -> dict[str, float | None]: ...
@overload
def figures(found: Predictions, tested: Tested, weights: np.ndarray) -> dict[str, np.ndarray]: ...
def figures(
    found: Predictions, tested: Tested, weights: np.ndarray | None = None
) -> dict[str, float | None] | dict[str, np.ndarray]:
    """Every one of `FIGURES`, shares in [0, 1].

    overall: share of images recognised. per_class, tail, head: mean recall over the tested classes of the group.
    macro_f1: mean F1 over tested classes. genus: share of a class' images taken for a class of its genus, and
    top3: share whose true class is among the first three, both as means over tested classes. calibration_error:
    expected calibration error in 15 bins of equal width (Guo et al. 2017, eq. 3), over images.

    Parameters
    ----------
    weights : numpy.ndarray, optional
        (draws, m), how often each image counts, from `intervals.resamples`. An image of weight 2 counts as two, and
        a class whose images all have weight 0 as not tested.

    Returns
    -------
    dict
        Figure -> float, or None where no class qualifies, for top3 of three classes or fewer, and for the calibration
        error of a classifier that is not calibrated. With weights: (draws,) float64, NaN for None.
    """
    columns = _columns(found, tested)
    if weights is None:
        once = _of_sums(columns, tested, np.ones((1, len(tested.truth))))
        return {name: None if np.isnan(value[0]) else float(value[0]) for name, value in once.items()}
    parts = [
        _of_sums(columns, tested, weights[first : first + DRAWS_AT_ONCE].astype(np.float64))
        for first in range(0, len(weights), DRAWS_AT_ONCE)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in FIGURES}


def _columns(found: Predictions, tested: Tested) -> dict[str, np.ndarray]:
    """What is summed over images: (m, scored classes), and (m, BINS) accuracy minus confidence in each bin."""
    classes, truth = len(tested.groups["per_class"]), tested.truth
    right = found.predicted == truth
    same_genus = tested.genus[found.predicted] == tested.genus[truth]
    images = _one_hot(truth, classes)
    return {
        "images": images,
        "right": images * right[:, None],
        "genus": images * same_genus[:, None],
        "top": images * (found.rank < TOP)[:, None],
        "taken": _one_hot(found.predicted, classes),
        "gap": _one_hot(confidence_bins(found.confidence), BINS) * (right - found.confidence)[:, None],
    }


def confidence_bins(confidence: np.ndarray) -> np.ndarray:
    """(m,) which of `BINS` equal bins each probability lies in; one on an edge belongs to the bin below."""
    return np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence)


def _one_hot(numbers: np.ndarray, width: int) -> np.ndarray:
    table: np.ndarray = numbers[:, None] == np.arange(width)
    return table.astype(np.float64)


def _of_sums(columns: Mapping[str, np.ndarray], tested: Tested, weights: np.ndarray) -> dict[str, np.ndarray]:
    """The figures of each draw, (draws,), from the weighted sums of the columns, (draws, classes)."""
    sums = {name: weights @ column for name, column in columns.items()}
    images, there = sums["images"], sums["images"] > 0
    total, recall = images.sum(1), _ratio(sums["right"], images)
    top = _mean(_ratio(sums["top"], images), there)
    return {
        "overall": _ratio(sums["right"].sum(1), total),
        **{name: _mean(recall, there & mask) for name, mask in tested.groups.items()},
        "macro_f1": _mean(_ratio(2 * sums["right"], images + sums["taken"]), there),
        "genus": _mean(_ratio(sums["genus"], images), there),
        "top3": top if len(tested.genus) > TOP else np.full_like(top, math.nan),
        "calibration_error": _ratio(np.abs(sums["gap"]).sum(1), total),
    }


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """NaN where the whole is 0."""
    share: np.ndarray = np.divide(part, whole, out=np.full(part.shape, math.nan), where=whole > 0)
    return share


def _mean(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(draws,) means over the chosen classes of each draw; NaN where there is none."""
    return _ratio(np.where(chosen, values, 0).sum(1), chosen.sum(1))


def recalls(correct: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) share of each class' test images recognised; NaN for a class without."""
    number = np.bincount(truth, minlength=classes)
    right = np.bincount(truth, weights=correct, minlength=classes)
    return np.where(number > 0, right / np.maximum(number, 1), math.nan)


def confusions(
    truth: np.ndarray, predicted: np.ndarray, classes: Sequence[str]
) -> dict[str, list[str | int] | None]:
    """For each class the class it was most often taken for, [name, number of images]; None if never."""
    result: dict[str, list[str | int] | None] = {}
    for label, name in enumerate(classes):
        wrong = predicted[(truth == label) & (predicted != label)]
        number = np.bincount(wrong, minlength=len(classes))
        result[name] = [classes[int(number.argmax())], int(number.max())] if len(wrong) else None
    return result
