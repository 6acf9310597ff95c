"""``sgt-dna validate IN``: every bad record of a file, and what the good ones are like.

``--json`` prints: input, records (how many are good), bases, shortest, median, longest (null without records),
ambiguous_positions, ambiguous_sequences (how many have such positions), ambiguous_characters (character -> count,
most frequent first), errors (kind, problem, record and line of each). The figures are of the good records; errors
are about bad ones, or about the file as a whole, which ends with such an error.
"""

import shlex
from argparse import Namespace
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from sgt_dna.errors import SgtError
from sgt_dna.records import Record
from sgt_dna.sources import check_records
from sgt_dna.verbs.shared import STREAM, Outcome, Progress, add_reading, add_verb, counted, reading

SHOWN: Final = 20
"""Errors in the text; ``--json`` has all."""

_BASES: Final = b"ACGTUacgtu"


@dataclass
class _Tally:
    """What has been seen so far. Of errors no more is kept than is printed: a bad file can have millions."""

    all_errors: bool
    lengths: list[int] = field(default_factory=list)
    ambiguous: Counter[str] = field(default_factory=Counter)
    ambiguous_sequences: int = 0
    n_errors: int = 0
    shown: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)

    def add(self, found: Record | SgtError) -> None:
        if isinstance(found, SgtError):
            self._add_error(found)
            return
        self.lengths.append(len(found.sequence))
        others = found.sequence.encode("ascii").translate(None, _BASES)
        self.ambiguous.update(others.decode("ascii").upper())
        self.ambiguous_sequences += bool(others)

    def _add_error(self, error: SgtError) -> None:
        self.n_errors += 1
        if len(self.shown) < SHOWN:
            self.shown.append(f"error: {error}")
        if self.all_errors:
            names = ("problem", "record", "line")
            self.errors.append(
                {"kind": type(error).__name__, **{name: getattr(error, name) for name in names}}
            )

    @property
    def figures(self) -> dict[str, Any]:
        lengths = np.array(self.lengths, np.int64)
        good = len(lengths)
        return {
            "records": good,
            "bases": int(lengths.sum()),
            "shortest": int(lengths.min()) if good else None,
            "median": float(np.median(lengths)) if good else None,
            "longest": int(lengths.max()) if good else None,
            "ambiguous_positions": self.ambiguous.total(),
            "ambiguous_sequences": self.ambiguous_sequences,
            "ambiguous_characters": dict(self.ambiguous.most_common()),
        }


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    purpose = "Find every bad record of a file of sequences, and say what the good ones are like"
    add_reading(add_verb(verbs, "validate", run, "sequences.fasta", purpose))


def run(arguments: Namespace) -> Outcome:
    """Read everything, and report."""
    tally = _Tally(all_errors=arguments.json)
    with Progress() as progress:
        for number, found in enumerate(check_records(**reading(arguments)), 1):
            tally.add(found)
            progress(number)
    figures = {"input": arguments.input, **tally.figures}
    return Outcome(
        {**figures, "errors": tally.errors},
        report=[*tally.shown, *_more(tally.n_errors), *_summary(figures, tally.n_errors)],
        notes=_next(arguments.input, tally.n_errors > 0),
        exit_code=1 if tally.n_errors else 0,
    )


def _more(errors: int) -> list[str]:
    return [f"{errors - SHOWN:,} errors more; --json has all"] if errors > SHOWN else []


def _summary(figures: dict[str, Any], errors: int) -> list[str]:
    lines = [f"{counted(figures['records'], 'good record')}, {counted(errors, 'error')}"]
    if figures["records"]:
        lines += [
            f"bases: {figures['bases']:,}; shortest {figures['shortest']:,}, median {figures['median']:,g}, "
            f"longest {figures['longest']:,}",
            f"not A, C, G, T or U: {counted(figures['ambiguous_positions'], 'position')}, "
            f"in {counted(figures['ambiguous_sequences'], 'sequence')}{_most(figures)}",
        ]
    return lines


def _most(figures: dict[str, Any]) -> str:
    counts = list(figures["ambiguous_characters"].items())
    text = ", ".join(f"{character} {n:,}" for character, n in counts[:5])
    return f" ({text}{', ...' if len(counts) > 5 else ''})" if text else ""


def _next(source: str, bad: bool) -> list[str]:
    if bad:
        return ["next: mend or remove what is bad, then validate again"]
    return (
        [] if source == STREAM else [f"next: {shlex.join(['sgt-dna', 'embed', source, '-o', 'vectors.npz'])}"]
    )
