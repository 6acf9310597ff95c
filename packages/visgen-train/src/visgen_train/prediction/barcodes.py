"""`visgen predict --barcodes`: which species a sequence is of, and what it should look like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import sgt_dna

from visgen_train.errors import DataError
from visgen_train.experiment.again import Moved, recorded_of, sequences_again
from visgen_train.experiment.relatives import Sequences
from visgen_train.genetics.belonging import FAR, Limits, limits, nearest_distances
from visgen_train.genetics.distances import kmer
from visgen_train.genetics.words import bases
from visgen_train.io.cells import visible
from visgen_train.prediction.answers import percent
from visgen_train.prediction.loading import load_predictor
from visgen_train.prediction.placing import Place, Placing
from visgen_train.prediction.predictor import NEAREST, Predictor


@dataclass(frozen=True)
class Named:
    """What is said of one sequence.

    Attributes
    ----------
    id : str
    verdict : {"species", "several", "relative", "none"}
        It belongs to the nearest species, to one of several that are equally near (a short part may stand in all of
        them), is a relative of the nearest, or has no near relative in the run.
    candidates : tuple of (str, float)
        The nearest species and their distances.
    pictured : bool
        Whether the run has pictures of the nearest species.
    turned : bool
        It was read from the other strand.
    explained : float, optional
        How far its looks are known, see `placing.Place`; None without a near relative, and without kriging.
    looks_like : tuple of str
        Species it should look like most.
    pictures : tuple of str
        Training pictures it should look like most.
    tied : int
        Species that are as near as the nearest, which counts.
    """

    id: str
    verdict: str
    candidates: tuple[tuple[str, float], ...]
    pictured: bool
    turned: bool
    explained: float | None = None
    looks_like: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    tied: int = 1

    @property
    def text(self) -> str:
        """In a few words."""
        name, distance = self.candidates[0]
        told = {
            "species": f"{name} (distance {distance:.2f})",
            "several": f"one of {self.tied} species that it is equally near ({self._equals}; distance {distance:.2f})",
            "relative": f"a relative of {name} (distance {distance:.2f}), none of the run's species",
            "none": f"no near relative (the nearest is {name}, distance {distance:.2f})",
        }[self.verdict]
        without = "" if self.pictured or self.verdict != "species" else ", without pictures"
        return f"{told}{without}{', other strand' if self.turned else ''}"

    @property
    def _equals(self) -> str:
        shown = [name for name, _ in self.candidates[: self.tied]]
        return ", ".join([*shown, *(["..."] if self.tied > len(shown) else [])])

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        named = [{"species": name, "distance": distance} for name, distance in self.candidates]
        return {"id": self.id, "answer": self.text, **vars(self), "candidates": named}

    def to_row(self) -> dict[str, Any]:
        """As tables have it."""
        row: dict[str, Any] = {"id": self.id, "answer": self.text, "verdict": self.verdict, "tied": self.tied}
        for number, (name, distance) in enumerate(self.candidates, start=1):
            row |= {f"species_{number}": name, f"distance_{number}": distance}
        row |= {"pictured": self.pictured, "turned": self.turned, "explained": self.explained}
        row |= {f"looks_like_{number}": name for number, name in enumerate(self.looks_like, start=1)}
        return row | {f"picture_{number}": file for number, file in enumerate(self.pictures, start=1)}


@dataclass(frozen=True)
class SequenceAnswers(Sequence[Named]):
    """The answers to some sequences, in their order, and how they were come by."""

    named: tuple[Named, ...]
    about: tuple[str, ...]

    @overload
    def __getitem__(self, place: int) -> Named: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Named]: ...
    def __getitem__(self, place: int | slice) -> Named | Sequence[Named]:
        """An answer, or some."""
        return self.named[place]

    def __len__(self) -> int:
        return len(self.named)

    def __iter__(self) -> Iterator[Named]:
        return iter(self.named)

    def lines(self) -> list[str]:
        """Some lines a sequence."""
        made = []
        for one in self:
            made.append(f"{visible(one.id)}: {visible(one.text)}")
            if one.explained is not None:
                like = ", ".join(map(visible, one.looks_like))
                made.append(f"  should look like {like} (known to {percent(one.explained)}): ")
                made[-1] += ", ".join(map(visible, one.pictures))
        return made


def name_sequences(
    run: Path,
    source: Path,
    sequences: Path | None = None,
    labels: Path | None = None,
    *,
    top: int = 3,
    device: str | None = None,
) -> SequenceAnswers:
    """Name the sequences of a file by those of a run.

    Parameters
    ----------
    source : Path
        Whatever `sgt_dna.read_records` takes.
    sequences, labels : Path, optional
        Where the run's own are now, if they have moved.
    top : int
        Candidates of each.
    device : str, optional
        In place of the run's.

    Raises
    ------
    DataError, UsageError, sgt_dna.SgtError
        No such run, its sequences are gone or others, or the file cannot be read.
    """
    predictor = load_predictor(run, device)
    queries = list(sgt_dna.read_records(source))
    records, species = _of_run(run, Moved(sequences=sequences, labels=labels))
    names = np.array([species[record.id] for record in records])
    codes = [bases(record.sequence) for record in records]
    found = limits(codes, names)
    distances, turned = nearest_distances([bases(query.sequence) for query in queries], codes)
    placing, why = _placing(predictor)
    named = []
    for query, row, back in zip(queries, distances, turned, strict=True):
        one = _named(query, row, bool(back), names, found, predictor, top)
        place = None if placing is None else _place(placing, one, query, records, names, predictor)
        named.append(one if place is None else _with_looks(one, place, predictor))
    return SequenceAnswers(tuple(named), (*_about(found, len(records)), why))


def _of_run(run: Path, moved: Moved) -> tuple[list[sgt_dna.Record], dict[str, str]]:
    records, species = sequences_again(run, moved)
    recorded = recorded_of(run / "data.json")
    if Sequences(records, species).sha256 != recorded.sequences_sha256:
        raise DataError(
            f"{moved.sequences or recorded.inputs.sequences}: not the sequences (or their species) the run was trained "
            "with. Give those by --sequences (and --labels)."
        )
    return records, species


def _placing(predictor: Predictor) -> tuple[Placing | None, str]:
    scorer = predictor.scorer
    if scorer.distances is None:
        return None, "Looks: the run has no distances between its species, so none are foretold."
    try:
        placing = Placing(scorer.known, scorer.distances)
    except DataError as error:
        return None, f"Looks: none are foretold. {error}"
    share = placing.fitted.signal.lambda_
    return placing, (
        f"Looks: by kriging on the {predictor.embedding} embedding; looks follow descent with lambda {share:.2f} "
        "here (0: not at all)."
    )


def _named(
    query: sgt_dna.Record,
    distances: np.ndarray,
    turned: bool,
    names: np.ndarray,
    found: Limits,
    predictor: Predictor,
    top: int,
) -> Named:
    of_species = {name: float(distances[names == name].min()) for name in dict.fromkeys(names.tolist())}
    order = sorted(of_species.items(), key=lambda pair: pair[1])
    tied = sum(distance == order[0][1] for _, distance in order)
    verdict = found.verdict(order[0][1])
    pictured = order[0][0] in predictor.scorer.species[: predictor.scorer.known.classes]
    verdict = "several" if verdict == "species" and tied > 1 else verdict
    return Named(query.id, verdict, tuple(order[:top]), pictured, turned, tied=tied)


def _place(
    placing: Placing,
    named: Named,
    query: sgt_dna.Record,
    records: Sequence[sgt_dna.Record],
    names: np.ndarray,
    predictor: Predictor,
) -> Place | None:
    """That of its species; of a relative by the run's distance between species, the median over their sequences.

    None without a near relative, of one of several species, and where a sequence has no words.
    """
    scorer = predictor.scorer
    of = [*scorer.species[: scorer.known.scored], *scorer.species[scorer.known.classes :]]
    if named.verdict in ("none", "several"):
        return None
    if named.verdict == "species":
        return placing.of_species(of.index(named.candidates[0][0]), NEAREST)
    sequence = _other_strand(query.sequence) if named.turned else query.sequence
    pairs = kmer.between([sgt_dna.Record(query.id, "", sequence)], records)[0]
    medians = np.array([np.nanmedian(pairs[names == name]) for name in of])
    return placing.of_another(medians, NEAREST) if np.isfinite(medians).all() else None


def _other_strand(sequence: str) -> str:
    return sequence.upper().translate(str.maketrans("ACGTU", "TGCAA"))[::-1]


def _with_looks(named: Named, place: Place, predictor: Predictor) -> Named:
    return replace(
        named,
        explained=place.explained,
        looks_like=tuple(predictor.scorer.species[column] for column in place.species),
        pictures=tuple(predictor.training[row] for row in place.pictures),
    )


def _about(found: Limits, number: int) -> tuple[str, str]:
    return (
        "Distance: the share of the words of 7 letters of the shorter sequence that the nearest sequence of a species "
        "lacks.",
        f"Of a species up to {found.same:.3f}, which best parts the species of the run's own {number} sequences; a "
        f"relative up to {found.related:.2f}: so near {percent(FAR)} of them have another species, and nearer "
        "than sequences come that have nothing in common.",
    )
