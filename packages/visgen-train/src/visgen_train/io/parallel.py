"""The same work on many files at once, by threads, with results in the order of the files."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Result = TypeVar("Result")


def in_parallel(work: Callable[[T], Result], items: Iterable[T], ahead: int = 256) -> Iterator[Result]:
    """What `work` makes of each item, in order, computed by threads so many `ahead` of what is taken.

    Whoever stops half way (Ctrl-C) waits for what is begun, not for what is to come.
    """
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        begun: deque[Future[Result]] = deque()
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) >= ahead:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def unwarned(pictures: Iterator[Result]) -> Iterator[Result]:
    """What is made of pictures, without their warnings while it is taken.

    Odd metadata does not make a picture unreadable, and a bomb is refused all the same.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield from pictures
