"""How much memory this process took at most, and how much memory and disk there are to take."""

import contextlib
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

_STATUS, _RESET, _MEMORY = Path("/proc/self/status"), Path("/proc/self/clear_refs"), Path("/proc/meminfo")
_GROUPS, _GROUP_ROOT = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


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
    return min([*found, *_limits()], default=None)


def free_disk(folder: Path) -> int:
    """Free bytes where a folder is, or would be made."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free


def _limits() -> Iterator[int]:
    """Those of the control groups that this process is in, of version 2 or 1, and of all above them."""
    with contextlib.suppress(OSError):
        for line in _GROUPS.read_text().splitlines():
            _, kinds, place = line.split(":", 2)
            if kinds not in ("", "memory"):
                continue
            root, name = (_GROUP_ROOT / kinds, "memory.limit_in_bytes" if kinds else "memory.max")
            for group in (root / place.lstrip("/"), *(root / place.lstrip("/")).parents):
                with contextlib.suppress(OSError, ValueError):  # no such group here; "max"
                    yield int((group / name).read_text())
                if group == root:
                    break


def _kilobytes(file: Path, name: str) -> int | None:
    with contextlib.suppress(OSError):
        found = re.search(rf"^{name}:\s+(\d+) kB", file.read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else None
    return None
