"""What `visgen evidence` looks at: embeddings of training images, their species, genetic distances of these."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.kriging.problem import FEWEST
from visgen_train.evaluation.whitening import unit
from visgen_train.genetics.distances import SpeciesDistances


@dataclass(frozen=True)
class Settings:
    """How much is drawn.

    Attributes
    ----------
    permutations : int
        Of species in the distances, for the p-value.
    repeats : int
        Draws of the images a species is cut to, and of the species that are left out.
    seed : int
    """

    permutations: int = 99
    repeats: int = 10
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Sample:
    """Training images, checked.

    Attributes
    ----------
    vectors : numpy.ndarray
        (n, d) embeddings.
    labels : numpy.ndarray
        (n,) int64 positions in the species of `distances`.
    units : numpy.ndarray
        (n,) names: images of one specimen share one, and are never parted.
    distances : SpeciesDistances
        Of the species with images, m of them.
    source : str
        Where they come from, for messages.
    knows : bool
        The embedding was trained on the species of these very images.

    Raises
    ------
    DataError
        Fewer than three species, a species without images, or none with two images (of two specimens).
    """

    vectors: np.ndarray
    labels: np.ndarray
    units: np.ndarray
    distances: SpeciesDistances
    source: str = "features"
    knows: bool = False

    def __post_init__(self) -> None:
        if len(self.species) < FEWEST:
            raise DataError(
                f"{self.source}: {len(self.species)} species have training images and DNA; whether relatives look "
                f"alike can be asked of {FEWEST} or more. Add species."
            )
        if (self.counts == 0).any():
            missing = ", ".join(np.array(self.species)[self.counts == 0])
            raise DataError(f"{self.source}: no training images of {missing}.")
        if self.unit_counts.max() < 2:
            raise DataError(
                f"{self.source}: no species has 2 training images (of two specimens), so nothing tells how much images "
                "of one species differ. Add images."
            )

    @property
    def species(self) -> tuple[str, ...]:
        """Names, as in `distances`."""
        return self.distances.species

    @cached_property
    def unwhitened(self) -> np.ndarray:
        """(n, d) vectors of length 1."""
        return unit(self.vectors)

    @cached_property
    def counts(self) -> np.ndarray:
        """(m,) images of each species."""
        return np.bincount(self.labels, minlength=len(self.species))

    @cached_property
    def unit_counts(self) -> np.ndarray:
        """(m,) specimens of each species; an image without a specimen's name is one."""
        return specimens(self.labels, self.units, len(self.species))


def specimens(labels: np.ndarray, units: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) different units of each class."""
    pairs = set(zip(labels.tolist(), units.tolist(), strict=True))
    return np.bincount([label for label, _ in pairs], minlength=classes)
