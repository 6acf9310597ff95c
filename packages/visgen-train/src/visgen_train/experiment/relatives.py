"""The sequences of a run, and how far its species are apart by them."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sgt_dna

from visgen_train.errors import DataError
from visgen_train.genetics.distances import SpeciesDistances, species_distances

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Sequences:
    """All sequences, with images of their species or without.

    Attributes
    ----------
    records : sequence of sgt_dna.Record
    labels : mapping
        Record id -> species, by its accepted name.
    """

    records: Sequence[sgt_dna.Record]
    labels: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Of all ids, species and sequences, in the order of the file."""
        lines = (f">{record.id} {self.labels[record.id]}\n{record.sequence}\n" for record in self.records)
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    @cached_property
    def distances(self) -> SpeciesDistances:
        """Of all species, by the words of their sequences (`kmer`): computed when they are first asked for.

        Raises
        ------
        DataError
            The sequences of two species are too short to be compared.
        """
        return species_distances(self.records, self.labels)

    def among(self, species: Sequence[str]) -> np.ndarray | None:
        """(n, n) distances of these species; None, with a warning, where they cannot be had."""
        try:
            found = self.distances
        except DataError as error:
            log.warning("no distances between species, so no kriging: %s", error)
            return None
        rows = [found.species.index(name) for name in species]
        return found.matrix[np.ix_(rows, rows)]
