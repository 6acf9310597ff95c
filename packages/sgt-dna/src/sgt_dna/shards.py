"""Parts of an input that are embedded apart from each other, on one machine or many, and put together again."""

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import islice
from numbers import Integral
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from sgt_dna._ranges import ByteRange, PathLike, RangeReader, first_record, lines_before, shard_range
from sgt_dna.alphabet import feature_names
from sgt_dna.embedding import Embedding
from sgt_dna.errors import AlphabetError, FastaError, FormatError, ParameterError, SgtError, in_file
from sgt_dna.params import SGTParams, positive_integer
from sgt_dna.pool import n_threads
from sgt_dna.records import Limits, first_error_raised
from sgt_dna.sources import check_records
from sgt_dna.transform import Progress, embed

_TEXT: Final = re.compile(r"([0-9]{1,9})(?:/|-of-)([0-9]{1,9})")
_KIND: Final = re.compile(r"sequences \(shard ([0-9]{1,18}) of ([0-9]{1,18})\)")


@dataclass(frozen=True, order=True)
class Shard:
    """One of n parts of an input.

    Parameters
    ----------
    index : int
        Which one, from 1.
    n : int
        How many there are.

    Raises
    ------
    ParameterError
        There is no such part.

    Examples
    --------
    >>> Shard.parse("3/16") == Shard.parse("3-of-16") == Shard(3, 16)
    True
    """

    index: int
    n: int

    def __post_init__(self) -> None:
        positive_integer("the number of shards", self.n)
        whole = isinstance(self.index, Integral) and not isinstance(self.index, bool)
        if not whole or not 1 <= self.index <= self.n:
            raise ParameterError(f"there is no shard {self}: shards are 1/{self.n} to {self.n}/{self.n}")

    def __str__(self) -> str:
        return f"{self.index}/{self.n}"

    @property
    def kind(self) -> str:
        """What an `Embedding` of it says that it holds."""
        return f"sequences (shard {self.index} of {self.n})"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``3/16``, or from ``3-of-16``, as Snakemake calls it.

        Raises
        ------
        ParameterError
            The text is neither, or there is no such shard.
        """
        found = _TEXT.fullmatch(text)
        if not found:
            raise ParameterError(f"{text!r} is no shard; the third of sixteen is 3/16, or 3-of-16")
        return cls(int(found[1]), int(found[2]))


def embed_shard(
    path: PathLike,
    shard: Shard,
    *,
    format: str | None = None,
    limits: Limits = Limits(),
    threads: int | None = 1,
    progress: Progress | None = None,
    **params: Any,
) -> Embedding:
    """Embed one of n parts of a file. All parts, joined, are the embedding of the file, bit for bit.

    Of a plain FASTA file only the bytes of the part are read: a record belongs to the part in which its ``>``
    stands. Compressed files and other formats are read twice by every part, first to count the records, since
    nothing tells where they are.

    Parameters
    ----------
    path : path
        A file; every part must see the same.
    shard : Shard
    format, limits, threads, progress
        As for `sgt_dna.embed`.
    **params
        k, overlap, kappa, length_sensitive, ambiguous and strand, as for `sgt_dna.embed`.

    Returns
    -------
    Embedding
        Its `kind` says which part it is. Without rows, where there are more parts than records.

    Raises
    ------
    FastaError, AlphabetError, ParameterError
        As for `sgt_dna.embed`, about the records of this part. An id that stands in two parts is not seen
        here, but by `join`. The path is no regular file, which could be read twice.
    TypeError
        There is no such option. Nor is there `out`: `Embedding.save` writes down which part it is.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "sequences.fasta"
    ...     _ = path.write_text(">a\\nACGTTGCA\\n>b\\nTTGACCAN\\n>c\\nACGT\\n")
    ...     embed_shard(path, Shard(1, 2), kappa=5).ids, embed_shard(path, Shard(2, 2), kappa=5).ids
    (('a', 'b'), ('c',))
    """
    options = {**asdict(SGTParams(**params)), "threads": n_threads(threads), "progress": progress}
    if Path(path).exists() and not Path(path).is_file():
        raise ParameterError(
            f"{os.fspath(path)!r} is no regular file, and shards need one; write it to a file"
        )
    first = None if format not in (None, "fasta") else first_record(path)
    if first is None:
        found = _embed_counted(path, shard, format, limits, options)
    else:
        found = embed_range(path, shard_range(path, first, shard.index, shard.n), limits=limits, **options)
    return replace(found, kind=shard.kind)


def embed_range(path: PathLike, part: ByteRange, *, limits: Limits = Limits(), **options: Any) -> Embedding:
    """Embed the records in a range of a plain FASTA file; without rows where the range is empty."""
    if part.start == part.end:
        return _empty(options)
    try:
        with RangeReader(path, part) as stream:
            return embed(stream, limits=limits, **options)
    except (FastaError, AlphabetError):
        if part.start == 0:
            raise
    # once more, to name the line of the file and not of the range: lines are counted only where it is needed
    lines = lines_before(path, part.start)
    if limits.max_bytes is not None:
        limits = replace(limits, max_bytes=limits.max_bytes + lines)
    with RangeReader(path, part, lines) as stream:
        return embed(stream, limits=limits, **options)


def join(paths: Sequence[PathLike]) -> Embedding:
    """Load the parts of an embedding as one.

    Parameters
    ----------
    paths : sequence of paths
        Files of all the shards of an input, in any order; or of embeddings of whole inputs, which are put
        together in the order given.

    Returns
    -------
    Embedding
        Of shards: bit for bit that of the whole input.

    Raises
    ------
    ParameterError
        A shard is missing, or there twice; the files differ in their parameters; they are not of sequences.
    FormatError
        A file cannot be read; an id stands in two of them.
    """
    if not paths:
        raise ParameterError("there is nothing to join; give the files of the shards")
    names = [os.fspath(path) for path in paths]
    for name, times in Counter(names).items():
        if times > 1:
            raise ParameterError(f"{name!r} is given more than once; leave the others out")
    parts = _in_order([(name, Embedding.load(name)) for name in names])
    _check_fit(parts)
    embeddings = [embedding for _, embedding in parts]
    return Embedding(
        ids=tuple(id_ for part in embeddings for id_ in part.ids),
        vectors=np.concatenate([part.vectors for part in embeddings]),
        feature_names=embeddings[0].feature_names,
        params=embeddings[0].params,
        descriptions=tuple(text for part in embeddings for text in part.descriptions),
        ambiguous=np.concatenate([part.ambiguous for part in embeddings]),
    )


def _embed_counted(
    path: PathLike, shard: Shard, format: str | None, limits: Limits, options: dict[str, Any]
) -> Embedding:
    """Embed the shard of a file in which records cannot be found but by reading from its start."""
    n_records = 0
    for item in check_records(path, format=format, limits=limits):
        if isinstance(item, SgtError) and item.record is None:  # about the file: no shard of it is good
            raise item
        n_records += 1
    start, end = (n_records * index // shard.n for index in (shard.index - 1, shard.index))
    if start == end:
        return _empty(options)
    own = islice(check_records(path, format=format, limits=limits), start, end)
    with in_file(os.fspath(path)):
        return embed(first_error_raised(own), limits=limits, **options)


def _empty(options: dict[str, Any]) -> Embedding:
    """The embedding of no records."""
    names = {field.name for field in fields(SGTParams)}
    params = SGTParams(**{name: value for name, value in options.items() if name in names})
    features = feature_names(params.k)
    none = np.empty(0, np.int64)
    return Embedding((), np.empty((0, len(features))), features, params, (), none)


def _in_order(parts: list[tuple[str, Embedding]]) -> list[tuple[str, Embedding]]:
    """Shards by their numbers, all of them; whole inputs as they come."""
    for name, embedding in parts:
        if embedding.kind != "sequences" and not _KIND.fullmatch(embedding.kind):
            raise ParameterError(
                f"{name!r} holds {embedding.kind}; join shards of one input, or whole inputs"
            )
    if all(embedding.kind == "sequences" for _, embedding in parts):
        return parts
    found: dict[Shard, tuple[str, Embedding]] = {}
    for name, embedding in parts:
        text = _KIND.fullmatch(embedding.kind)
        if not text:
            raise ParameterError(
                f"{name!r} is of a whole input and others are of shards; join shards of one input, or whole inputs"
            )
        shard = Shard(int(text[1]), int(text[2]))
        if shard in found:
            raise ParameterError(f"{found[shard][0]!r} and {name!r} are both shard {shard}; leave one out")
        found[shard] = (name, embedding)
    n = max(shard.n for shard in found)
    if other := [(name, shard) for shard, (name, _) in found.items() if shard.n != n]:
        raise ParameterError(
            f"{other[0][0]!r} is shard {other[0][1]}, others are of {n}; join those of one input"
        )
    if n_missing := n - len(found):
        missing = (str(shard) for shard in (Shard(i, n) for i in range(1, n + 1)) if shard not in found)
        some = ", ".join(islice(missing, 5))  # n may be any number: a damaged file may say so
        raise ParameterError(
            f"of {n} shards {n_missing} are missing, the first: {some}; embed them with --shard"
        )
    return [found[shard] for shard in sorted(found)]


def _check_fit(parts: list[tuple[str, Embedding]]) -> None:
    """Refuse to join what was made in different ways, or holds an id twice."""
    first, params = parts[0][0], parts[0][1].params
    where: dict[str, str] = {}
    for name, part in parts:
        if part.params != params:
            ours, theirs = asdict(params), asdict(part.params)
            key = next(key for key in ours if ours[key] != theirs[key])
            raise ParameterError(
                f"{first!r} was made with {key}={ours[key]!r}, {name!r} with {key}={theirs[key]!r}; "
                "embed them alike"
            )
        for id_ in part.ids:
            if where.setdefault(id_, name) != name:
                raise FormatError(
                    f"the id {id_!r} stands in {where[id_]!r} as well; ids must be unique",
                    file=name,
                    record=id_,
                )
