"""Sequences -> vectors."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from sgt_dna.alphabet import feature_names
from sgt_dna.embedding import Embedding
from sgt_dna.encode import encode_bases
from sgt_dna.errors import ParameterError, in_file, in_record
from sgt_dna.params import SGTParams
from sgt_dna.records import Limits, Record
from sgt_dna.sources import Source, read_records
from sgt_dna.state import transform
from sgt_dna.streams import source_name

BATCH: Final = 1_000_000
"""Bases that a thread takes at a time, in whole records."""

Progress: TypeAlias = Callable[[int], object]


class _Part(NamedTuple):
    """What is left of some records when they are embedded: their sequences are not kept."""

    ids: list[str]
    descriptions: list[str]
    ambiguous: list[int]
    vectors: npt.NDArray[np.float64]


def embed(
    source: Source,
    *,
    k: int = 2,
    overlap: bool = True,
    kappa: float = 1.0,
    length_sensitive: bool = False,
    ambiguous: str = "skip",
    strand: str = "forward",
    threads: int | None = 1,
    progress: Progress | None = None,
    format: str | None = None,
    limits: Limits = Limits(),
) -> Embedding:
    """Embed DNA or RNA sequences with the Sequence Graph Transform over symbols of k bases.

    Feature (u, v) of a sequence is ``(W / N) ** (1 / kappa)``: N pairs of symbols "u, later v", W the sum of
    ``exp(-kappa * distance)`` over them; 0 without such a pair. Decayed sums below 2.3e-308 count as 0.

    Parameters
    ----------
    source : path, file object, mapping, or iterable
        A file of sequences as a path or file object (FASTA, GenBank and more; plain, gzip, bzip2 or xz), a
        mapping id -> sequence, a pandas Series, (id, sequence) pairs, records, or plain sequences: all that
        `read_records` takes. Lower case counts as upper case, U as T.
    k : {1, 2, 3}
        Bases a symbol: mono-, di- or trinucleotides, for 16, 256 or 4,096 features.
    overlap : bool
        Symbols overlap (ACG is AC, CG) or stand side by side.
    kappa : float
        Decay per symbol; the higher, the shorter the reach.
    length_sensitive : bool
        ``(L * W / N) ** (1 / kappa)`` with L the number of symbols, as `sgt` 2.0.3 has it.
    ambiguous : {"skip", "drop", "error"}
        N, other IUPAC ambiguity codes and gaps: keep the position without a contribution, take it out first,
        or refuse it.
    strand : {"forward", "both"}
        The sequence as given, or W and N of it and of its reverse complement added.
    threads : int or None
        Threads that share the records, None for all cores; they pay for sequences of some 10 kb and more. The
        vectors do not depend on it.
    progress : callable, optional
        Called now and then with the number of records done.
    format : str, optional
        Format of a file, where it is neither FASTA nor begins as GenBank or EMBL do: "fastq", "nexus", ...
    limits : Limits
        Longest record, number of records, bytes of text after decompression.

    Returns
    -------
    Embedding
        (n, 16**k) float64, rows in the order of the source. A sequence without two symbols to pair is a zero
        vector.

    Raises
    ------
    FastaError
        The source is missing, damaged, in another format or beyond the limits; a record without id or
        sequence; a duplicate id.
    AlphabetError
        A character is no nucleotide code, or it is ambiguous and `ambiguous` is "error".
    ParameterError
        A parameter is out of its range, or there is no such format.

    References
    ----------
    Ranjan, Ebrahimi and Paynabar 2016, arXiv:1608.03533.

    Examples
    --------
    >>> emb = embed(["AACG"])
    >>> [(name, round(value, 3)) for name, value in zip(emb.feature_names, emb["1"].tolist()) if value]
    [('AA->AC', 0.368), ('AA->CG', 0.135), ('AC->CG', 0.368)]
    """
    params = SGTParams(
        k=k,
        overlap=overlap,
        kappa=kappa,
        length_sensitive=length_sensitive,
        ambiguous=ambiguous,
        strand=strand,
    )
    with in_file(source_name(source)):
        found = read_records(source, format=format, limits=limits)
        parts = list(_embedded(found, params, _n_threads(threads), progress))
    return Embedding(
        ids=tuple(id_ for part in parts for id_ in part.ids),
        vectors=np.concatenate([part.vectors for part in parts]),
        feature_names=feature_names(params.k),
        params=params,
        descriptions=tuple(text for part in parts for text in part.descriptions),
        ambiguous=np.concatenate([part.ambiguous for part in parts]),
    )


def embed_windows(sequence: str | Record, size: int, step: int | None = None, **options: Any) -> Embedding:
    """Embed windows of one long sequence, each on its own: a profile along a genome.

    Parameters
    ----------
    sequence : str or Record
        A `Record`, such as one of `read_records`, gives its id to the windows.
    size : int
        Bases a window.
    step : int, optional
        Bases from the start of one window to the start of the next; `size` if None.
    **options
        Those of `embed`: k, overlap, kappa, length_sensitive, ambiguous, strand, threads, progress.

    Returns
    -------
    Embedding
        (n_windows, 16**k) float64. Ids are regions, "id:first-last" with positions from 1 and both ends
        included (without "id:" for a plain sequence). The last window is the first that reaches the end of
        the sequence; it may be shorter.

    Raises
    ------
    ParameterError
        size or step is no positive integer; an option is out of its range.
    AlphabetError
        See `embed`.

    Examples
    --------
    >>> embed_windows("ACGTTGCAACGT", size=8, step=4).ids
    ('1-8', '5-12')
    """
    step = size if step is None else step
    for name, value in (("size", size), ("step", step)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ParameterError(f"{name} must be a positive number of bases, not {value!r}")
    name, text = ("", sequence) if isinstance(sequence, str) else (f"{sequence.id}:", sequence.sequence)
    starts = range(0, max(1, min(len(text), len(text) - size + step)), step)
    windows = ((start, min(start + size, len(text))) for start in starts)
    return embed(((f"{name}{start + 1}-{end}", text[start:end]) for start, end in windows), **options)


def _embedded(
    found: Iterable[Record], params: SGTParams, threads: int, progress: Progress | None
) -> Iterator[_Part]:
    done = 0
    for part in _mapped(partial(_embed_batch, params=params), _batches(found), threads):
        done += len(part.ids)
        if progress is not None:
            progress(done)
        yield part


def _mapped(
    function: Callable[[list[Record]], _Part], batches: Iterable[list[Record]], threads: int
) -> Iterator[_Part]:
    """`map` on that many threads, in order, with few batches in memory at a time."""
    if threads == 1:
        yield from map(function, batches)
        return
    with ThreadPoolExecutor(threads) as pool:
        running: deque[Future[_Part]] = deque()
        for batch in batches:
            running.append(pool.submit(function, batch))
            if len(running) == 2 * threads:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _batches(found: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    n_bases = 0
    for record in found:
        batch.append(record)
        n_bases += len(record.sequence)
        if n_bases >= BATCH:
            yield batch
            batch, n_bases = [], 0
    if batch:
        yield batch


def _embed_batch(batch: list[Record], params: SGTParams) -> _Part:
    vectors = np.empty((len(batch), len(feature_names(params.k))))
    ambiguous = []
    for record, vector in zip(batch, vectors, strict=True):
        with in_record(record.id, record.line):
            bases, n_ambiguous = encode_bases(record.sequence, params)
            vector[:] = transform(bases, params)
        ambiguous.append(n_ambiguous)
    return _Part(
        [record.id for record in batch], [record.description for record in batch], ambiguous, vectors
    )


def _n_threads(threads: int | None) -> int:
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ParameterError(f"threads must be a positive number, or None for all cores, not {threads!r}")
    return threads
