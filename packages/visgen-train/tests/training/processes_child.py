"""Run by test_processes.py as a program of its own: whole runs of two processes, stopped, killed, spoilt. Prints JSON.

`processes_child.py FOLDER`: FOLDER holds images/ and sequences.fasta.
"""

import errno
import json
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from launching import ended, start
from safetensors.torch import load_file
from torch import Tensor, nn
from visgen_train.cli import main as entry
from visgen_train.experiment import run  # noqa: F401 - once, not in each process
from visgen_train.report import html, model_card  # noqa: F401 - so are these
from visgen_train.training.checkpoint import digest
from visgen_train.training.loop import Optimiser
from visgen_train.training.rundir import VISUAL

SETTINGS = (
    *("data.image_size=32", "model.backbone=shufflenet_v2_x0_5", "model.weights=none", "model.hidden=32"),
    *("train.epochs=2", "train.batch=6", "train.lr=0.001", "train.miner=random", "train.max_norm=0.1"),
    *("balance.epochs=1", "align.epochs=2", "align.views=1", "evaluate.bootstrap=100", "device=cpu"),
    "checkpoint_minutes=0",
)


def command(folder: Path, out: str, *more: str, verb: str = "train") -> list[str]:
    """The words of `visgen train` (or `run`) on a folder."""
    words = [verb, folder / "images", folder / "sequences.fasta", "--out", folder / out, "--preset", "light"]
    return [str(word) for word in words] + [word for one in SETTINGS for word in ("--set", one)] + [*more]


def visgen(words: list[str]) -> None:
    """What the command does, without what it does for good to the process."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGTERM, entry._terminated)
    entry.app(words)


def at_step(number: int | None, what: Callable[[Tensor], Tensor]) -> None:
    """Have a step (None: each) do something with its loss first."""
    step, taken = Optimiser.step, []

    def broken(self, loss):
        taken.append(loss)
        return step(self, what(loss) if number in (None, len(taken)) else loss)

    Optimiser.step = broken


def slowly(loss: Tensor) -> Tensor:
    """Leave time for a signal."""
    time.sleep(0.05)
    return loss


def stopped(folder: Path, what: int, *more: str) -> list[int]:
    """A run that gets a signal, all of its processes, when there is a checkpoint."""

    def work(rank: int) -> None:
        at_step(None, slowly)
        visgen(command(folder, "out", "--resume"))

    before, until = newest(folder / "out"), time.monotonic() + 60
    children = start(2, work, folder / f"said-{what}")
    while newest(folder / "out") == before and time.monotonic() < until:
        time.sleep(0.02)
    for child in children:
        os.kill(child, what)
    return ended(children)


def newest(out: Path) -> float:
    """When the last checkpoint was written."""
    return max(
        (path.stat().st_mtime for path in out.glob("checkpoints/images.resume-?.safetensors")), default=0.0
    )


def spoilt(folder: Path) -> list[int]:
    """The second process finds other pictures."""
    other = folder / "other"
    shutil.copytree(folder / "images", other / "images")
    shutil.copy(folder / "sequences.fasta", other)
    one, another = (sorted((other / "images" / "Aus_albus").iterdir())[n] for n in (0, 1))
    shutil.copy(one, another)

    def work(rank: int) -> None:
        visgen(command(other if rank else folder, "out-spoilt"))

    return ended(start(2, work, folder / "said-spoilt"))


def bereft(folder: Path) -> list[int]:
    """The second process is killed in the third step."""

    def work(rank: int) -> None:
        if rank:
            at_step(3, lambda loss: os.kill(os.getpid(), signal.SIGKILL) or loss)
        visgen(command(folder, "out-bereft"))

    return ended(start(2, work, folder / "said-bereft"))


def ill(folder: Path) -> list[int]:
    """The second process alone has a full disk in the second step."""

    def full(loss: Tensor) -> Tensor:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "its file")

    def work(rank: int) -> None:
        if rank:
            at_step(2, full)
        visgen(command(folder, "out-ill"))

    return ended(start(2, work, folder / "said-ill"))


def unshared(folder: Path) -> list[int]:
    """BatchNorm is of a kind of its own, as some of timm's is."""

    def work(rank: int) -> None:
        nn.BatchNorm2d = type("WithActivation", (nn.BatchNorm2d,), {})
        visgen(command(folder, "out-unshared"))

    return ended(start(2, work, folder / "said-unshared"))


def infinite(folder: Path) -> list[int]:
    """The loss of the second step is no number, for both."""

    def work(rank: int) -> None:
        at_step(2, lambda loss: loss * math.nan)
        visgen(command(folder, "out-infinite"))

    return ended(start(2, work, folder / "said-infinite"))


def whole(folder: Path, out: str, size: int, verb: str) -> list[int]:
    """A run that ends, or goes on to its end."""
    words = command(folder, out, "--resume", verb=verb)
    return ended(start(size, lambda rank: visgen(words), folder / f"said-{out}"))


def main() -> None:
    folder = Path(sys.argv[1])
    codes = {"killed": stopped(folder, signal.SIGKILL), "terminated": stopped(folder, signal.SIGTERM)}
    shutil.copytree(folder / "out", folder / "out-one")
    runs = (("out", 2, "run"), ("out-two", 2, "train"), ("out-one", 1, "train"))
    codes |= {name: whole(folder, name, size, verb) for name, size, verb in runs}
    codes |= {work.__name__: work(folder) for work in (spoilt, bereft, infinite, ill, unshared)}
    same = len({digest(load_file(folder / name / VISUAL)) for name in ("out", "out-two")}) == 1
    print(json.dumps({"codes": codes, "same": same}))


if __name__ == "__main__":
    main()
