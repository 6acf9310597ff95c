"""Run by test_storage_faults.py as a program of its own: saves that die, loads with little memory. Prints JSON.

`storage_child.py MODE FOLDER`: one child is forked for each way to die; it saves a new embedding over OLD.
`storage_child.py load FILE...`: loads each with 256 MB more memory than the program has.
"""

import contextlib
import io
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet  # noqa: F401  (once here, and not in every child)
import sgt_dna
from sgt_dna import Embedding, SgtError, SGTParams

SUFFIXES = (".npz", ".csv", ".parquet")  # of files; .sgt is a folder
SOURCE = str(Path(sgt_dna.__file__).parent)


def embedding(rows: int, features: int) -> Embedding:
    ids = tuple(f"s{row}" for row in range(rows))
    vectors = np.random.default_rng(rows).random((rows, features))
    names = tuple(f"f{column}" for column in range(features))
    return Embedding(ids, vectors, names, SGTParams(), ids, np.arange(rows))


OLD, NEW, WIDE, BIG = embedding(2, 2), embedding(3, 2), embedding(3, 40), embedding(100, 300)


def attempt(path: Path, new: Embedding, prepare: Callable[[], None]) -> dict[str, Any]:
    """Save over OLD in a child that is prepared to fail: how it ended, and what stands there afterwards."""
    if not path.exists():
        OLD.save(path)
    old = content(path)
    child = os.fork()
    if child == 0:
        code = 9
        try:
            prepare()
            new.save(path)
            code = 0
        except OSError:
            code = 1
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = "old" if content(path) == old else "new"
    if left == "new" and Embedding.load(path).vectors.tobytes() != new.vectors.tobytes():
        left = "broken"
    if left != "old":
        OLD.save(path)
    others = [other for other in path.parent.iterdir() if other != path]
    for other in others:
        shutil.rmtree(other) if other.is_dir() else other.unlink()
    hidden = all(other.name.startswith(f".{path.name}.") and other.suffix == ".tmp" for other in others)
    return {"suffix": path.suffix, "code": code, "left": left, "others": len(others), "hidden": hidden}


def content(path: Path) -> dict[str, bytes]:
    """Of a file, or of each file of a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return {file.name: file.read_bytes() for file in files}


def limits(path: Path) -> Iterator[dict[str, Any]]:
    """Files may not grow beyond some size: a full disk, and one that kills."""
    BIG.save(path)
    full = path.stat().st_size
    path.unlink()
    for size in (0, 1, 100, 4096, full // 2, full - 1, full):
        for action in (signal.SIG_IGN, signal.SIG_DFL):

            def prepare(size: int = size, action: signal.Handlers = action) -> None:
                signal.signal(signal.SIGXFSZ, action)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

            fits, killed = size == full, action == signal.SIG_DFL
            yield {"fits": fits, "killed": killed, **attempt(path, BIG, prepare)}


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def countdown(k: int) -> Callable[[], None]:
    """Die at the k-th call."""
    left = iter(range(k - 1))

    def step() -> None:
        if next(left, None) is None:
            die()

    return step


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Killed at the k-th line of sgt_dna, for every k."""
    yield from until_it_lives(path, NEW, traced)


def traced(k: int) -> None:
    step = countdown(k)

    def trace(frame: Any, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(SOURCE):
            return None
        if event == "line":
            step()
        return trace

    sys.settrace(trace)


def calls(path: Path) -> Iterator[dict[str, Any]]:
    """Killed before, in the midst of and after each write, and before and after each fsync and rename."""
    yield from until_it_lives(path, WIDE, patched)


def patched(k: int) -> None:
    step = countdown(k)

    class Torn(io.FileIO):
        def write(self, data: Any) -> int:
            content = bytes(data)
            half = len(content) // 2
            step()
            written = super().write(content[:half])
            step()
            return written + super().write(content[half:])

    def opened(self: Path, mode: str, **options: Any) -> Any:
        buffered = io.BufferedWriter(Torn(self, "x"), 512)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, write_through=True, **options)

    def around(call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any) -> Any:
            step()
            result = call(*arguments)
            step()
            return result

        return stepped

    Path.open = opened  # type: ignore[method-assign, assignment]
    os.fsync, os.replace = around(os.fsync), around(os.replace)


def until_it_lives(path: Path, new: Embedding, prepare: Callable[[int], None]) -> Iterator[dict[str, Any]]:
    for k in range(1, 1000):
        found = attempt(path, new, lambda k=k: prepare(k))  # type: ignore[misc]
        yield found
        if found["code"] == 0:
            return


def full(path: Path) -> Iterator[dict[str, Any]]:
    """The folder is on a disk with little room."""
    yield attempt(path, BIG, lambda: None)


def loaded(names: list[str]) -> Iterator[str]:
    """What loading each file says, with little memory."""
    for suffix in SUFFIXES:  # so that the libraries have what they need for themselves
        with contextlib.suppress(SgtError):
            Embedding.load(next(name for name in names if name.endswith(suffix)))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (256 << 20),) * 2)
    for name in names:
        try:
            yield repr(Embedding.load(name))
        except SgtError as error:
            yield str(error)
        except Exception as error:
            yield f"not refused: {error!r}"


def main(mode: str, *arguments: str) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if mode == "load":
        print(json.dumps(list(loaded(list(arguments)))))
        return
    run = {"limits": limits, "lines": lines, "calls": calls, "full": full, "folder": lines}[mode]
    found = []
    for suffix in (".sgt",) if mode == "folder" else SUFFIXES:
        path = Path(arguments[0]) / f"vectors{suffix}"
        found += list(run(path))
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
