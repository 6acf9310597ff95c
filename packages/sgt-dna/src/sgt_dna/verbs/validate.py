"""``sgt-dna validate IN``: every bad record of a file, and what the good ones are like.

``--json`` prints: input, records, good, bad, bases, shortest, median, longest (null without good records),
ambiguous_positions, ambiguous_sequences (how many have such positions), ambiguous_characters (character -> count,
most frequent first), errors (kind, problem, record and line of each). The counts are of the good records; an error
that ends the file is among the errors, though it may be about no record.
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
    """What has been seen so far."""

    lengths: list[int] = field(default_factory=list)
    ambiguous: Counter[str] = field(default_factory=Counter)
    ambiguous_sequences: int = 0
    errors: list[SgtError] = field(default_factory=list)

    def add(self, found: Record | SgtError) -> None:
        if isinstance(found, SgtError):
            self.errors.append(found)
            return
        self.lengths.append(len(found.sequence))
        others = found.sequence.encode("ascii").translate(None, _BASES)
        self.ambiguous.update(others.decode("ascii").upper())
        self.ambiguous_sequences += bool(others)

    @property
    def figures(self) -> dict[str, Any]:
        lengths = np.array(self.lengths, np.int64)
        good, bad = len(lengths), len(self.errors)
        return {
            "records": good + bad,
            "good": good,
            "bad": bad,
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
    tally = _Tally()
    with Progress() as progress:
        for number, found in enumerate(check_records(**reading(arguments)), 1):
            tally.add(found)
            progress(number)
    figures = {"input": arguments.input, **tally.figures}
    errors = [
        {"kind": type(error).__name__, "problem": error.problem, "record": error.record, "line": error.line}
        for error in tally.errors
    ]
    return Outcome(
        {**figures, "errors": errors},
        report=[*_bad(tally.errors), *_summary(figures)],
        notes=_next(arguments.input, bool(errors)),
        exit_code=1 if errors else 0,
    )


def _bad(errors: list[SgtError]) -> list[str]:
    lines = [f"bad: {error}" for error in errors[:SHOWN]]
    return [*lines, f"bad: {len(errors) - SHOWN:,} more; --json has all"] if len(errors) > SHOWN else lines


def _summary(figures: dict[str, Any]) -> list[str]:
    lines = [f"{counted(figures['records'], 'record')}: {figures['good']:,} good, {figures['bad']:,} bad"]
    if figures["good"]:
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
