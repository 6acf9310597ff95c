"""Does DNA inform looks in this collection, and what would it add for species with few pictures, or none?

One sample of training images and distances between their species (`sample`); the likelihood of phylogenetic kriging
against species permutations (`content`); species cut to a few images (`few_shot`), and left out whole (`zero_shot`).
What is learnt for these comes from other species alone (`learning`).
"""

from visgen_train.experiment.signal.content import LEAST_PERMUTATIONS, signal_content
from visgen_train.experiment.signal.sample import Sample, Settings
from visgen_train.experiment.signal.sources import of_features, of_run

__all__ = ["LEAST_PERMUTATIONS", "Sample", "Settings", "of_features", "of_run", "signal_content"]
