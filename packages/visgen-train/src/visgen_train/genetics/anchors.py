"""Genetic anchors: one vector a species, from its sequences (Karaderi et al. 2024, sec. 4.2)."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np
import sgt_dna

from visgen_train.config import AlignConfig


def species_anchors(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    species: Sequence[str],
    config: AlignConfig,
) -> np.ndarray:
    """Anchors of the given species, in their order.

    Parameters
    ----------
    records : sequence of sgt_dna.Record
    labels : mapping
        Record id -> species, of every record.
    species : sequence of str
        The species in training; transforms are taken over these alone.
    config : AlignConfig
        Its `anchor_...` settings are those of `sgt_dna.embed` and `sgt_dna.anchors`.

    Returns
    -------
    numpy.ndarray
        (len(species), 16 ** anchor_k) float64.

    Raises
    ------
    sgt_dna.LabelError
        Two species have equal anchors, or an anchor is zero or constant.
    """
    embedding = sequence_vectors(records, labels, species, config)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sgt_dna.AnchorWarning)  # equal ones are refused below
        anchors = sgt_dna.anchors(
            embedding, labels, method=config.anchor_method, transform=config.anchor_transform
        )
    if anchors.equal_ids:
        same = " and ".join(map(repr, anchors.equal_ids[0]))
        raise sgt_dna.LabelError(f"{same} have the same anchor; merge them, or tell them apart")
    return np.stack([anchors[name] for name in species])


def sequence_vectors(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    species: Sequence[str],
    config: AlignConfig,
) -> sgt_dna.Embedding:
    """The vectors behind the anchors, one a sequence of these species, in the order of the records."""
    wanted = set(species)
    return sgt_dna.embed(
        [record for record in records if labels[record.id] in wanted],
        k=config.anchor_k,
        overlap=config.anchor_overlap,
        kappa=config.anchor_kappa,
    )


def nearest(anchors: np.ndarray, species: Sequence[str]) -> list[list[str | float]]:
    """For each species the other one whose anchor has the highest cosine with its own: [name, cosine]."""
    unit = anchors / np.linalg.norm(anchors, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    return [[species[int(row.argmax())], float(row.max())] for row in cosine]
