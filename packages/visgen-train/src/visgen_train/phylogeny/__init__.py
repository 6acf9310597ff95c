"""Trees of sequences: alignment, consensus of each species, neighbour joining, maximum likelihood; Mantel's test."""

from visgen_train.phylogeny.build import Built, build
from visgen_train.phylogeny.compare import compare
from visgen_train.phylogeny.consensus import consensus
from visgen_train.phylogeny.groups import Group, groups
from visgen_train.phylogeny.mantel import Mantel, cophenetic, mantel
from visgen_train.phylogeny.nj import neighbour_joining
from visgen_train.phylogeny.plan import Plan
from visgen_train.phylogeny.rooting import rooted

__all__ = [
    "Built",
    "Group",
    "Mantel",
    "Plan",
    "build",
    "compare",
    "consensus",
    "cophenetic",
    "groups",
    "mantel",
    "neighbour_joining",
    "rooted",
]
