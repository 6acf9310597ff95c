"""The time of steps: a `Track` that ends a loop of the run as soon as it has timed enough of it."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

import torch

T = TypeVar("T")
Clock = Callable[[], float]


class Spread(NamedTuple):
    """Something that varies: its median, and the quartiles about it."""

    middle: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Median and quartiles; of one value, that value three times.

        >>> Spread.of([1.0, 2.0, 3.0, 4.0, 50.0])
        Spread(middle=3.0, low=2.0, high=4.0)
        """
        if len(values) == 1:
            return cls.exactly(values[0])
        low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(middle, low, high)

    @classmethod
    def exactly(cls, value: float) -> "Spread":
        """What does not vary."""
        return cls(value, value, value)

    def times(self, factor: float) -> "Spread":
        """So many of it, all as quick or as slow as each other."""
        return Spread(*(factor * value for value in self))

    def plus(self, other: "Spread") -> "Spread":
        """One after the other."""
        return Spread(*(one + two for one, two in zip(self, other, strict=True)))


class Pace:
    """Given to a stage as `track`, it times the steps of each loop, and ends the loop when it has enough.

    A step is what happens from asking for a batch to asking for the next one: pictures, views, loss, optimiser.

    Parameters
    ----------
    clock : callable
        Seconds; see `clock_of`.
    most : int
        Steps to time after the first ones.
    seconds : float
        They may take so long; `least` are timed all the same.
    first : int
        Steps to leave out: they pay for what later ones find ready.
    loops : tuple of str, optional
        The loops to time and to end early, by name; all others run as they do.

    Attributes
    ----------
    clock : callable
    taken : dict
        Seconds of each step, those left out as well, by the name of the loop up to its first comma.
    """

    def __init__(
        self,
        clock: Clock,
        most: int = 20,
        seconds: float = 15.0,
        first: int = 2,
        least: int = 4,
        loops: tuple[str, ...] | None = None,
    ) -> None:
        self.clock, self._most, self._seconds = clock, most, seconds
        self._first, self._least, self._loops = first, least, loops
        self.taken: dict[str, list[float]] = {}

    def __call__(self, items: Iterable[T], description: str, total: int) -> Iterator[T]:
        """Hand the items on until enough steps are timed."""
        name = description.partition(",")[0]
        if self._loops is not None and name not in self._loops:
            yield from items
            return
        taken = self.taken.setdefault(name, [])
        steps, began = iter(items), self.clock()
        for item in steps:
            yield item
            now = self.clock()
            taken.append(now - began)
            if self._enough(taken):
                return
            began = self.clock()

    def spread(self, loop: str) -> Spread:
        """The time of a step, the first ones left out where there are more; 0 of a loop that never ran."""
        taken = self.taken.get(loop)
        if not taken:
            return Spread.exactly(0)
        return Spread.of(taken[min(self._first, len(taken) - 1) :])

    def _enough(self, taken: Sequence[float]) -> bool:
        timed = taken[self._first :]
        return len(timed) >= self._most or (len(timed) >= self._least and sum(timed) >= self._seconds)


def clock_of(device: torch.device) -> Clock:
    """Seconds, once the device has done what it was given."""

    def now() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        elif device.type == "mps":
            torch.mps.synchronize()
        return time.perf_counter()

    return now
