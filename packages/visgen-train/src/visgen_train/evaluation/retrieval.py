"""Retrieval across pictures and DNA: how high what belongs together stands in a ranking by cosine similarity."""

from typing import Any, Final

import numpy as np

from visgen_train.evaluation.whitening import unit
from visgen_train.genetics.shuffles import shuffled

SHUFFLES: Final = 5


def average_precision(scores: np.ndarray, relevant: np.ndarray) -> np.ndarray:
    """Mean, over what is relevant, of the share of the relevant among all that stands as high or higher.

    Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, eq. 8.8, for each query. Among equal
    scores the earlier stands higher.

    Parameters
    ----------
    scores : numpy.ndarray
        (queries, gallery).
    relevant : numpy.ndarray
        (queries, gallery) bool.

    Returns
    -------
    numpy.ndarray
        (queries,) from 0 to 1; NaN for a query without anything relevant.

    Examples
    --------
    Relevant are the first and the third of the ranking, so (1/1 + 2/3) / 2:

    >>> average_precision(np.array([[0.9, 0.5, 0.1]]), np.array([[True, False, True]])).round(4)
    array([0.8333])
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    hits = np.take_along_axis(relevant, order, axis=1)
    precision = np.cumsum(hits, axis=1) / np.arange(1, scores.shape[1] + 1)
    number = hits.sum(1)
    total = (precision * hits).sum(1)
    found: np.ndarray = np.divide(total, number, out=np.full(len(scores), np.nan), where=number > 0)
    return found


def retrieval(
    vectors: np.ndarray, anchors: np.ndarray, truth: np.ndarray, rng: np.random.Generator
) -> dict[str, Any]:
    """Mean average precision of image -> DNA and DNA -> image, and of the same with anchors of other species.

    Parameters
    ----------
    vectors : numpy.ndarray
        (m, d) embeddings of the test images.
    anchors : numpy.ndarray
        (species, d) genetic anchors.
    truth : numpy.ndarray
        (m,) species of the images.
    rng : numpy.random.Generator
        Draws `SHUFFLES` permutations (or all there are) that leave no species its own anchor: what this ranking gives
        when anchors and images do not belong together. It is no control of the alignment, which was to the true ones:
        that is `visgen ablate`.

    Returns
    -------
    dict
        image_to_dna and dna_to_image -> mean average precision, means over species; shuffled -> lists of the same.
    """
    orders = shuffled(np.arange(len(anchors)), SHUFFLES, rng)
    others = [_both(vectors, anchors[order], truth) for order in orders]
    names = ("image_to_dna", "dna_to_image")
    made: dict[str, Any] = dict(zip(names, _both(vectors, anchors, truth), strict=True))
    return {**made, "shuffled": {name: [one[place] for one in others] for place, name in enumerate(names)}}


def _both(vectors: np.ndarray, anchors: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    cosine = unit(vectors) @ unit(anchors).T
    own = truth[:, None] == np.arange(len(anchors))
    of_images, present = average_precision(cosine, own), np.unique(truth)
    by_species = [of_images[truth == species].mean() for species in present]
    of_anchors = average_precision(cosine.T[present], own.T[present])
    return float(np.mean(by_species)), float(of_anchors.mean())
