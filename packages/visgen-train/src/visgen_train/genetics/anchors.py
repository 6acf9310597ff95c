"""Genetic anchors: one vector a species, from its sequences (Karaderi et al. 2024, sec. 4.2)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sgt_dna

from visgen_train.errors import DataError


def species_anchors(
    sequences: Path, labels: Mapping[str, str], species: Sequence[str], method: str, transform: str
) -> np.ndarray:
    """Anchors of the given species, in their order.

    Parameters
    ----------
    sequences : Path
        FASTA.
    labels : mapping
        Record id -> species, of every record.
    species : sequence of str
        The species in training; transforms are taken over these alone.
    method, transform : str
        See `sgt_dna.anchors`.

    Returns
    -------
    numpy.ndarray
        (len(species), 256) float64.

    Raises
    ------
    DataError
        Two species whose anchors are equal, or an anchor that is zero.
    """
    wanted = set(species)
    kept = [record for record in sgt_dna.read_fasta(sequences) if labels[record.id] in wanted]
    try:
        embedding = sgt_dna.embed(kept)
        anchors = sgt_dna.anchors(embedding, labels, method=method, transform=transform)
    except sgt_dna.SgtError as error:
        raise DataError(f"{sequences}: {error}") from error
    return np.stack([anchors[name] for name in species])


def nearest(anchors: np.ndarray, species: Sequence[str]) -> list[list[str | float]]:
    """For each species the other one whose anchor has the highest cosine with its own: [name, cosine]."""
    unit = anchors / np.linalg.norm(anchors, axis=1, keepdims=True)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    return [[species[int(row.argmax())], float(row.max())] for row in cosine]
