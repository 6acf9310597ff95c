"""Ratios of times within one run: absolute times of shared machines say little."""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Ratio(NamedTuple):
    """Median and quartiles of the ratios of paired measurements."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 0 if self.median >= 100 else 2
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"


class Row(NamedTuple):
    """A row of a table: what is measured, the target, and what was found."""

    what: str
    target: str
    found: Ratio | str


def print_table(sections: Iterable[Callable[[Path], Iterator[Row]]], chosen: list[str]) -> None:
    """Print the rows of all sections, or of those with these names, each as soon as it is measured."""
    print("| what | target | measured: median (quartiles) |\n|---|---|---|", flush=True)
    for section in sections:
        if chosen and section.__name__ not in chosen:
            continue
        with tempfile.TemporaryDirectory() as folder:
            for row in section(Path(folder)):
                print(f"| {row.what} | {row.target} | {row.found} |", flush=True)


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    gc.collect()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def ratio(
    ours: Callable[[], object],
    other: Callable[[], object],
    rounds: int,
    *,
    inverse: bool = False,
    scale: float = 1,
) -> Ratio:
    """Time of ours by that of another, taken in turn, times a scale; or, inverse, of the other by ours."""
    ours(), other()  # compiled, and in the cache
    found = []
    for turn in range(rounds):
        pair = (ours, other) if turn % 2 else (other, ours)
        times = {call: seconds(call) for call in pair}
        quotient = times[ours] / times[other] * scale
        found.append(1 / quotient if inverse else quotient)
    return summary(found)


def summary(found: list[float]) -> Ratio:
    """Median and quartiles."""
    low, _, high = statistics.quantiles(found, n=4, method="inclusive")
    return Ratio(statistics.median(found), low, high)


def child(code: str, **environment: str) -> list[float]:
    """The numbers that some code prints as its last line, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )
    return [float(word) for word in done.stdout.split("\n")[-2].split()]
