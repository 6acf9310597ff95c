"""Run by test_writers.py as a program of its own: every writer of files, in forked children that die or have no room.

`writers_child.py MODE FOLDER`, MODE "full" or "both" (kills and limits); prints JSON: for each attempt the writer, how
the child ended, and what is read after.
"""

import json
import logging
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from dying import at_writes, countdown
from torch import nn
from visgen_train.data.feature_files import read_features, write_features
from visgen_train.data.features import feature_table
from visgen_train.evaluation.metrics import Tested
from visgen_train.evaluation.predictions import Predictions
from visgen_train.experiment.ablation.cells import Cell, read_cell, write_cell
from visgen_train.io.atomic import write_json
from visgen_train.training.checkpoint import load_network, save_network
from visgen_train.training.resume import Checkpoints, Point
from visgen_train.training.rundir import RunFolder

SIZE = 3000  # numbers, so that a file takes several writes


class Json:
    def write(self, folder: Path, version: int) -> None:
        write_json(folder / "metrics.json", [version] * SIZE)

    def read(self, folder: Path) -> int:
        (version,) = set(json.loads((folder / "metrics.json").read_text()))
        return int(version)


class Log:
    """metrics.csv, to which epochs are added."""

    def write(self, folder: Path, version: int) -> None:
        RunFolder(folder, resume=True).log_epoch({"stage": "images", "epoch": version, "loss": "x" * SIZE})

    def read(self, folder: Path) -> int:
        header, *rows = (folder / "metrics.csv").read_text().splitlines()
        assert header == "stage,epoch,loss"
        assert all(row == f"images,{number},{'x' * SIZE}" for number, row in enumerate(rows, start=1))
        return len(rows)


class Network:
    def write(self, folder: Path, version: int) -> None:
        save_network(folder / "visual.safetensors", network(version), {"species": []})  # type: ignore[arg-type]

    def read(self, folder: Path) -> int:
        held = network(0)
        load_network(folder / "visual.safetensors", held)  # type: ignore[arg-type]
        return only(held.weight.detach().numpy())


class Resume:
    """Checkpoints: of two, so that the older one does where the newer is damaged."""

    def write(self, folder: Path, version: int) -> None:
        checkpoints = Checkpoints(folder, {}, 0, resume=True)
        checkpoints.newest("images")
        tensors = {"module/a": torch.full((SIZE,), float(version))}
        checkpoints.save("images", Point(tensors, {"epoch": 0, "step": version}))

    def read(self, folder: Path) -> int:
        point = Checkpoints(folder, {}, 0, resume=True).newest("images")
        assert point is not None
        assert only(point.tensors["module/a"].numpy()) == point.facts["step"]
        return int(point.facts["step"])


class Cells:
    def write(self, folder: Path, version: int) -> None:
        rows = np.random.default_rng(version).permutation(SIZE)
        tested = Tested(rows, rows.astype(str), {"tail": rows > 3}, rows)
        found = Predictions(np.full(SIZE, version), rows, rows / 7)
        write_cell(folder / "dna.npz", Cell("dna", tested, {}, {"knn": found}, {}, {}))

    def read(self, folder: Path) -> int:
        return only(read_cell(folder / "dna.npz").predictions["knn"].predicted)


class Features:
    def write(self, folder: Path, version: int) -> None:
        vectors = np.random.default_rng(0).random((SIZE // 10, 10))
        vectors[:, 0] = version
        table = feature_table(vectors, ["Aus albus", "Bus ruber"] * (len(vectors) // 2))
        write_features(folder / "features.npz", table)

    def read(self, folder: Path) -> int:
        return only(read_features(folder / "features.npz").vectors[:, 0])


def network(version: int) -> nn.Linear:
    made = nn.Linear(SIZE, 1)
    nn.init.constant_(made.weight, version)
    return made


def only(values: np.ndarray) -> int:
    (value,) = set(values.ravel().tolist())
    return int(value)


WRITERS = (Json(), Log(), Network(), Resume(), Cells(), Features())


def attempt(writer: Any, folder: Path, prepare: Callable[[], None]) -> dict[str, Any]:
    """Write 2 over 1 in a child that is prepared to fail: how it ended, what is read, whether it can be done again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "environment.json").write_text('{"packages": {"visgen-train": "0"}}')
    writer.write(folder, 1)
    child = os.fork()
    if child == 0:
        code = 9
        try:
            prepare()
            writer.write(folder, 2)
            code = 0
        except OSError:
            code = 1
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    left = writer.read(folder)
    files = [path.name for path in folder.rglob("*") if path.is_file()]
    hidden = [name for name in files if name.startswith(".")]
    writer.write(folder, left + 1)
    return {
        "writer": type(writer).__name__,
        "code": code,
        "left": left,
        "hidden": len(hidden),
        "again": writer.read(folder) == left + 1,
    }


def kills(writer: Any, folder: Path) -> Iterator[dict[str, Any]]:
    """Killed at every moment of writing, until it lives."""
    for k in range(1, 100):
        found = attempt(writer, folder, lambda k=k: at_writes(countdown(k)))  # type: ignore[misc]
        yield found
        if found["code"] == 0:
            return


def limits(writer: Any, folder: Path) -> Iterator[dict[str, Any]]:
    """Files may not grow beyond some size: a full disk, and one that kills in the midst of a write."""
    for size in (0, 1, 500, 2000):
        for action in (signal.SIG_IGN, signal.SIG_DFL):

            def prepare(size: int = size, action: signal.Handlers = action) -> None:
                signal.signal(signal.SIGXFSZ, action)
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

            yield {"killed": action == signal.SIG_DFL, **attempt(writer, folder, prepare)}


def full(writer: Any, folder: Path) -> Iterator[dict[str, Any]]:
    """The disk has no room left."""

    def prepare() -> None:
        with (folder.parent / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    found = attempt_and_free(writer, folder, prepare)
    yield found


def attempt_and_free(writer: Any, folder: Path, prepare: Callable[[], None]) -> dict[str, Any]:
    """As `attempt`, with room again afterwards."""

    class Freed(type(writer)):  # type: ignore[misc]
        def read(self, place: Path) -> int:
            (folder.parent / "filler").unlink(missing_ok=True)
            return int(super().read(place))

    freed = Freed()
    return {**attempt(freed, folder, prepare), "writer": type(writer).__name__}


def main(mode: str, folder: str) -> None:
    logging.disable(logging.WARNING)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.fsync = lambda handle: None  # type: ignore[assignment]  # who waits for the disk sees nothing else
    ways = [full] if mode == "full" else [kills, limits]
    ends = ((way, end) for way in ways for writer in WRITERS for end in way(writer, Path(folder) / "run"))
    print(json.dumps([{"way": way.__name__, **end} for way, end in ends]))


if __name__ == "__main__":
    main(*sys.argv[1:])
