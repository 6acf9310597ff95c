"""The figures of a report, one a file, each drawn from the data of a run (Karaderi et al. 2024, Figs. 3 to 9)."""

from visgen_train.report.figures.all_of_a_run import exhibits
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, pdf, svg
from visgen_train.report.figures.old import difference_points, embedding_maps, recall_bars, training_curves

__all__ = [
    "Exhibit",
    "NothingToDraw",
    "difference_points",
    "embedding_maps",
    "exhibits",
    "pdf",
    "recall_bars",
    "svg",
    "training_curves",
]
