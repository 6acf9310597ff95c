"""One epoch of batches, by the sampling the settings name; both stages draw theirs here."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from visgen_train.config import TrainConfig
from visgen_train.data.sampling import balanced_batches
from visgen_train.data.triplets import paper_triplets

Positions: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
Batch: TypeAlias = tuple[np.ndarray, Positions | None]


def epoch_batches(labels: np.ndarray, config: TrainConfig, rng: np.random.Generator) -> Iterator[Batch]:
    """Batches of an epoch by `config.sampling`.

    Parameters
    ----------
    labels : numpy.ndarray
        (n,) int, the class of each image.

    Yields
    ------
    rows : numpy.ndarray
        Positions in `labels`.
    triplets : tuple of numpy.ndarray, or None
        Where in `rows` anchors, positives and negatives are, if the sampling says it; else a miner may choose.
    """
    if config.sampling == "paper":
        yield from paper_triplets(labels, config.batch, rng)
    else:
        for rows in balanced_batches(labels, config.batch, config.images_per_class, rng):
            yield rows, None
