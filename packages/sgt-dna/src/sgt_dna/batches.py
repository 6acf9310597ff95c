"""Sequences in batches: each is embedded in one call, in any thread, and taken in order."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol, cast

import numpy as np
import numpy.typing as npt

from sgt_dna.alphabet import Codes
from sgt_dna.encode import character_table, encode_bases, kernel_plan
from sgt_dna.errors import in_record
from sgt_dna.params import SGTParams
from sgt_dna.records import Record
from sgt_dna.segments import LONG, Cutter, joined_frames, segment_frames, vector_of
from sgt_dna.state import Frame

BATCH: Final = 2**18
"""Bases of a batch, in whole sequences: its text, bases and vectors fit a cache, and a call is a small part of it."""

Places = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]


class Part(NamedTuple):
    """What is left of n sequences when they are embedded: ambiguous is (n,) int64, vectors (n, d) float64."""

    ids: Sequence[str]
    descriptions: Sequence[str]
    ambiguous: Places
    vectors: Vectors


class Work(Protocol):
    """Some sequences, or a segment of a long one."""

    @property
    def n_vectors(self) -> int:
        """How many come of it."""

    @property
    def n_bases(self) -> int:
        """How long it is."""

    def compute(self, vectors: Vectors) -> Any:
        """Do the work, in any thread; the array (n_vectors, d) may be filled in."""

    def part(self, computed: Any, vectors: Vectors) -> Part | None:
        """What came of it: called in order, in one thread, with what `compute` gave back."""


@dataclass(frozen=True)
class Batch:
    """n sequences that are checked and encoded.

    bases (n_bases,) has them one after another, and ends (n,) says where; lines are those of records of a file.
    """

    ids: Sequence[str]
    descriptions: Sequence[str]
    lines: Sequence[int | None]
    bases: Codes
    ends: Places
    ambiguous: Places
    params: SGTParams

    @property
    def n_vectors(self) -> int:
        return len(self.ids)

    @property
    def n_bases(self) -> int:
        return int(self.ends[-1])

    def compute(self, vectors: Vectors) -> None:
        from sgt_dna import _kernel  # numba takes half a second to import

        if not _kernel.embed_bases(self.bases, self.ends, kernel_plan(self.params), vectors):
            self._refuse(int(np.isinf(vectors).any(axis=1).argmax()))

    def part(self, computed: None, vectors: Vectors) -> Part:
        return Part(self.ids, self.descriptions, self.ambiguous, vectors)

    def _refuse(self, row: int) -> None:
        """Raise the error about a sequence whose vector is not finite."""
        bases = self.bases[self.ends[row - 1] if row else 0 : self.ends[row]]
        with in_record(self.ids[row], self.lines[row]):
            vector_of(segment_frames(bases, self.params), len(bases), self.params)


def encoded(
    ids: Sequence[str],
    descriptions: Sequence[str],
    sequences: Sequence[str],
    lines: Sequence[int | None],
    params: SGTParams,
) -> Batch | int:
    """A batch of sequences, or the number of the first that is not clean."""
    from sgt_dna import _kernel

    text = np.frombuffer("".join(sequences).encode("ascii", "replace"), np.uint8)
    stops = np.fromiter(map(len, sequences), np.int64, len(ids)).cumsum()
    bases, ends, ambiguous = np.empty(len(text) + _kernel.MARGIN, np.uint8), stops.copy(), stops.copy()
    table = character_table(params.ambiguous)
    clean = _kernel.read_texts(text, stops, table, bases, ends, ambiguous)
    if clean < len(ids):
        return int(clean)
    return Batch(ids, descriptions, lines, bases, ends, ambiguous, params)


def _batch_of(records: Sequence[Record], params: SGTParams) -> Batch:
    """A batch of records, which hold nothing but nucleotide codes."""
    ids, descriptions, sequences, lines, _ = zip(*records, strict=True)
    batch = encoded(ids, descriptions, sequences, lines, params)
    if isinstance(batch, int):
        with in_record(ids[batch], lines[batch]):
            encode_bases(sequences[batch], params)
    return cast(Batch, batch)


@dataclass
class Long:
    """A long sequence on its way: what its segments have in common."""

    record: Record  # without the sequence
    params: SGTParams
    n_bases: int = 0
    n_ambiguous: int = 0
    frames: list[Frame] = field(default_factory=list)

    def segments(self, pieces: Iterable[tuple[Codes, int]]) -> Iterator["Segment"]:
        """Its segments, from pieces of it: their bases, and how many of their characters are ambiguous."""
        cutter = Cutter(self.params)
        for bases, n_ambiguous in pieces:
            self.n_bases += len(bases)
            self.n_ambiguous += n_ambiguous
            for segment in cutter.add(bases):
                yield Segment(self, segment, last=False)
        yield Segment(self, cutter.rest(), last=True)


@dataclass(frozen=True)
class Segment:
    """One of them; the last brings the vector."""

    of: Long
    bases: Codes
    last: bool

    @property
    def n_vectors(self) -> int:
        return int(self.last)

    @property
    def n_bases(self) -> int:
        return len(self.bases)

    def compute(self, vectors: Vectors) -> list[Frame]:
        return segment_frames(self.bases, self.of.params)

    def part(self, computed: list[Frame], vectors: Vectors) -> Part | None:
        whole, params = self.of, self.of.params
        whole.frames = joined_frames(whole.frames, computed, params) if whole.frames else computed
        if not self.last:
            return None
        record = whole.record
        with in_record(record.id, record.line):
            vectors[0] = vector_of(whole.frames, whole.n_bases, params)
        return Part([record.id], [record.description], np.array([whole.n_ambiguous]), vectors)


def record_work(records: Iterable[Record], params: SGTParams) -> Iterator[Work]:
    """Work on records that are checked, but for what `params` say of ambiguous characters."""
    batch: list[Record] = []
    n_bases = 0
    for record in records:
        if len(record.sequence) > LONG:
            if batch:
                yield _batch_of(batch, params)
            batch, n_bases = [], 0
            yield from _long_work(record, params)
            continue
        batch.append(record)
        n_bases += len(record.sequence)
        if n_bases >= BATCH:
            yield _batch_of(batch, params)
            batch, n_bases = [], 0
    if batch:
        yield _batch_of(batch, params)


def _long_work(record: Record, params: SGTParams) -> Iterator[Work]:
    def pieces() -> Iterator[tuple[Codes, int]]:
        for start in range(0, len(record.sequence), BATCH):
            with in_record(record.id, record.line):
                yield encode_bases(record.sequence[start : start + BATCH], params, start)

    yield from Long(record._replace(sequence=""), params).segments(pieces())
