"""Run by test_processes.py as a program of its own: whole runs of two processes, stopped, killed, spoilt. Prints JSON.

`processes_child.py FOLDER`: FOLDER holds images/ and sequences.fasta.
"""

import hashlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import torch
from launching import ended, start
from safetensors.torch import load_file
from visgen_train.cli import main as entry
from visgen_train.training.checkpoint import digest
from visgen_train.training.loop import Optimiser

SETTINGS = (
    *("data.image_size=32", "model.backbone=shufflenet_v2_x0_5", "model.weights=none", "model.hidden=32"),
    *("train.epochs=2", "train.batch=6", "train.lr=0.001", "train.miner=random", "train.max_norm=0.1"),
    *("balance.epochs=1", "align.epochs=2", "align.views=1", "evaluate.bootstrap=100", "device=cpu"),
    "checkpoint_minutes=0",
)
NETWORKS = ("checkpoints/visual.safetensors", "checkpoints/aligned.safetensors")


def command(folder: Path, out: str, *more: str) -> list[str]:
    """The words of `visgen run` on a folder."""
    words = ["run", folder / "images", folder / "sequences.fasta", "--out", folder / out, "--preset", "light"]
    return [str(word) for word in words] + [word for one in SETTINGS for word in ("--set", one)] + [*more]


def visgen(words: list[str]) -> None:
    """What the command does, without what it does for good to the process."""
    torch.set_num_threads(1)
    signal.signal(signal.SIGTERM, entry._terminated)
    entry.app(words)


def slow_steps(rank: int, at: int, what: int | None, seconds: float = 0.0) -> None:
    """Have each step wait, and at one of them a process send itself a signal."""
    step, taken = Optimiser.step, []

    def slowly(self, loss):
        taken.append(loss)
        time.sleep(seconds)
        if what is not None and len(taken) == at:
            os.kill(os.getpid(), what)
        return step(self, loss)

    Optimiser.step = slowly


def stopped(folder: Path, what: int, *more: str) -> list[int]:
    """A run that gets a signal, all of its processes, when there is a checkpoint."""

    def work(rank: int) -> None:
        slow_steps(rank, 0, None, 0.05)
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
        slow_steps(rank, 3, signal.SIGKILL if rank else None)
        visgen(command(folder, "out-bereft"))

    return ended(start(2, work, folder / "said-bereft"))


def finite(folder: Path) -> list[int]:
    """A rate at which the loss is no number any more."""

    def work(rank: int) -> None:
        visgen([*command(folder, "out-infinite"), "--set", "train.lr=1000", "--set", "train.max_norm=0"])

    return ended(start(2, work, folder / "said-infinite"))


def whole(folder: Path, out: str, size: int) -> list[int]:
    """A run that ends, or goes on to its end."""
    return ended(start(size, lambda rank: visgen(command(folder, out, "--resume")), folder / f"said-{out}"))


def digests(out: Path) -> list[str]:
    """Of the weights after each stage, and of the figures."""
    networks = [digest(load_file(out / name)) for name in NETWORKS]
    return [*networks, hashlib.sha256((out / "metrics.json").read_bytes()).hexdigest()]


def main() -> None:
    folder = Path(sys.argv[1])
    codes = {"killed": stopped(folder, signal.SIGKILL), "terminated": stopped(folder, signal.SIGTERM)}
    shutil.copytree(folder / "out", folder / "out-one")
    codes |= {name: whole(folder, name, size) for name, size in (("out", 2), ("out-two", 2), ("out-one", 1))}
    codes |= {"spoilt": spoilt(folder), "bereft": bereft(folder), "infinite": finite(folder)}
    print(json.dumps({"codes": codes, "same": digests(folder / "out") == digests(folder / "out-two")}))


if __name__ == "__main__":
    main()
