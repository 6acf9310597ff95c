"""From predictions to accuracy: overall, per class, head and tail, with bootstrap intervals."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

FIGURES = ("overall", "per_class", "tail", "head")


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


def figures(
    correct: np.ndarray, truth: np.ndarray, groups: Mapping[str, np.ndarray]
) -> dict[str, float | None]:
    """Accuracy over images, and mean recall over all, tail and head classes that have test images.

    Parameters
    ----------
    correct : numpy.ndarray
        (n,) bool, whether each test image was recognised.
    truth : numpy.ndarray
        (n,) classes.
    groups : mapping
        From `masks`.

    Returns
    -------
    dict
        Shares in [0, 1]; None where no class qualifies.
    """
    recall = recalls(correct, truth, len(groups["per_class"]))
    result: dict[str, float | None] = {"overall": float(correct.mean()) if len(correct) else None}
    for name, mask in groups.items():
        chosen = recall[mask & ~np.isnan(recall)]
        result[name] = float(chosen.mean()) if len(chosen) else None
    return result


def recalls(correct: np.ndarray, truth: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) share of each class' test images recognised; NaN for a class without."""
    number = np.bincount(truth, minlength=classes)
    right = np.bincount(truth, weights=correct, minlength=classes)
    return np.where(number > 0, right / np.maximum(number, 1), math.nan)


def intervals(
    correct: Mapping[str, np.ndarray],
    truth: np.ndarray,
    groups: Mapping[str, np.ndarray],
    units: np.ndarray,
    resamples: int,
    rng: np.random.Generator,
    level: float = 0.95,
) -> dict[str, dict[str, list[float] | None]]:
    """Percentile intervals from a bootstrap of the test images, stratified by class, the same for every model.

    Parameters
    ----------
    correct : mapping
        Model -> (n,) bool, whether it recognised each test image. A difference of two models, as floats, is paired.
    truth : numpy.ndarray
        (n,) classes.
    units : numpy.ndarray
        (n,) what is resampled as a whole: the image itself, or the specimen where a specimen has several images.
    resamples : int

    Returns
    -------
    dict
        Model -> figure -> [low, high], or None where the figure is None. Test images are resampled, nothing else:
        not the training images, and not the seed.
    """
    names = list(correct)
    table = np.stack([correct[name] for name in names], axis=1).astype(float)
    tested = np.unique(truth)
    means = np.stack(
        [_resampled_mean(table[truth == label], units[truth == label], resamples, rng) for label in tested]
    )
    weights = {name: mask[tested].astype(float) for name, mask in groups.items()}
    weights["overall"] = np.bincount(truth)[tested].astype(float)
    result: dict[str, dict[str, list[float] | None]] = {name: {} for name in names}
    for figure in FIGURES:
        weight = weights[figure]
        drawn = np.tensordot(weight / weight.sum(), means, 1) if weight.any() else None
        for column, name in enumerate(names):
            ends = (
                None if drawn is None else np.quantile(drawn[:, column], [(1 - level) / 2, (1 + level) / 2])
            )
            result[name][figure] = None if ends is None else [float(end) for end in ends]
    return result


def _resampled_mean(
    rows: np.ndarray, units: np.ndarray, resamples: int, rng: np.random.Generator
) -> np.ndarray:
    """(resamples, columns) means of rows whose units are drawn with replacement."""
    names, unit = np.unique(units, return_inverse=True)
    sums = np.zeros((len(names), rows.shape[1]))
    np.add.at(sums, unit, rows)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=resamples)
    mean: np.ndarray = (drawn @ sums) / (drawn @ np.bincount(unit))[:, None]
    return mean


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
