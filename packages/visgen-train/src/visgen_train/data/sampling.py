"""Class-balanced batches: every batch holds the same number of images of each of its species."""

from collections.abc import Iterator, Sequence

import numpy as np

LEAST_BATCHES = 8


def balanced_batches(
    labels: np.ndarray, size: int, per_class: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """One epoch of batches of about `size` images, as many of each species in it, and `per_class` at least.

    As many species share a batch as it holds; where there are fewer, each has more images in it. A set so small that
    it would have fewer than 8 batches an epoch gets smaller ones.

    An epoch has as many images as there are (rounded up to whole batches). Species take turns in random order, and
    so do the images within a species: none comes twice before all came once.

    Parameters
    ----------
    labels : numpy.ndarray
        (n,) int, the class of each image.

    Yields
    ------
    numpy.ndarray
        (species * share,) int, positions in `labels`.
    """
    present = np.unique(labels)
    size = min(size, max(2 * per_class, len(labels) // LEAST_BATCHES))
    classes = min(max(size // per_class, 2), len(present))
    share = size // classes
    turns = _turns(present, rng)
    images = {label: _turns(np.flatnonzero(labels == label), rng) for label in present}
    for _ in range(-(-len(labels) // (classes * share))):
        chosen: dict[int, None] = {}
        while len(chosen) < classes:
            chosen.setdefault(next(turns))
        yield np.array([next(images[label]) for label in chosen for _ in range(share)])


def drawn_before(batches: Sequence[np.ndarray], images: int) -> list[np.ndarray]:
    """How often each image of each batch of an epoch was drawn before in that epoch, of so many images."""
    drawn, found = np.zeros(images, np.int64), []
    for batch in batches:
        before = np.empty(len(batch), np.int64)
        for row, position in enumerate(batch):
            before[row] = drawn[position]
            drawn[position] += 1
        found.append(before)
    return found


def _turns(values: np.ndarray, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.permutation(values)
