"""A figure of a report: drawn by matplotlib without global state, shown as SVG text, kept as a vector PDF."""

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from visgen_train.io.atomic import replacing
from visgen_train.io.cells import visible

STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "visgen",
    "pdf.fonttype": 42,
    "text.parse_math": False,
    "text.usetex": False,
    "font.size": 9,
}
LONGEST_LABEL = 44

Value = str | int | float | None


class NothingToDraw(Exception):
    """A run has no data for a figure; the message is the reason, in plain words."""


@dataclass(frozen=True)
class Exhibit:
    """One figure of a report: what is drawn, what there is to see in it, and its numbers as a table.

    Attributes
    ----------
    name : str
        Identifier: its id in the page, the stem of its PDF.
    title : str
        A few words.
    caption : str
        In plain words what to see; plain text, to be escaped.
    figure : matplotlib.figure.Figure
        Made without pyplot, in the context of `drawing`.
    header : tuple of str
        Of the columns of `rows`.
    rows : tuple
        The numbers that are drawn, all of them, also where the figure shows some. None is a gap.
    """

    name: str
    title: str
    caption: str
    figure: Figure
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """The style of every figure, while it is made and while it is written: names are never read as formulas.

    A letter that the font of the PDF lacks is no reason to warn: it stands as a box there, and right in the page.
    """
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        yield


def svg(exhibit: Exhibit) -> str:
    """The figure as SVG text to stand in a page; its ids begin with the exhibit's name, so no two of a page agree."""
    return named_ids(svg_text(exhibit.figure), exhibit.name)


def pdf(exhibit: Exhibit, path: Path) -> None:
    """Write the figure as a vector PDF, whole or not at all, the same bytes each time."""
    with drawing(), replacing(path) as temporary:
        exhibit.figure.savefig(temporary, format="pdf", metadata={"CreationDate": None, "Producer": None})


def svg_text(figure: Figure) -> str:
    """The bare `<svg>` element, without a date."""
    text = io.StringIO()
    with drawing():
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    bare = re.sub(r"^.*?(?=<svg)", "", text.getvalue(), count=1, flags=re.DOTALL)
    return re.sub(r"<metadata>.*?</metadata>", "", bare, flags=re.DOTALL)


def named_ids(text: str, name: str) -> str:
    """Put a name before every id, and before what refers to it; only within tags, never in a text."""

    def renamed(tag: re.Match[str]) -> str:
        return re.sub(r'(\sid="|href="#|url\(#)', rf"\g<1>{name}-", tag[0])

    return re.sub(r"<[^<>]+>", renamed, text)


def label(name: str) -> str:
    """A name as it stands in a figure: nothing hidden in it, and cut where it is very long.

    >>> label("Aus\\u202e albus")
    'Aus\\\\u202e albus'
    """
    shown = visible(name)
    return shown if len(shown) <= LONGEST_LABEL else shown[: LONGEST_LABEL - 1] + "…"


def short(name: str) -> str:
    """`G. epithet`, for where there is little room; a name of one word as it is."""
    genus, _, epithet = label(name).partition(" ")
    return f"{genus[:1]}. {epithet}" if epithet else genus
