"""The table of species of a run's page: how each was recognised, and what it was taken for."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

from visgen_train.report.run_content import RunContent

EXAMPLES = 3
"""Pictures recognised, and as many that were not, in a species' row."""


@dataclass(frozen=True)
class Recall:
    """How many of a species' test images a model recognised: `share` with its 95 % Wilson interval; None untested."""

    right: int
    tested: int

    @property
    def share(self) -> float | None:
        return self.right / self.tested if self.tested else None

    @property
    def interval(self) -> list[float] | None:
        """Wilson 1927: of n images that are independent; for several of one specimen it is too narrow."""
        if not self.tested:
            return None
        found = binomtest(self.right, self.tested).proportion_ci(method="wilson")
        return [float(found.low), float(found.high)]


@dataclass(frozen=True)
class Example:
    """A test image: its row among those that count, and what it was taken for, None if it was recognised."""

    row: int
    taken_for: str | None


@dataclass(frozen=True)
class SpeciesRow:
    """One species in a report.

    Attributes
    ----------
    recalls : dict
        Model ("visual", "aligned"; of a run without alignment "visual" alone) -> its `Recall`.
    taken_for : tuple of (str, int)
        What the last model took its images for, with how many, most frequent first.
    nearest_by_dna : tuple of (str, float)
        Name, and cosine of the anchors.
    examples : tuple of Example
        Recognised ones first; of the last model.
    units : int
        Groups of its test images, such as specimens; the images where there are no groups.
    """

    name: str
    train: int
    test: int
    sequences: int
    rare: bool
    recalls: Mapping[str, Recall]
    taken_for: tuple[tuple[str, int], ...]
    nearest_by_dna: tuple[str, float]
    examples: tuple[Example, ...]
    units: int

    @property
    def last(self) -> Recall:
        """Of the last model."""
        return list(self.recalls.values())[-1]


def species_rows(content: RunContent) -> list[SpeciesRow]:
    """A row for each scored species, rarest first."""
    tests = [item for item in content.data["items"] if item["split"] == "test"]
    units = Counter(name for name, _ in {(item["species"], item["group"] or item["file"]) for item in tests})
    rows = [_row(content, name, units[name]) for name in content.species]
    return sorted(rows, key=lambda row: (row.train, row.name))


def compared(content: RunContent) -> list[str]:
    """The models that stand beside each other, both by kNN: before alignment and, where there is one, after."""
    return [name for name in ("visual", "aligned") if name in content.metrics]


def counted_rows(content: RunContent) -> np.ndarray:
    """(m,) the test images that count, as rows of `content.files`, in the order of `content.truth`."""
    scored = np.isin(content.image_species, content.species)
    found: np.ndarray = np.flatnonzero((content.sides == "test") & scored)
    return found


def _row(content: RunContent, name: str, units: int) -> SpeciesRow:
    models = compared(content)
    mine = np.flatnonzero(content.truth == name)
    answers = {model: content.predicted[model][mine] for model in models}
    held = content.metrics[models[-1]]["species"][name]
    last = answers[models[-1]].tolist()
    wrong = Counter(answer for answer in last if answer != name)
    return SpeciesRow(
        name=name,
        train=held["train"],
        test=held["test"],
        sequences=held["sequences"],
        rare=name in content.metrics["tail_species"],
        recalls={model: Recall(int((found == name).sum()), len(mine)) for model, found in answers.items()},
        taken_for=tuple(sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0]))),
        nearest_by_dna=tuple(held["nearest_by_dna"]),
        examples=_examples(mine.tolist(), last, name),
        units=units,
    )


def _examples(rows: list[int], answers: list[str], name: str) -> tuple[Example, ...]:
    right = [Example(row, None) for row, answer in zip(rows, answers, strict=True) if answer == name]
    wrong = [Example(row, answer) for row, answer in zip(rows, answers, strict=True) if answer != name]
    return (*right[:EXAMPLES], *wrong[:EXAMPLES])
