"""A run's network for use without visgen: pictures in, embedding and probabilities of species out."""

from visgen_train.export.files import FORMATS, Exported, export
from visgen_train.export.finished import Finished, read_run
from visgen_train.export.network import SpeciesNetwork, species_network

__all__ = [
    "FORMATS",
    "Exported",
    "Finished",
    "SpeciesNetwork",
    "export",
    "read_run",
    "species_network",
]
