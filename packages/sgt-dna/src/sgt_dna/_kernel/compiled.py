"""How the kernel's functions are compiled, and that none of an earlier source is taken from the cache."""

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from numba import extending, njit

Function = TypeVar("Function", bound=Callable[..., object])

_FOLDER: Final = Path(__file__).parent
_SOURCES: Final = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted((*_FOLDER.glob("*.py"), *_FOLDER.parent.glob("params.py"))))
).hexdigest()[:12]
"""Of all files of the kernel, and of a constant in it. Numba's cache looks at the date of a function's own file alone,
but compiles into it what others hold; and dates may be the same in two versions of a package."""

OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
"""Without the GIL; no test for division by zero, which keeps loops from being vectorised; a * b + c rounded once."""

with suppress(ImportError, AttributeError):  # another numba, or a system without fork
    from numba.core.compiler_lock import global_compiler_lock as _lock

    # a child lacks the other threads of its parent, and would wait for ever for one that was compiling
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def compiled(function: Function) -> Function:
    """Compile with numba and cache the result on disk, where some folder can be written."""
    function.__qualname__ += f"_{_SOURCES}"  # a part of the name of the file
    try:
        jitted = njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return cast(Function, njit(**OPTIONS)(function))
    with suppress(AttributeError):  # another numba, which may guard itself
        cache = jitted._cache
        cache.save_overload = _mild(cache.save_overload)
        cache.load_overload = _mild(cache.load_overload, mend=cache.flush)
    return cast(Function, jitted)


def _mild(access: Callable[..., Any], mend: Callable[[], object] = lambda: None) -> Callable[..., Any]:
    """Let a cache that cannot be written, as on a full disk, or is damaged, cost time and nothing else."""

    def tried(*arguments: Any) -> Any:
        try:
            return access(*arguments)
        except Exception:
            with suppress(Exception):
                mend()
            return None

    return tried


def inlined(function: Function) -> Function:
    """Make a part of compiled functions: compiled with each, and not on its own before, which takes as long again."""
    return cast(Function, njit(inline="always", **OPTIONS)(function))


def intrinsic(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that writes the code of a call; what it returns is the type of the call, and the writer."""
    return cast(Callable[..., Any], extending.intrinsic(function))
