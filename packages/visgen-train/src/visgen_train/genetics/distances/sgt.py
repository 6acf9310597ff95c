"""Distances of the Sequence Graph Transform's vectors, as anchors are made of: dinucleotides, overlapping, kappa 1."""

from collections.abc import Sequence

import numpy as np
import sgt_dna


def cosine(records: Sequence[sgt_dna.Record]) -> np.ndarray:
    """(n, n) 1 - cosine, see `sgt_dna.Embedding.distance`."""
    return np.asarray(sgt_dna.embed(records).distance("cosine"))


def hellinger(records: Sequence[sgt_dna.Record]) -> np.ndarray:
    """(n, n) Hellinger distances of the vectors divided by their sums, see `sgt_dna.Embedding.distance`."""
    return np.asarray(sgt_dna.embed(records).distance("hellinger"))
