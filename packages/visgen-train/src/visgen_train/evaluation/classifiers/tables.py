"""The classifiers by the names that reports give them."""

from collections.abc import Callable
from typing import NamedTuple

from visgen_train.evaluation.classifiers import (
    anchor,
    centroid,
    knn,
    softmax,
    softmax_adjusted,
    weighted_knn,
    whitened_means,
)
from visgen_train.evaluation.classifiers.base import Fitted, Known


class Entry(NamedTuple):
    """`fit` gives None where the classifier does not apply; `description` is a line for reports."""

    fit: Callable[[Known], Fitted | None]
    description: str


CLASSIFIERS: dict[str, Entry] = {
    "knn": Entry(knn.fit, "majority of the k most similar training images (cosine kNN, as in the paper)"),
    "weighted-knn": Entry(
        weighted_knn.fit, "the same k neighbours, each vote divided by its class' number of training images"
    ),
    "centroid": Entry(centroid.fit, "the class whose mean training image is the most similar"),
    "anchor": Entry(anchor.fit, "the class whose anchor is the most similar"),
    "softmax": Entry(softmax.fit, "the network's own output"),
    "softmax-adjusted": Entry(
        softmax_adjusted.fit,
        "the network's own output, less what it owes to how common a class is (logit adjustment)",
    ),
    "whitened-means": Entry(
        whitened_means.fit,
        "the class with the nearest mean, in units of the spread within classes, "
        "means of rare classes drawn to the middle",
    ),
}


def fit_all(known: Known) -> dict[str, Fitted]:
    """Fit every classifier that applies: "anchor" needs anchors, those named softmax need logits.

    Returns
    -------
    dict
        Name -> classifier, in the order of `CLASSIFIERS`.
    """
    fitted = {name: entry.fit(known) for name, entry in CLASSIFIERS.items()}
    return {name: found for name, found in fitted.items() if found is not None}
