"""How species and genera look in every figure: colours that survive colour blindness, markers, names in italics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator, StrMethodFormatter
from matplotlib.transforms import Bbox

from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import label
from visgen_train.report.run_content import MOST_ROWS

BLUE, ORANGE, GREY = "#0072b2", "#e69f00", "#999999"
COLOURS = (BLUE, "#d55e00", "#009e73", "#cc79a7", ORANGE, "#56b4e9", "#4d4d4d")
"""Okabe and Ito (2008), "Color universal design", without yellow, which is faint on white; dark grey for black."""
MARKERS = "os^DvPX*<>ph"
_OTHER = ("#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#4d4d4d")
MODEL_MARKS = (
    *((GREY, "o"), (ORANGE, "s"), (BLUE, "D")),
    *((_OTHER[place % 5], "^vPX*<>ph"[place % 9]) for place in range(45)),
)
"""Colour and marker of a model: images alone, softmax, aligned, and any others."""
MOST_ON_A_SCREEN = 40
MOST_GENERA = 28
"""In a legend."""
LOGARITHMIC = 30
"""Where one number is so many times another, an axis is logarithmic."""


class Look(NamedTuple):
    """How a genus is drawn: both colour and marker tell it, so neither has to alone."""

    colour: str
    marker: str


def looks(species: Iterable[str]) -> dict[str, Look]:
    """Genus -> its look, those of the most species first; 84 genera differ in colour or marker.

    >>> found = looks(["Bus a", "Aus b", "Bus c"])
    >>> list(found), found["Bus"].marker
    (['Bus', 'Aus'], 'o')
    """
    number = Counter(genus(name) for name in species)
    ordered = sorted(number, key=lambda name: (-number[name], name))
    return {
        name: Look(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)])
        for place, name in enumerate(ordered)
    }


def model_marks(number: int) -> list[tuple[str, str]]:
    """Colour and marker of each of several models; of two, before is grey and after blue."""
    return [MODEL_MARKS[0], MODEL_MARKS[2]] if number == 2 else list(MODEL_MARKS[:number])


def plain_logarithm(axes: Axes) -> None:
    """Make an axis across logarithmic, with numbers as one writes them."""
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())


def rarest(counts: Mapping[str, int], most: int = MOST_ROWS) -> list[str]:
    """The species that are drawn, rarest first: all, or those with the fewest."""
    return sorted(counts, key=lambda name: (counts[name], name))[:most]


def only(drawn: int, there: int) -> str:
    """A sentence for the caption where not all species are drawn, with a blank before it; else nothing."""
    if drawn == there:
        return ""
    return f" Drawn are the {drawn} species with the fewest images of {there}; the table has all."


def species_rows(axes: Axes, names: Sequence[str], notes: Sequence[str] | None = None) -> None:
    """A row a species, the first at the top, its name in italics; `notes` stand behind the names."""
    texts = [label(name) for name in names]
    if notes is not None:
        texts = [f"{text} {note}" for text, note in zip(texts, notes, strict=True)]
    axes.set_yticks(np.arange(len(names)), texts, style="italic")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def two_scales(axes: Axes, rows: int) -> None:
    """Numbers above as well as below, where a figure is higher than a screen."""
    if rows > MOST_ON_A_SCREEN:
        axes.tick_params(axis="x", top=True, labeltop=True)


def row_height(rows: int) -> float:
    """Height of a figure of so many rows, inches."""
    return 0.9 + 0.19 * max(rows, 3)


def genus_legend(figure: Figure, found: Mapping[str, Look], **where: Any) -> None:
    """A legend of the genera with the most species."""
    shown = dict(list(found.items())[:MOST_GENERA])
    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, linestyle="", markersize=5, label=label(name))
        for name, look in shown.items()
    ]
    legend = figure.legend(handles=handles, frameon=False, prop={"style": "italic", "size": 8}, **where)
    if len(shown) < len(found):
        legend.set_title(f"{len(shown)} of {len(found)} genera", prop=FontProperties(size=8))


def bare(axes: Axes) -> None:
    """Axes without the frame's upper and right side."""
    axes.spines[["top", "right"]].set_visible(False)


def settle(figure: Figure) -> None:
    """Lay a figure out for good, so that what is placed between other things from now on stays there."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def place_names(axes: Axes, names: Sequence[tuple[str, float, float]], points: np.ndarray) -> int:
    """Write names near where they belong, none over another, the first names first; those without room are left out.

    The layout of the figure must stand: call `settle` before.

    Parameters
    ----------
    names : sequence of tuple
        Text, x and y (data).
    points : numpy.ndarray
        (n, 2), data: of the places that are free, the one that covers the fewest of them is taken, the nearest first.

    Returns
    -------
    int
        How many were written.
    """
    frame, taken = axes.get_window_extent(), list[Bbox]()
    covered, scale = axes.transData.transform(points), axes.figure.dpi / 72
    for text, x, y in names:
        style: Any = {"fontsize": 7, "style": "italic", "ha": "center", "va": "center", "bbox": _PAPER}
        shown = axes.annotate(text, (x, y), (0, 0), textcoords="offset points", **style)
        extent = shown.get_window_extent()
        steps = [
            step * np.array([extent.width / 2 + 4 * scale, extent.height / 2 + 4 * scale]) for step in _STEPS
        ]
        boxes = [extent.translated(*step) for step in steps]
        free = [
            (int((_inside(covered, box)).sum()), number)
            for number, box in enumerate(boxes)
            if _within(box, frame) and not any(box.overlaps(other) for other in taken)
        ]
        if free:
            best = min(free)[1]
            shown.set_position(tuple(steps[best] / scale))
            taken.append(boxes[best])
        else:
            shown.remove()
    return len(taken)


def _inside(points: np.ndarray, box: Bbox) -> np.ndarray:
    inside: np.ndarray = np.logical_and.reduce([*(points > box.min).T, *(points < box.max).T])
    return inside


def _within(box: Bbox, frame: Bbox) -> bool:
    return bool(frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1)


_PAPER = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.4}
_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
_STEPS = [np.array(one) * far for far in (1.0, 1.8, 3.0) for one in _AROUND]
"""Where a name may stand: across and up, in widths and heights of it from the middle."""
