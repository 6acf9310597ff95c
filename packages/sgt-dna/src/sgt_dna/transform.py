"""Sequences -> vectors: `embed`, which joins sources, batches, threads and rows, and `embed_windows`."""

import os
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from sgt_dna._floats import float_type
from sgt_dna._folder import new_vectors
from sgt_dna._table import Table
from sgt_dna.alphabet import feature_names
from sgt_dna.batches import Work, record_work
from sgt_dna.embedding import Embedding
from sgt_dna.errors import ParameterError, in_file
from sgt_dna.fasta_work import fasta_work
from sgt_dna.formats import format_mode, parse_format
from sgt_dna.memory_work import memory_work
from sgt_dna.params import SGTParams, positive_integer
from sgt_dna.pool import embed_work, n_threads
from sgt_dna.records import Limits, first_error_raised
from sgt_dna.rows import Expected, Rows, WrittenRows
from sgt_dna.sources import Source, entries_of, format_of, read_records
from sgt_dna.streams import FileSource, is_file, open_source, source_name

Progress: TypeAlias = Callable[[int], object]


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
    out: str | os.PathLike[str] | None = None,
    dtype: npt.DTypeLike = "float64",
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
        Threads that share the records, and the segments of long ones; None for all cores, and four
        a core at most. The vectors do not depend on it.
    progress : callable, optional
        Called now and then with the number of records done.
    out : path, optional
        A folder, whose name ends in ``.sgt``, to write vectors to as they come, for more of them than fit the
        memory: it appears once all is written, and replaces one of that name. Ids and descriptions stay in
        memory: some 240 bytes a record, 390 with headers of 40 characters. A run that is killed leaves a hidden
        folder, ``.NAME.sgt.*.tmp``, to be deleted.
    dtype : {"float64", "float32"}
        Of the vectors in that folder; those in memory are float64.
    format : str, optional
        Format of a file, where it is neither FASTA nor begins as GenBank or EMBL do: "fastq", "nexus", ...
    limits : Limits
        Longest record, number of records, bytes of text after decompression.

    Returns
    -------
    Embedding
        (n, 16**k) float64, rows in the order of the source. A sequence without two symbols to pair is a zero
        vector. With `out`, the vectors are mapped from its file.

    Raises
    ------
    FastaError
        The source is missing, damaged, in another format or beyond the limits; a record without id or
        sequence; a duplicate id.
    AlphabetError
        A character is no nucleotide code, or it is ambiguous and `ambiguous` is "error".
    ParameterError
        A parameter is out of its range, there is no such format, `out` names something else or holds it, or a
        vector is beyond float32.
    OSError
        `out` cannot be written.

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
    number = n_threads(threads)
    work = _work(source, params, format, limits)
    if out is None:
        if float_type(dtype).name != "float64":
            raise ParameterError(
                f"dtype={dtype!r} is for vectors in a folder; name one with out=, or leave it out"
            )
        kept = Rows(16**k, _expected(source))
        _fill(kept, work, number, progress, source)
        return Embedding(**_table(kept, params, kept.vectors())._asdict())
    with new_vectors(out, dtype) as writer:
        written = WrittenRows(16**k, writer.add)
        _fill(written, work, number, progress, source)
        writer.finish(_table(written, params, np.empty(0)))
    del written, work  # their ids, which are read back now
    return Embedding.load(out)


def _fill(rows: Rows, work: Iterator[Work], threads: int, progress: Progress | None, source: Source) -> None:
    with in_file(source_name(source)):
        for done in embed_work(work, rows, threads):
            if progress is not None:
                progress(done)


def _table(rows: Rows, params: SGTParams, vectors: npt.NDArray[np.float64]) -> Table:
    return Table(
        ids=tuple(rows.ids),
        vectors=vectors,
        feature_names=feature_names(params.k),
        params=params,
        descriptions=tuple(rows.descriptions),
        ambiguous=rows.ambiguous,
        kind="sequences",
    )


def embed_windows(sequence: Any, size: int, step: int | None = None, **options: Any) -> Embedding:
    """Embed windows of one long sequence, each on its own: a profile along a genome.

    Parameters
    ----------
    sequence : str or Record
        Or what Biopython has for them. A record, such as one of `read_records`, gives its id to the windows.
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
    size = positive_integer("size", size)
    step = size if step is None else positive_integer("step", step)
    record = next(read_records([sequence]))
    name, text = (f"{record.id}:" if hasattr(sequence, "id") else ""), record.sequence
    starts = range(0, max(1, min(len(text), len(text) - size + step)), step)
    windows = ((start, min(start + size, len(text))) for start in starts)
    return embed(((f"{name}{start + 1}-{end}", text[start:end]) for start, end in windows), **options)


def _work(source: Source, params: SGTParams, format: str | None, limits: Limits) -> Iterator[Work]:
    if not is_file(source):
        if format is not None:
            raise ParameterError(f"format={format!r} is for files; leave it out for sequences in memory")
        yield from memory_work(entries_of(source), params, limits)
        return
    if format not in (None, "fasta"):
        format_mode(format)
    with open_source(cast(FileSource, source), limits) as stream:
        name = format or format_of(stream.peek(64))
        if name == "fasta":
            yield from fasta_work(stream, params, limits)
        else:
            yield from record_work(first_error_raised(parse_format(stream, name, limits)), params)


def _expected(source: Source) -> Expected | None:
    """What a collection holds, or a file if it is not compressed; the length of other things may count bytes."""
    if isinstance(source, str | os.PathLike):
        with suppress(OSError, ValueError):
            return Expected(bases=Path(source).stat().st_size)
        return None
    dimensions: int = getattr(source, "ndim", 0)  # of an array, or a Series of pandas
    if isinstance(source, list | tuple | Mapping) or dimensions:
        return Expected(sequences=len(cast(Sized, source)))
    return None
