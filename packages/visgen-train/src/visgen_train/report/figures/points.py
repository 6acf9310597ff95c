"""Clouds of points in the colours of their genera, named without names over one another."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import label, short
from visgen_train.report.figures.marks import Look, place_names, settle

MOST_NAMED = 40


def scatter(axes: Axes, places: np.ndarray, species: np.ndarray, found: Mapping[str, Look]) -> None:
    """A point each, (n, 2), in the look of its genus."""
    genera = np.array([genus(name) for name in species.tolist()])
    for name, look in found.items():
        mine = places[genera == name]
        if len(mine):
            axes.scatter(
                mine[:, 0], mine[:, 1], s=14, color=look.colour, marker=look.marker, linewidths=0, alpha=0.8
            )
    axes.set(xticks=[], yticks=[])
    axes.margins(0.06)


def name_groups(figure: Figure, panels: Sequence[tuple[Axes, np.ndarray]], species: np.ndarray) -> str:
    """Write the name of each species, or of each genus where there are many species, at the median of its points.

    Returns
    -------
    str
        A sentence for the caption: what is named.
    """
    many = len(np.unique(species)) > MOST_NAMED
    groups = np.array([genus(name) for name in species.tolist()]) if many else species
    names, counts = np.unique(groups, return_counts=True)
    ordered = names[np.argsort(-counts, kind="stable")].tolist()
    settle(figure)
    left_out = 0
    for axes, places in panels:
        middles = [(name, *np.median(places[groups == name], axis=0)) for name in ordered]
        texts = [(label(name) if many else short(name), float(x), float(y)) for name, x, y in middles]
        left_out = max(left_out, len(texts) - place_names(axes, texts, places))
    told = "Genera" if many else "Species"
    return f"{told} are named at their middles{', where there is room' if left_out else ''}."
