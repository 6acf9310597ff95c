"""A simulated set of planktic foraminifera, pictures and genes on one tree, in the form a user would bring.

``write_benchmark(out, BenchmarkParams())`` writes it. The shells grow by the moving-reference model of
Tyszka & Topa (2005); Pagel's lambda (``signal``) sets how closely looks follow descent.
"""

from visgen_train.simulate.morphology import RANGES, Shell, ShellTraits, grow, species_scores
from visgen_train.simulate.params import BenchmarkParams
from visgen_train.simulate.render import Scene, View, render_shell
from visgen_train.simulate.sequences import SequenceParams, SequenceSet, evolve
from visgen_train.simulate.specimen import Difficulty, draw_specimen
from visgen_train.simulate.tree import Tree, covariance, newick, yule_tree
from visgen_train.simulate.writing import write_benchmark

__all__ = [
    "RANGES",
    "BenchmarkParams",
    "Difficulty",
    "Scene",
    "SequenceParams",
    "SequenceSet",
    "Shell",
    "ShellTraits",
    "Tree",
    "View",
    "covariance",
    "draw_specimen",
    "evolve",
    "grow",
    "newick",
    "render_shell",
    "species_scores",
    "write_benchmark",
    "yule_tree",
]
