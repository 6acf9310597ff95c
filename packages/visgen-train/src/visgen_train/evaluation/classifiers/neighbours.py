"""Scores of the k nearest training images, whatever a vote is worth."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Classifier, Embedded, Known
from visgen_train.evaluation.knn import TIE, cosine_search, count_votes
from visgen_train.evaluation.whitening import unit

CHUNK = 8_000_000
"""Similarities held at a time: 64 MB."""


def voting(known: Known, worth: np.ndarray) -> Classifier:
    """Each class' share of the votes of the k nearest training images.

    Among equal shares the class whose neighbours are more similar in sum is ahead, by at most 0.000001 of them. Classes
    without a vote have scores of 0 or just less, in the order of the cosine of their nearest training image.

    Parameters
    ----------
    worth : numpy.ndarray
        (classes,) above 0, what the vote of an image of each class counts.
    """
    gallery, labels, classes = known.train.vectors, known.train_labels, np.arange(known.classes)
    search = cosine_search(gallery, known.neighbours)
    order = np.argsort(labels, kind="stable")
    by_class, first = unit(gallery)[order], np.searchsorted(labels[order], classes)
    step = max(1, CHUNK // len(gallery))

    def some(part: np.ndarray) -> np.ndarray:
        distance, position = search.kneighbors(part)
        votes = count_votes(distance, labels[position], classes) * worth
        nearest = np.maximum.reduceat(unit(part) @ by_class.T, first, axis=1)
        total = worth[labels[position]].sum(1, keepdims=True)
        share: np.ndarray = np.where(votes > 0, votes / total, TIE * (nearest - 1))
        return share

    def scores(queries: Embedded) -> np.ndarray:
        table = np.empty((len(queries.vectors), known.classes))
        for start in range(0, len(table), step):
            table[start : start + step] = some(queries.vectors[start : start + step])
        return table

    return scores
