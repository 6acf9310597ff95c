"""Cosine k-nearest-neighbour classification (Karaderi et al. 2024, fig. 1, step 7)."""

import numpy as np
from sklearn.neighbors import NearestNeighbors


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
    search = NearestNeighbors(n_neighbors=min(k, len(gallery)), metric="cosine", algorithm="brute").fit(
        gallery
    )
    distance, position = search.kneighbors(queries)
    classes, votes = np.unique(labels), labels[position]
    weight = 1 + (1 - distance) * 1e-6  # a vote counts 1; its similarity, between -1 and 1, only parts ties
    score = np.stack([(weight * (votes == label)).sum(1) for label in classes], axis=1)
    predicted: np.ndarray = classes[score.argmax(1)]
    return predicted
