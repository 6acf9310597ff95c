"""How species and genera look in every figure: colours that survive colour blindness, markers, names in italics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from visgen_train.genetics.shuffles import genus
from visgen_train.report.figures.exhibit import label

BLUE, ORANGE, GREY = "#0072b2", "#e69f00", "#999999"
COLOURS = (BLUE, "#d55e00", "#009e73", "#cc79a7", ORANGE, "#56b4e9", "#4d4d4d")
"""Okabe and Ito (2008), "Color universal design", without yellow, which is faint on white; dark grey for black."""
MARKERS = "os^DvPX*<>ph"
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "++++", "oooo")
MODEL_MARKS = ((GREY, "o"), (ORANGE, "s"), (BLUE, "D"), *zip(COLOURS[1:], "^vPX*<", strict=True))
"""Colour and marker of the first model, the second and so on; before training towards DNA grey, after it blue."""
MOST_ROWS = 150
"""Species that get a row of their own; of more, those with the fewest images are drawn."""


class Look(NamedTuple):
    """How a genus is drawn: both colour and marker tell it, so neither has to alone."""

    colour: str
    marker: str
    hatch: str


def looks(species: Iterable[str]) -> dict[str, Look]:
    """Genus -> its look, those of the most species first; 84 genera differ in colour or marker.

    >>> found = looks(["Bus a", "Aus b", "Bus c"])
    >>> list(found), found["Bus"].marker
    (['Bus', 'Aus'], 'o')
    """
    number = Counter(genus(name) for name in species)
    ordered = sorted(number, key=lambda name: (-number[name], name))
    colours, markers = len(COLOURS), len(MARKERS)
    return {
        name: Look(
            COLOURS[place % colours],
            MARKERS[(place + place // colours) % markers],
            HATCHES[place // colours % len(HATCHES)],
        )
        for place, name in enumerate(ordered)
    }


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


def row_height(rows: int, head: float = 0.9, each: float = 0.19) -> float:
    """Height of a figure of so many rows, inches."""
    return head + each * max(rows, 3)


def genus_handles(found: Mapping[str, Look], **style: Any) -> list[Line2D]:
    """What a legend of genera is made of; their names in italics are up to the legend."""
    return [
        Line2D([], [], color=look.colour, marker=look.marker, linestyle="", label=label(name), **style)
        for name, look in found.items()
    ]


def genus_legend(owner: Any, found: Mapping[str, Look], most: int = 28, **where: Any) -> None:
    """A legend of the genera with the most species."""
    shown = dict(list(found.items())[:most])
    handles = genus_handles(shown, markersize=5)
    legend = owner.legend(handles=handles, frameon=False, prop={"style": "italic", "size": 8}, **where)
    if len(shown) < len(found):
        legend.set_title(f"{len(shown)} of {len(found)} genera", prop={"size": 8})


def bare(axes: Axes) -> None:
    """Axes without the frame's upper and right side."""
    axes.spines[["top", "right"]].set_visible(False)


def place_names(axes: Axes, names: Sequence[tuple[str, float, float]], size: float = 7) -> int:
    """Write names near their points, none over another, the first names first; those without room are left out.

    The layout of the figure must stand: call `figure.draw_without_rendering()` before.

    Parameters
    ----------
    names : sequence of tuple
        Text, x and y (data).

    Returns
    -------
    int
        How many were written.
    """
    taken: list[Bbox] = []
    frame = axes.get_window_extent()
    written = 0
    for text, x, y in names:
        for across, up, horizontal, vertical in _PLACES:
            shown = axes.annotate(
                text,
                (x, y),
                (across, up),
                textcoords="offset points",
                ha=horizontal,
                va=vertical,
                fontsize=size,
                style="italic",
            )
            box = shown.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in taken):
                shown.set_in_layout(False)
                taken.append(box)
                written += 1
                break
            shown.remove()
    return written


_PLACES = (
    (0, 5, "center", "bottom"),
    (0, -5, "center", "top"),
    (6, 0, "left", "center"),
    (-6, 0, "right", "center"),
    (4, 4, "left", "bottom"),
    (-4, 4, "right", "bottom"),
    (4, -4, "left", "top"),
    (-4, -4, "right", "top"),
    (0, 14, "center", "bottom"),
    (0, -14, "center", "top"),
)
