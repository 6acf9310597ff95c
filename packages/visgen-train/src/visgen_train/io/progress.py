"""Progress bars on a terminal, silence in a pipe."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")


class Track(Protocol):
    """What functions that take long accept as `track`: `track` itself, `silent`, or a notebook's own."""

    def __call__(self, items: Iterable[T], description: str, total: int) -> Iterable[T]: ...


def track(items: Iterable[T], description: str, total: int) -> Iterator[T]:
    """Yield the items while a bar on standard error follows them, if that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(description, total=total)
        for item in items:
            yield item
            progress.advance(task)


def silent(items: Iterable[T], description: str, total: int) -> Iterable[T]:
    """Yield the items, show nothing."""
    return items
