"""How many threads the linear algebra of numpy and scipy takes."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from threadpoolctl import threadpool_limits

FEW_IMAGES: Final = 20_000
FEW_SPECIES: Final = 300
"""Of fewer the matrices are so small that several threads wait for each other longer than they work: on a busy machine
two took more than four times the processor time of one, and many times its time."""


def few_threads(number: int, few: int = FEW_IMAGES) -> AbstractContextManager[Any]:
    """While it lasts BLAS has one thread if so many images (or species) are few; torch has what it had."""
    return threadpool_limits(limits=1, user_api="blas") if number < few else nullcontext()
