"""What a notebook shows of an embedding: a table of its first rows, with all texts escaped."""

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt

ROWS: Final = 5
LENGTH: Final = 40
"""Characters of an id that are shown."""


def table(
    title: str,
    ids: Sequence[str],
    ambiguous: npt.NDArray[np.int64],
    feature_names: Sequence[str],
    vectors: npt.NDArray[np.float64],
) -> str:
    """HTML of the title and of the first rows: id, ambiguous positions, the first three features and the last.

    Examples
    --------
    >>> vectors, counts = np.array([[0.25]]), np.array([2])
    >>> print(table("one row", ["<b>"], counts, ["A->A"], vectors))  # doctest: +ELLIPSIS
    <div><p>one row</p>...<bdi>&lt;b&gt;</bdi>...<td>0.25</td>...
    """
    columns = [*range(min(3, len(feature_names))), *range(max(3, len(feature_names) - 1), len(feature_names))]
    gap = len(feature_names) > 4
    names = _with_gap([feature_names[column] for column in columns], gap)
    head = "".join(f"<th>{escape(name)}</th>" for name in ["id", "ambiguous", *names])
    shown = range(min(ROWS, len(ids)))
    body = "".join(
        f"<tr><th><bdi>{escape(_short(ids[row]))}</bdi></th><td>{ambiguous[row]}</td>"
        + "".join(
            f"<td>{escape(cell)}</td>"
            for cell in _with_gap([f"{vectors[row, column]:.4g}" for column in columns], gap)
        )
        + "</tr>"
        for row in shown
    )
    more = f"<p>{len(ids) - ROWS:,} more rows</p>" if len(ids) > ROWS else ""
    return f"<div><p>{escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</div>"


def _with_gap(cells: list[str], gap: bool) -> list[str]:
    return [*cells[:3], "…", *cells[3:]] if gap else cells


def _short(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[: LENGTH - 1]}…"
