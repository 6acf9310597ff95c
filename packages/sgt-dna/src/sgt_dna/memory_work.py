"""Sequences in memory -> work, without an object a record: the kernel reads what is clean, as of files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sgt_dna import batches
from sgt_dna.batches import Batch, Work, encoded, record_work
from sgt_dna.errors import SgtError
from sgt_dna.params import SGTParams
from sgt_dna.records import Checker, Limits, Record
from sgt_dna.segments import LONG
from sgt_dna.sources import check_count, checked

LEAST: Final = 64
"""Bases that an entry counts for beyond its own, so that a batch of empty ones ends."""


def memory_work(entries: Iterable[object], params: SGTParams, limits: Limits) -> Iterator[Work]:
    """Work on sequences, (id, sequence) pairs or records.

    Raises
    ------
    FastaError, AlphabetError
        As `read_records` does; AlphabetError also by ``params.ambiguous``.
    """
    checker = Checker(limits, "entry")
    batch: list[Any] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += LEAST + (len(entry) if type(entry) is str else _length(entry))
        if size >= batches.BATCH or checker.count + len(batch) > limits.max_records:
            yield from _work(batch, params, checker)
            batch, size = [], 0
    if batch:
        yield from _work(batch, params, checker)
    check_count(checker)


def _length(entry: Any) -> int:
    """Bases of an entry, roughly."""
    sequence: Any = entry[1] if isinstance(entry, tuple | list) and len(entry) == 2 else entry
    sequence = getattr(sequence, "sequence", sequence)
    try:
        return len(sequence)
    except TypeError:  # no sequence; the error about it comes when the batch is worked on
        return 0


def _work(batch: Sequence[Any], params: SGTParams, checker: Checker) -> Iterator[Work]:
    clean = _clean(batch, params, checker)
    if clean:
        yield clean
    else:
        yield from record_work(_records(batch, checker), params)


def _records(batch: Sequence[Any], checker: Checker) -> Iterator[Record]:
    for number, entry in enumerate(batch, checker.count + 1):
        checker.admit()
        record = checked(entry, number, checker)
        if isinstance(record, SgtError):
            raise record
        yield record


def _clean(batch: Sequence[Any], params: SGTParams, checker: Checker) -> Batch | None:
    """What the kernel makes of plain sequences, or of pairs of plain texts; None if it would not have them."""
    places = range(checker.count + 1, checker.count + 1 + len(batch))
    kinds = set(map(type, batch))
    ids: Sequence[str]
    if kinds == {str}:
        ids, sequences = list(map(str, places)), batch
    elif kinds == {tuple} and set(map(len, batch)) == {2}:
        ids, sequences = zip(*batch, strict=True)
        if {*map(type, ids), *map(type, sequences)} != {str} or not _plain(ids):
            return None
    else:
        return None
    if not all(sequences) or max(map(len, sequences)) > min(LONG, checker.limits.max_length):
        return None
    found = encoded(ids, ids, sequences, [None] * len(ids), params)
    if isinstance(found, int) or not checker.admit_all(ids, places):
        return None
    return found


def _plain(ids: Sequence[str]) -> bool:
    """Whether there is something in each id, and nothing unusual."""
    text = "".join(ids)
    return text.isascii() and text.isprintable() and all(map(str.strip, ids))
