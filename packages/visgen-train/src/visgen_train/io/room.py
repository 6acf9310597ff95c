"""How much memory this process took at most, and how much memory and disk there are to take."""

import contextlib
import re
import shutil
import sys
from pathlib import Path

_STATUS, _RESET, _MEMORY = Path("/proc/self/status"), Path("/proc/self/clear_refs"), Path("/proc/meminfo")
_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container or a batch job


def peak_memory() -> int | None:
    """The most bytes of memory this process held at once, since the last `reset_peak`; None where it is not told."""
    peak = _kilobytes(_STATUS, "VmHWM")
    if peak is not None or sys.platform == "win32":
        return peak
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def held_memory() -> int | None:
    """Bytes of memory this process holds now; None where it is not told."""
    return _kilobytes(_STATUS, "VmRSS")


def reset_peak() -> None:
    """Begin `peak_memory` anew; on Linux alone."""
    with contextlib.suppress(OSError):
        _RESET.write_text("5")


def usable_memory() -> int | None:
    """Bytes of memory that this process could hold in all, what it holds already included; None if not told.

    What is free of the machine's, or the limit of its container or batch job where that is less.
    """
    free, held = _kilobytes(_MEMORY, "MemAvailable"), held_memory()
    found = [] if free is None or held is None else [free + held]
    with contextlib.suppress(OSError, ValueError):
        found.append(int(_LIMIT.read_text()))
    return min(found, default=None)


def free_disk(folder: Path) -> int:
    """Free bytes where a folder is, or would be made."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free


def _kilobytes(file: Path, name: str) -> int | None:
    with contextlib.suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+) kB", file.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None
