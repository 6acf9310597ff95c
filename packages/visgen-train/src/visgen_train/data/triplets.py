"""The paper's sampling: every image is an anchor once, its negative comes from any other species alike."""

from collections.abc import Iterator

import numpy as np

from visgen_train.errors import ConfigError, DataError

Rows = tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]


def paper_triplets(labels: np.ndarray, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """One epoch of triplets, as Karaderi et al. 2024 draw them (sec. 4.1 and their code).

    Each image is the anchor once, in random order. Its positive is another random image of its class, or itself
    where the class has one image (the augmentation gives each draw another view). Its negative is a random image of
    a random other class, each class as likely.

    Parameters
    ----------
    labels : numpy.ndarray
        (n,) int, the class of each image.
    size : int
        Images in a batch: a third of them anchors. The last batch may be smaller.

    Returns
    -------
    iterator of (rows, (a, p, n))
        rows : (3 b,) int64, positions in `labels`: b anchors, their positives, their negatives; and where in `rows`
        each triplet has its anchor, positive and negative, (b,) int64 each.

    Raises
    ------
    DataError
        All images are of one class.
    ConfigError
        A batch smaller than one triplet.

    Examples
    --------
    >>> labels = np.array([0, 0, 1])
    >>> rows, (a, p, n) = next(paper_triplets(labels, 9, np.random.default_rng(0)))
    >>> sorted(rows[a].tolist()), labels[rows[p]] == labels[rows[a]], labels[rows[n]] == labels[rows[a]]
    ([0, 1, 2], array([ True,  True,  True]), array([False, False, False]))
    """
    if size < 3:
        raise ConfigError(f"A batch of {size} images holds no triplet. Set train.batch to 3 at least.")
    classes, own, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(classes) < 2:
        raise DataError(
            "All images are of one species, so there is no negative for a triplet. Add another species."
        )
    order = np.argsort(own, kind="stable")  # the images, class by class
    first = np.cumsum(counts) - counts  # where in `order` each class begins
    place = np.empty(len(labels), np.int64)  # of each image within its class
    place[order] = np.arange(len(labels)) - first[own[order]]

    anchors = rng.permutation(len(labels))
    others = counts[own[anchors]] - 1
    step = np.where(
        others > 0, 1 + rng.integers(np.maximum(others, 1)), 0
    )  # around the class, past the anchor
    positives = order[first[own[anchors]] + (place[anchors] + step) % (others + 1)]
    foreign = (own[anchors] + 1 + rng.integers(len(classes) - 1, size=len(anchors))) % len(classes)
    negatives = order[first[foreign] + rng.integers(counts[foreign])]

    share = size // 3
    starts = range(0, len(anchors), share)
    return (_batch(*(part[at : at + share] for part in (anchors, positives, negatives))) for at in starts)


def _batch(anchors: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> Rows:
    a = np.arange(len(anchors))
    return np.concatenate([anchors, positives, negatives]), (a, a + len(a), a + 2 * len(a))
