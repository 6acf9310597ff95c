"""How files are cut into the shards of a cluster, and what its workers do with each; nothing here knows of Dask."""

import io
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from sgt_dna._ranges import ByteRange, first_record, read_range, record_starts, shard_ranges
from sgt_dna.alphabet import feature_names
from sgt_dna.embedding import Embedding
from sgt_dna.errors import AlphabetError, SgtError, in_file, in_record
from sgt_dna.params import SGTParams
from sgt_dna.records import Limits, Record
from sgt_dna.shards import Shard, embed_range
from sgt_dna.sources import read_records
from sgt_dna.state import SGTState
from sgt_dna.transform import embed

MAX_HEADER: Final = 2**20
"""Bytes of a header that are looked at; the reader refuses longer ones."""


class Part(NamedTuple):
    """Records that are embedded at once, to one file of vectors.

    Parameters
    ----------
    path : str
        Of the input.
    range : ByteRange or None
        Where they stand in it; None for a whole file that cannot be cut.
    """

    path: str
    range: ByteRange | None


class LongRecord(NamedTuple):
    """One record that is embedded piece by piece, to one file of vectors.

    Parameters
    ----------
    path : str
        Of the input.
    range : ByteRange
        Where it stands in it, header and sequence.
    pieces : tuple of ByteRange
        Of its sequence lines.
    """

    path: str
    range: ByteRange
    pieces: tuple[ByteRange, ...]


class Options(NamedTuple):
    """How all shards are made."""

    params: SGTParams
    format: str | None
    limits: Limits


def jobs(path: str, shard_bytes: int, format: str | None) -> Iterator[Part | LongRecord]:
    """The shards of a file, in its order.

    A record that makes its part longer than twice `shard_bytes` is one of its own, in pieces.
    """
    first = first_record(path) if format in (None, "fasta") else None
    if first is None:
        yield Part(path, None)
        return
    n = -(-Path(path).stat().st_size // shard_bytes)
    for part in shard_ranges(path, first, n):
        last = part.end
        if part.end - part.start > 2 * shard_bytes and part.start >= first:
            last = _last_record(path, part)
        if part.start < last:
            yield Part(path, ByteRange(part.start, last))
        if last < part.end:
            yield _cut_record(path, ByteRange(last, part.end), shard_bytes)


def _last_record(path: str, part: ByteRange) -> int:
    with Path(path).open("rb") as handle:
        starts = takewhile(lambda start: start < part.end, record_starts(handle, part.start + 1))
        return max(starts, default=part.start)


def _cut_record(path: str, part: ByteRange, piece_bytes: int) -> Part | LongRecord:
    start = read_range(path, ByteRange(part.start, min(part.end, part.start + MAX_HEADER)))
    lines = start.splitlines(keepends=True)
    if len(lines) < 2:  # no sequence, or too long a header: the reader says it
        return Part(path, part)
    body = range(part.start + len(lines[0]), part.end, piece_bytes)
    pieces = (ByteRange(begin, min(begin + piece_bytes, part.end)) for begin in body)
    return LongRecord(path, part, tuple(pieces))


def write_part(part: Part, shard: Shard, target: Path, options: Options) -> None:
    """Embed a part at once, or a file that cannot be cut, and write the vectors."""
    params, format, limits = options
    if part.range is None:
        found = embed(part.path, format=format, limits=limits, **asdict(params))
    else:
        found = embed_range(part.path, part.range, limits=limits, **asdict(params))
    replace(found, kind=shard.kind).save(target)


def piece_state(path: str, piece: ByteRange, params: SGTParams) -> SGTState | None:
    """State of a piece of sequence lines; None where it is bad, which is said once the record is whole."""
    sequence = read_range(path, piece).translate(None, b"\r\n\t ").decode("latin-1")
    try:
        return SGTState(params).update(sequence)
    except AlphabetError:
        return None


def merged(first: SGTState | None, second: SGTState | None) -> SGTState | None:
    """State of two parts that follow each other, which stay as they are: another task may ask for them again."""
    if first is None or second is None:
        return None
    return SGTState(first.params).merge(first).merge(second)


def write_record(
    state: SGTState | None, long: LongRecord, shard: Shard, target: Path, options: Options
) -> None:
    """Write the vector of a record from its state; a bad one is read as a whole, for the error about it."""
    record = _header(long)
    if state is None or record is None or not _within(options.limits, long.range, state):
        write_part(Part(long.path, long.range), shard, target, options)
        return
    with in_file(long.path), in_record(record.id, None):
        vector = state.vector()
    Embedding(
        ids=(record.id,),
        vectors=vector[np.newaxis],
        feature_names=feature_names(options.params.k),
        params=options.params,
        descriptions=(record.description,),
        ambiguous=np.array([state.n_ambiguous]),
        kind=shard.kind,
    ).save(target)


def _header(long: LongRecord) -> Record | None:
    """A record with the header of a long one, as the reader takes it; None where it is bad."""
    header = read_range(long.path, ByteRange(long.range.start, long.pieces[0].start))
    try:
        return next(read_records(io.BytesIO(header + b"N\n"), format="fasta"))
    except SgtError:
        return None


def _within(limits: Limits, record: ByteRange, state: SGTState) -> bool:
    n_bytes = record.end - record.start
    return 0 < state.n_bases <= limits.max_length and n_bytes <= (limits.max_bytes or n_bytes)
