"""The Sequence Graph Transform of a species, as a heat map and as a graph (Karaderi et al. 2024, Fig. 3a)."""

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from visgen_train.report.figures.exhibit import Exhibit, NothingToDraw, drawing, label
from visgen_train.report.run_content import RunContent

STRONGEST = 28
MOST_SYMBOLS = 16
"""Of longer symbols there are too many to name on the axes, and to tell all their pairs."""
MOST_TOLD = MOST_SYMBOLS**2
COLOURS = "cividis"  # even for the colour-blind: Nunez, Anderton, Renslow 2018


def draw(content: RunContent) -> Exhibit:
    """The species with the most sequences, by the median of their vectors, as its anchor before any transform."""
    found = content.sequences
    if found is None or not len(found.ids):
        raise NothingToDraw("the vectors of the sequences are not kept; visgen evaluate keeps them")
    number = Counter(found.species.tolist())
    species = min(number, key=lambda name: (-number[name], name))
    matrix = _square(np.median(found.vectors[found.species == species], axis=0))
    symbols = _symbols(len(matrix))
    order = np.argsort(-matrix, axis=None, kind="stable")
    pairs = [(int(place) // len(matrix), int(place) % len(matrix)) for place in order]
    with drawing():
        figure = Figure(figsize=(9.4, 4.7), layout="constrained")
        left, right = figure.subplots(1, 2)
        _heat(figure, left, matrix, symbols)
        _graph(right, matrix, symbols, pairs[:STRONGEST])
        figure.suptitle(label(species), style="italic", fontsize=10)
    told = pairs[:MOST_TOLD]
    some = (
        ""
        if len(told) == len(pairs)
        else f" The table has the {len(told)} strongest of {len(pairs):,} pairs."
    )
    return Exhibit(
        name="sgt",
        title=f"What the DNA of a species becomes: {label(species)}",
        caption=(
            f"Median of the vectors of {number[species]} sequences, those of the species with the most. A cell says "
            f"how closely the symbol of its column follows that of its row; the graph shows the {STRONGEST} strongest "
            f"pairs, the darker the arrow the stronger. Row by row this is the vector of {matrix.size} numbers that "
            f"anchors are made of.{some}"
        ),
        figure=figure,
        header=("symbol", "followed by", "SGT"),
        rows=tuple((symbols[u], symbols[v], round(float(matrix[u, v]), 6)) for u, v in told),
    )


def _square(vector: np.ndarray) -> np.ndarray:
    side = round(len(vector) ** 0.5)
    return vector.reshape(side, side)


def _symbols(number: int) -> list[str]:
    """The symbols of k bases, of which there are 4 ** k, in the order of the transform."""
    length = next(k for k in range(1, 9) if 4**k >= number)
    return ["".join(bases) for bases in product("ACGT", repeat=length)]


def _heat(figure: Figure, axes: Axes, matrix: np.ndarray, symbols: list[str]) -> None:
    many = len(symbols) > MOST_SYMBOLS
    edges = np.arange(len(symbols) + 1) - 0.5
    mesh = axes.pcolormesh(
        edges, edges, matrix, cmap=COLOURS, edgecolors="face", linewidth=0.3, rasterized=many
    )
    every = range(0, len(symbols), len(symbols) // MOST_SYMBOLS if many else 1)
    names = [symbols[place] for place in every]
    axes.set_xticks(every, names, family="monospace", fontsize=8, rotation=90)
    axes.set_yticks(every, names, family="monospace", fontsize=8)
    axes.tick_params(length=0)
    axes.invert_yaxis()
    axes.set(xlabel="followed by", ylabel="symbol", aspect="equal")
    figure.colorbar(mesh, ax=axes, shrink=0.8, label="SGT")


def _graph(axes: Axes, matrix: np.ndarray, symbols: list[str], pairs: list[tuple[int, int]]) -> None:
    """Symbols of the pairs on a circle, an arrow a pair; a symbol that follows itself has a ring outside."""
    drawn = sorted({symbol for pair in pairs for symbol in pair})
    angles = np.pi / 2 - 2 * np.pi * np.arange(len(drawn)) / len(drawn)
    place = dict(zip(drawn, np.column_stack([np.cos(angles), np.sin(angles)]), strict=True))
    strongest, weakest = matrix[pairs[0]], matrix[pairs[-1]]
    for u, v in reversed(pairs):
        weight = float((matrix[u, v] - weakest) / (strongest - weakest)) if strongest > weakest else 1.0
        style: Any = {"color": "#0072b2", "linewidth": 0.7 + 1.8 * weight, "alpha": 0.35 + 0.65 * weight}
        if u == v:
            ring = place[u] * 1.16
            axes.plot(*(ring[:, None] + 0.12 * _CIRCLE), solid_capstyle="round", **style)
        else:
            arrow: Any = {"arrowstyle": "-|>", "mutation_scale": 9, "shrinkA": 11, "shrinkB": 11}
            bent = "arc3,rad=0.13"
            axes.add_patch(FancyArrowPatch(place[u], place[v], connectionstyle=bent, **arrow, **style))
    for symbol, (x, y) in place.items():
        axes.text(
            *(x, y, symbols[symbol]),
            ha="center",
            va="center",
            family="monospace",
            fontsize=9,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": "#4d4d4d"},
        )
    axes.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", xticks=[], yticks=[])
    axes.axis("off")


_TURN = np.linspace(0, 2 * np.pi, 25)
_CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)])
