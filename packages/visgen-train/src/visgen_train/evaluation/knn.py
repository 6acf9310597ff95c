"""Cosine k-nearest-neighbour classification (Karaderi et al. 2024, fig. 1, step 7)."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

TIE = 1e-6
"""What a similarity counts beside a vote: enough to part ties, never a vote's worth."""


def cosine_knn(gallery: np.ndarray, labels: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """The most frequent class among the k gallery vectors of highest cosine similarity.

    Among classes equally frequent, the one whose neighbours are more similar in sum wins.

    Parameters
    ----------
    gallery : numpy.ndarray
        (n, d) embeddings of training images.
    labels : numpy.ndarray
        (n,) their classes.
    queries : numpy.ndarray
        (m, d).
    k : int
        Neighbours; all of the gallery if it is smaller.

    Returns
    -------
    numpy.ndarray
        (m,) predicted classes.
    """
    if not len(queries):
        return np.zeros(0, labels.dtype)
    distance, position = cosine_search(gallery, k).kneighbors(queries)
    classes = np.unique(labels)
    predicted: np.ndarray = classes[count_votes(distance, labels[position], classes).argmax(1)]
    return predicted


def cosine_search(gallery: np.ndarray, k: int) -> NearestNeighbors:
    """The search for the k nearest vectors of a gallery (n, d), all of it if it is smaller."""
    return NearestNeighbors(n_neighbors=min(k, len(gallery)), metric="cosine", algorithm="brute").fit(gallery)


def count_votes(distance: np.ndarray, voters: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Votes of each class among the neighbours of each query.

    Parameters
    ----------
    distance : numpy.ndarray
        (m, k) cosine distances of the neighbours.
    voters : numpy.ndarray
        (m, k) their classes.
    classes : numpy.ndarray
        (classes,) those to be counted.

    Returns
    -------
    numpy.ndarray
        (m, classes); a neighbour counts 1 + its similarity, between -1 and 1, times `TIE`.
    """
    weight = 1 + (1 - distance.astype(np.float64)) * TIE  # float32 ends before 1 + 1e-7
    return np.stack([(weight * (voters == label)).sum(1) for label in classes], axis=1)
