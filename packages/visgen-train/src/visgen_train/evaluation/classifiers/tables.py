"""The classifiers by the names that reports give them."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from visgen_train.evaluation.classifiers import (
    anchor,
    centroid,
    fused,
    knn,
    kriging,
    softmax,
    softmax_adjusted,
    weighted_knn,
    whitened_means,
)
from visgen_train.evaluation.classifiers.base import Fitted, Known


class Entry(NamedTuple):
    """`fit` gives None where the classifier does not apply; `description` is a line for reports.

    After `Known` it takes the fitted classifiers (or None) that it is made `of`, which stand before it in the table.
    """

    fit: Callable[..., Fitted | None]
    description: str
    of: tuple[str, ...] = ()


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
    "shrinkage": Entry(
        kriging.fit_independent, "kriging without DNA: as if all species were equally far apart (lambda = 0)"
    ),
    "fused-shrinkage": Entry(
        fused.fit,
        "probabilities of softmax-adjusted and of shrinkage, mixed by a weight: fused without DNA",
        ("softmax-adjusted", "shrinkage"),
    ),
    "kriging": Entry(
        kriging.fit,
        "the same nearest mean, those of rare classes drawn to the means of their relatives by DNA, as far as looks "
        "follow descent",
    ),
    "fused": Entry(
        fused.fit,
        "probabilities of softmax-adjusted and of kriging, mixed by a weight",
        ("softmax-adjusted", "kriging"),
    ),
}
WITHOUT_DNA = {"kriging": "shrinkage", "fused": "fused-shrinkage"}
"""Of those that use genetic distances: what each is without, its lambda being 0."""
DNA = tuple(WITHOUT_DNA)


def fit_all(
    known: Known, names: Iterable[str] = tuple(CLASSIFIERS), made: Mapping[str, Fitted] | None = None
) -> dict[str, Fitted]:
    """Fit the classifiers that apply: "anchor" needs anchors, those named softmax logits, those of `DNA` distances.

    Parameters
    ----------
    made : mapping, optional
        What is fitted already; where one of `names` is made of it, it is not fitted again.

    Returns
    -------
    dict
        Name -> classifier, in the order of `CLASSIFIERS`.
    """
    wanted = set(names)
    needed = wanted.union(*(CLASSIFIERS[name].of for name in wanted))
    fitted: dict[str, Fitted | None] = dict(made or {})
    for name, entry in CLASSIFIERS.items():
        if name in wanted or (name in needed and made is None):
            fitted[name] = entry.fit(known, *(fitted.get(of) for of in entry.of))
    return {name: found for name, found in fitted.items() if found is not None and name in wanted}
