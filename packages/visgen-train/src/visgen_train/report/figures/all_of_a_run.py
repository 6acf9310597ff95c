"""All figures of a run in their order, and their PDFs."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from visgen_train.report.figures import (
    confusion,
    counts,
    rare,
    recall,
    reliability,
    sequences,
    sgt,
    spaces,
    training,
    tree,
)
from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, pdf
from visgen_train.report.run_content import RunContent

log = logging.getLogger(__name__)
FIGURES: dict[str, Callable[[RunContent], Exhibit]] = {
    "sgt": sgt.draw,
    "sequences": sequences.draw,
    "tree": tree.draw,
    "spaces": spaces.draw,
    "counts": counts.draw,
    "recall": recall.draw,
    "rare": rare.draw,
    "confusion": confusion.draw,
    "reliability": reliability.draw,
    "training": training.draw,
}
"""Name -> what draws it, in the order of the page."""


def exhibits(content: RunContent) -> list[Exhibit]:
    """Every figure that a run has the data for; why another is left out is logged."""
    drawn = []
    for name, draw in FIGURES.items():
        try:
            drawn.append(draw(content))
        except NothingToDraw as reason:
            log.info("no figure %r: %s", name, reason)
    return drawn


def write_pdfs(drawn: Iterable[Exhibit], folder: Path) -> None:
    """Write each figure as `NAME.pdf` into a folder; those of an earlier report go."""
    folder.mkdir(exist_ok=True)
    for earlier in FIGURES:
        (folder / f"{earlier}.pdf").unlink(missing_ok=True)
    for exhibit in drawn:
        pdf(exhibit, folder / f"{exhibit.name}.pdf")
