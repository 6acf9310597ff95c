"""The figures of a report, one a file, each drawn from the data of a run (Karaderi et al. 2024, Figs. 3 to 9)."""

from visgen_train.report.figures.all_of_a_run import exhibits, write_pdfs
from visgen_train.report.figures.differences import difference_points
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, pdf, svg
from visgen_train.report.figures.rare import rare_exhibit
from visgen_train.report.figures.recall import recall_exhibit
from visgen_train.report.figures.tree import tree_exhibit

__all__ = [
    "Exhibit",
    "NothingToDraw",
    "difference_points",
    "exhibits",
    "pdf",
    "rare_exhibit",
    "recall_exhibit",
    "svg",
    "tree_exhibit",
    "write_pdfs",
]
