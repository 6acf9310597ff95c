"""What to do next after a run, in plain words: the species that need pictures first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visgen_train.report.evidence_cells import plural
from visgen_train.report.species_rows import SpeciesRow

POOR = 0.5
"""A species is poorly recognised where less than this share of its test images is."""
FEW_TESTED = 10
"""With fewer test images a 95 % Wilson interval can be wider than 52 points."""
TWINS = 1 / 3
"""Two species are hard to part where this share of the test images of one is taken for the other."""
LEAST_TAKEN = 3
MOST_NAMED = 5


@dataclass(frozen=True)
class Advice:
    """One thing to do: `text`, then species it is about, each with a detail."""

    text: str
    species: tuple[tuple[str, str], ...] = ()
    left: int = 0

    @classmethod
    def about(cls, text: str, species: Sequence[tuple[str, str]]) -> "Advice":
        """Names some of the species, and how many others there are."""
        return cls(text, tuple(species[:MOST_NAMED]), max(0, len(species) - MOST_NAMED))


def advice(metrics: Mapping[str, Any], rows: Sequence[SpeciesRow]) -> list[Advice]:
    """What would help most, first things first.

    Parameters
    ----------
    metrics : mapping
        Content of metrics.json.
    rows : sequence of SpeciesRow
        Rarest first.
    """
    found = [*_pictures(rows), *_twins(rows), *_tests(rows), *_sequences(rows)]
    if "aligned" in metrics:
        found.append(
            Advice(
                "To know whether it is the DNA that helps, compare with shuffled DNA over several seeds: "
                "visgen ablate IMAGES SEQUENCES --out FOLDER."
            )
        )
    return found


def needy(rows: Sequence[SpeciesRow]) -> list[SpeciesRow]:
    """Species poorly recognised whose training images are no more than the median: pictures may help them."""
    counts = sorted(row.train for row in rows)
    median = counts[(len(counts) - 1) // 2] if counts else 0
    return [
        row for row in rows if row.train <= median and row.last.share is not None and row.last.share < POOR
    ]


def _pictures(rows: Sequence[SpeciesRow]) -> Iterator[Advice]:
    found = needy(rows)
    if found:
        yield Advice.about(
            "Take more pictures of these species first; they are in the half that has fewer, and less than half of "
            "their test images were recognised:",
            [
                (
                    row.name,
                    f"{plural(row.train, 'training image')}, {row.last.right} of {row.last.tested} recognised",
                )
                for row in found
            ],
        )
    elif any(row.last.tested for row in rows):
        yield Advice(
            "No species with few pictures stands out as poorly recognised: of each, half of the test images or more "
            "were recognised."
        )


def _twins(rows: Sequence[SpeciesRow]) -> Iterator[Advice]:
    poor = {row.name for row in needy(rows)}
    found = [
        (row.name, f"taken for {row.taken_for[0][0]}, {row.taken_for[0][1]} of {row.last.tested}")
        for row in rows
        if row.name not in poor
        and row.taken_for
        and row.taken_for[0][1] >= max(LEAST_TAKEN, TWINS * row.last.tested)
    ]
    if found:
        yield Advice.about(
            "Look at these pairs together. One is often taken for the other, and it may need more than images: their "
            "labels may be mixed, or the view may not show what parts them:",
            found,
        )


def _tests(rows: Sequence[SpeciesRow]) -> Iterator[Advice]:
    found = [row for row in rows if row.units < FEW_TESTED]
    grouped = any(row.units < row.last.tested for row in rows)
    what = "groups of test images, such as specimens" if grouped else "test images"
    if found:
        whose = f"{len(found)} of {len(rows)} species {'has' if len(found) == 1 else 'have'}"
        yield Advice(
            f"{whose} fewer than {FEW_TESTED} {what}, too few for a figure of their own that can be relied on. "
            "More of them help here, too."
        )


def _sequences(rows: Sequence[SpeciesRow]) -> Iterator[Advice]:
    found = [(row.name, "") for row in rows if row.sequences == 1]
    if found:
        yield Advice.about(
            "A single DNA sequence stands for these species; a second would show an error in it:", found
        )
