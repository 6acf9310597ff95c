"""Figures of embeddings: one vector as a heatmap, many as a map of two components."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna._extras import imported

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Vectors = npt.NDArray[np.float64]

COLOURS: Final = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#000000")
"""Okabe and Ito's, less the yellow, which white paper swallows: told apart with any colour vision."""
MARKERS: Final = ("o", "s", "^", "D", "v", "P")
MOST_LABELS: Final = len(COLOURS) * len(MARKERS)
MOST_NAMED: Final = 50
"""Points with their ids beside them."""
TICKS: Final = 16


def axes_or_new(ax: "Axes | None", width: float, height: float) -> "Axes":
    """The axes given, or those of a new figure of that size in inches.

    Raises
    ------
    MissingExtraError
        matplotlib is not installed.
    """
    pyplot = imported("matplotlib.pyplot", "plot", "figures need matplotlib")
    if ax is not None:
        return ax
    made: Axes = pyplot.subplots(figsize=(width, height), layout="constrained")[1]
    return made


def heatmap(matrix: Vectors, symbols: Sequence[str], title: str, ax: "Axes | None") -> "Axes":
    """Draw a matrix whose rows are the symbols u and whose columns are the symbols v that follow them."""
    ax = axes_or_new(ax, 6.4, 5.6)
    signed = bool((matrix < 0).any())
    most = float(np.abs(matrix).max()) or 1.0
    image = ax.imshow(matrix, cmap="RdBu_r" if signed else "viridis", vmin=-most if signed else 0, vmax=most)
    at = range(0, len(symbols), max(1, len(symbols) // TICKS))
    names = [symbols[tick] for tick in at]
    ax.set_xticks(at, names, rotation=90)
    ax.set_yticks(at, names)
    ax.set(xlabel="later symbol", ylabel="symbol", title=title)
    ax.figure.colorbar(image, ax=ax, label="feature")
    return ax


def components(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The first two principal components.

    Parameters
    ----------
    vectors : (n, d) float64

    Returns
    -------
    (n, 2) float64
        Coordinates; the largest loading of a component is positive, so that a map is not mirrored by chance.
    (2,) float64
        Share of the variance of each.

    Examples
    --------
    >>> places, shares = components(np.array([[0.0, 3.0], [0.0, 5.0]]))
    >>> places.tolist(), shares.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [1.0, 0.0])
    """
    left, sizes, loadings = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    largest = np.abs(loadings).argmax(axis=1)
    signs = np.sign(loadings[np.arange(len(loadings)), largest])
    n = min(2, len(sizes))
    places, shares = np.zeros((len(vectors), 2)), np.zeros(2)
    places[:, :n] = (left * sizes * signs)[:, :n]
    shares[:n] = (sizes**2 / ((sizes**2).sum() or 1.0))[:n]
    return places, shares


def scatter(
    vectors: Vectors, ids: Sequence[str], labels: Sequence[str] | None, title: str, ax: "Axes | None"
) -> "Axes":
    """Draw rows as points, in a colour and marker for each label; without labels, a few have their ids beside them."""
    columns = 1 if labels is None else _legend_columns(len(set(labels)))  # names beside points take as much
    ax = axes_or_new(ax, 5.8 + 2.3 * columns, 5.2)
    places, shares = components(np.asarray(vectors, np.float64))
    if labels is None:
        ax.scatter(places[:, 0], places[:, 1], s=28, color=COLOURS[0], alpha=0.8)
        for id_, place in zip(ids, places, strict=True) if len(ids) <= MOST_NAMED else ():
            _name(ax, id_, place)
    else:
        _labelled(ax, places, labels)
    for axis, number in ((ax.xaxis, 0), (ax.yaxis, 1)):
        axis.set_label_text(f"component {number + 1} ({shares[number]:.0%} of the variance)")
    ax.set_title(title, fontsize="medium")
    return ax


def _legend_columns(labels: int) -> int:
    """Columns of the legend; none where colours and markers would come round again."""
    return -(-labels // 22) if labels <= MOST_LABELS else 0


def _labelled(ax: "Axes", places: Vectors, labels: Sequence[str]) -> None:
    of_row = np.array(labels, dtype=object)
    names = sorted(set(labels))
    for number, name in enumerate(names):
        colour, marker = COLOURS[number % len(COLOURS)], MARKERS[number // len(COLOURS) % len(MARKERS)]
        x, y = places[of_row == name].T
        ax.scatter(x, y, s=28, color=colour, marker=marker, alpha=0.8, label=_plain(name))
    if columns := _legend_columns(len(names)):
        ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small", ncols=columns)


def _name(ax: "Axes", id_: str, place: Any) -> None:
    ax.annotate(_plain(id_), place, xytext=(4, 4), textcoords="offset points", fontsize="small")


def _plain(text: str) -> str:
    """Text that matplotlib neither reads as a formula nor leaves out of a legend."""
    escaped = text.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped
