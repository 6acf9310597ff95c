"""Accuracy of each species under several models or recipes (Karaderi et al. 2024, Fig. 8)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, Value, drawing
from visgen_train.report.figures.marks import (
    bare,
    model_marks,
    only,
    rarest,
    row_height,
    species_rows,
    two_scales,
)
from visgen_train.report.run_content import RunContent

Recalls = Mapping[str, Mapping[str, float | None]]


def draw(content: RunContent) -> Exhibit:
    """The models of a run: images alone, softmax, aligned."""
    return recall_exhibit(content.recalls, content.training_images, content.classifiers)


def recall_exhibit(recalls: Recalls, counts: Mapping[str, int], classifier: str) -> Exhibit:
    """A row a species, a mark a model; the most common species at the top.

    Parameters
    ----------
    recalls : mapping
        Title of a model or recipe -> species -> share of its test images recognised; None where none was tested.
    counts : mapping
        Species -> training images.
    classifier : str
        What named the images.
    """
    first = next(iter(recalls.values()))
    tested = {name: counts[name] for name, share in first.items() if share is not None}
    if not tested:
        raise NothingToDraw("no species has a test image")
    names = rarest(tested)[::-1]
    with drawing():
        figure = Figure(figsize=(7.5, row_height(len(names))), layout="constrained")
        axes = figure.subplots()
        _rows(axes, recalls, names)
        species_rows(axes, names, [f"({counts[name]:,})" for name in names])
        figure.legend(loc="outside upper center", ncols=min(len(recalls), 4), frameon=False)
    return Exhibit(
        name="recall",
        title="Accuracy of each species",
        caption=(
            "Share of each species' test images that is recognised; in brackets its training images, the most common "
            "species at the top. A line joins the lowest and the highest mark of a species. With few test images a "
            f"single one moves a mark a lot. Named by {classifier}.{only(len(names), len(tested))}"
        ),
        figure=figure,
        header=("species", "training images", *(f"{title}, %" for title in recalls)),
        rows=tuple(_row(name, recalls, counts) for name in rarest(tested, len(tested))[::-1]),
    )


def _rows(axes: Axes, recalls: Recalls, names: list[str]) -> None:
    shares = np.array([[100 * (held[name] or 0.0) for name in names] for held in recalls.values()])
    places = np.arange(len(names))
    axes.hlines(places, shares.min(0), shares.max(0), color="#cccccc", linewidth=2, zorder=1)
    sizes = np.linspace(8.5, 4.5, len(recalls))  # so that equal values show as a mark within a mark
    for title, values, (colour, marker), size in zip(
        recalls, shares, model_marks(len(recalls)), sizes, strict=True
    ):
        axes.plot(values, places, marker, color=colour, markersize=size, markeredgewidth=0, label=title)
    axes.set_xlim(-2, 102)
    two_scales(axes, len(names))
    axes.set_xlabel("test images recognised, %")
    axes.grid(axis="x", color="#eeeeee")
    axes.set_axisbelow(True)
    bare(axes)


def _row(name: str, recalls: Recalls, counts: Mapping[str, int]) -> tuple[Value, ...]:
    shares = (held.get(name) for held in recalls.values())
    return name, counts[name], *(None if share is None else round(100 * share, 2) for share in shares)
