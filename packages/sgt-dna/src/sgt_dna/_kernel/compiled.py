"""How functions are compiled."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from numba import extending, njit

Function = TypeVar("Function", bound=Callable[..., object])

OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
"""Without the GIL; no test for division by zero, which keeps loops from being vectorised; a * b + c rounded once."""


def compiled(function: Function) -> Function:
    """Compile with numba and cache the result on disk, where some folder can be written."""
    try:
        jitted = njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        jitted = njit(**OPTIONS)(function)
    return cast(Function, jitted)


def inlined(function: Function) -> Function:
    """Make a part of compiled functions: compiled with each, and not on its own before, which takes as long again."""
    return cast(Function, njit(inline="always", **OPTIONS)(function))


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that writes the code of a call; what it returns is the type of the call, and the writer."""
    return cast(Callable[..., Any], extending.intrinsic(function))
