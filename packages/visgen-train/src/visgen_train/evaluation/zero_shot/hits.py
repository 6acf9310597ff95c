"""How well species without images are recognised: among themselves, and among all."""

from collections.abc import Mapping
from typing import Final

import numpy as np

TOPS: Final = (1, 3, 5)
FIGURES: Final = (*(f"top{k}" for k in TOPS), "unseen", "seen", "harmonic")
"""Among the unseen: the true one is among the first 1, 3, 5. Among all species: images of unseen and of seen ones that
are recognised, and the harmonic mean of the two. All as means over species."""

_TIE: Final = 1e-9
"""Scores that differ by less, as a share of their size, are equal."""


def hits(scores: np.ndarray, truth: np.ndarray, seen: int) -> dict[str, np.ndarray]:
    """What is right, image by image.

    Parameters
    ----------
    scores : numpy.ndarray
        (m, seen + unseen), as `ZeroShot.scores`.
    truth : numpy.ndarray
        (m,) columns of the true species.

    Returns
    -------
    dict
        top1, top3, top5, unseen, seen -> (m,) from 0 to 1; NaN for images that it does not concern. Where species are
        equally near (all of them, at lambda = 0), the chance that the true one is among the first in random order.
    """
    rows = np.arange(len(truth))
    of_unseen = truth >= seen
    others = scores[:, seen:].copy()
    own = scores[rows, truth]
    others[rows[of_unseen], truth[of_unseen] - seen] = -np.inf
    slack = _TIE * np.abs(own)[:, None]
    before = (others > own[:, None] + slack).sum(1)
    level = 1 + (np.abs(others - own[:, None]) <= slack).sum(1)
    found = {f"top{k}": np.where(of_unseen, np.clip((k - before) / level, 0, 1), np.nan) for k in TOPS}
    right = scores.argmax(1) == truth
    found["unseen"] = np.where(of_unseen, right, np.nan)
    found["seen"] = np.where(of_unseen, np.nan, right)
    return found


def figures(
    found: Mapping[str, np.ndarray], truth: np.ndarray, weights: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """`FIGURES`: means over species of the means over their images.

    Parameters
    ----------
    found : mapping
        As `hits` gives it, or means of several.
    truth : numpy.ndarray
        (m,) true species.
    weights : numpy.ndarray, optional
        (draws, m) how often each image counts.

    Returns
    -------
    dict
        Figure -> (draws,), or (1,) without weights; NaN where no image counts.
    """
    weights = np.ones((1, len(truth))) if weights is None else weights.astype(np.float64)
    one_hot = (truth[:, None] == np.unique(truth)).astype(np.float64)
    made = {name: _mean_recall(column, one_hot, weights) for name, column in found.items()}
    both = made["seen"] + made["unseen"]
    harmonic = 2 * made["seen"] * made["unseen"] / np.where(both > 0, both, 1)
    return {name: made.get(name, harmonic) for name in FIGURES}


def _mean_recall(column: np.ndarray, one_hot: np.ndarray, weights: np.ndarray) -> np.ndarray:
    concerned = ~np.isnan(column)
    here = one_hot * concerned[:, None]
    images = weights @ here
    right = weights @ (here * np.nan_to_num(column)[:, None])
    recall = np.divide(right, images, out=np.full(images.shape, np.nan), where=images > 0)
    counted = ~np.isnan(recall)
    total = np.where(counted, recall, 0).sum(1)
    number = counted.sum(1)
    mean: np.ndarray = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean
