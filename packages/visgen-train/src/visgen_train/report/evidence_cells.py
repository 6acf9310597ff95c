"""Tables as text, and how a figure stands in a cell."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from visgen_train.report.summary import percent, points, span


@dataclass(frozen=True)
class Cell:
    """What stands in a table: a text or figure, and the figure's interval if it has one."""

    value: str
    interval: str = ""


@dataclass(frozen=True)
class Table:
    """A table as text.

    Attributes
    ----------
    title : str
    columns : tuple of str
    rows : tuple of tuple of Cell
        As many cells as columns.
    words : int
        So many columns at the left are words; the others are figures.
    paper : int
        So many columns at the right are figures of the paper.
    note : str
    species : bool
        The first column names species.
    rare : frozenset of int
        Rows of rare species.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: int = 1
    paper: int = 0
    note: str = ""
    species: bool = False
    rare: frozenset[int] = frozenset()


def shares(figures: Mapping[str, Any], keys: Iterable[str]) -> tuple[Cell, ...]:
    """Estimates of shares as per cent, without the sign; a dash for None."""
    return tuple(_cell(figures.get(key), share, signed=False) for key in keys)


def differences(figures: Mapping[str, Any], keys: Iterable[str]) -> tuple[Cell, ...]:
    """Estimates of differences as signed points; a dash for None."""
    return tuple(_cell(figures.get(key), points, signed=True) for key in keys)


def plain(estimate: Mapping[str, Any] | None) -> Cell:
    """An estimate with two decimals; a dash for None."""
    if estimate is None:
        return Cell("–")
    mean, *ends = (
        f"{round(value, 2) + 0.0:.2f}".replace("-", "−")
        for value in (estimate["mean"], *(_ends(estimate) or []))
    )
    return Cell(mean, " to ".join(ends))


def share(value: float | None) -> str:
    """A share as per cent, without the sign."""
    return percent(value).removesuffix(" %")


def called(target: str) -> str:
    """What a target is called in a table: its name, but for two that would not be understood."""
    return {"none": "no alignment", "dna": "real DNA"}.get(target, target)


def plural(number: int, noun: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _cell(estimate: Mapping[str, Any] | None, shown: Callable[[float | None], str], signed: bool) -> Cell:
    if estimate is None:
        return Cell("–")
    ends = _ends(estimate)
    return Cell(shown(estimate["mean"]), span(ends, signed) if ends else "")


def _ends(estimate: Mapping[str, Any]) -> list[float] | None:
    return None if estimate["low"] is None else [estimate["low"], estimate["high"]]
