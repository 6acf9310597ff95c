"""Batches of sequences on several threads, their vectors taken in order."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

from sgt_dna.batches import Part, Vectors, Work
from sgt_dna.params import positive_integer
from sgt_dna.rows import Rows


class _Running(NamedTuple):
    work: Work
    vectors: Vectors
    future: Future[Any]

    def part(self) -> Part | None:
        return self.work.part(self.future.result(), self.vectors)


def n_threads(threads: int | None) -> int:
    """So many, or all cores there are; at most four a core, since more do not help.

    Raises
    ------
    ParameterError
        It is no positive integer.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if threads is None else min(positive_integer("threads", threads), 4 * cores)


def embed_work(work: Iterable[Work], rows: Rows, threads: int) -> Iterator[int]:
    """Fill rows, by that many threads; after each part, the number of rows that are done.

    Work is taken, and parts are given to the rows, in order and in the calling thread. Little of it is in memory
    at a time.
    """
    for part in _alone(work, rows) if threads == 1 else _shared(work, rows, threads):
        if part is not None:
            rows.add(part)
            yield len(rows.ids)


def _alone(work: Iterable[Work], rows: Rows) -> Iterator[Part | None]:
    for item in work:
        vectors = rows.room(item.n_vectors, item.n_bases)
        yield item.part(item.compute(vectors), vectors)


def _shared(work: Iterable[Work], rows: Rows, threads: int) -> Iterator[Part | None]:
    with ThreadPoolExecutor(threads) as pool:
        running: deque[_Running] = deque()
        for item in _with_error(work):
            if isinstance(item, Exception):  # work before it may be bad as well, and comes first
                while running:
                    yield running.popleft().part()
                raise item
            vectors = rows.room(item.n_vectors, item.n_bases)
            running.append(_Running(item, vectors, pool.submit(item.compute, vectors)))
            if len(running) == 2 * threads:
                yield running.popleft().part()
        while running:
            yield running.popleft().part()


def _with_error(work: Iterable[Work]) -> Iterator[Work | Exception]:
    """Work, and at the end the error that ends it, if one does."""
    try:
        yield from work
    except Exception as error:
        yield error
