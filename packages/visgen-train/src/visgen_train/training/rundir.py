"""The run folder: fixed names, refused when taken, without results until the run is whole."""

import contextlib
import csv
import json
import logging
import os
import platform
import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import version
from logging.handlers import MemoryHandler
from pathlib import Path
from types import TracebackType

from visgen_train.errors import UsageError
from visgen_train.io.atomic import write_json, write_text

LOG = logging.getLogger("visgen_train")
VISUAL, ALIGNED = "checkpoints/visual.safetensors", "checkpoints/aligned.safetensors"
MODEL, EMBEDDINGS, METRICS, CARD = "model.safetensors", "embeddings.npz", "metrics.json", "model-card.md"
FEATURES, FIGURES, SPLIT, EVIDENCE = "features.npz", "figures", "split.csv", "evidence.json"
RESULTS = ("report.html", FIGURES, METRICS, MODEL, EMBEDDINGS, FEATURES, CARD)
ABLATION, ABLATION_RESULTS = "plan.json", ("report.html", "ablation.json", "ablation.csv", "ablation.md")
ABLATION_FOLDERS = ("stage1", "cells")
NAMES = (
    *RESULTS,
    *ABLATION_RESULTS,
    VISUAL,
    ALIGNED,
    "config.yaml",
    "environment.json",
    "data.json",
    SPLIT,
    EVIDENCE,
    "metrics.csv",
    "log.txt",
)
MOST_BUFFERED = 100_000


class RunFolder:
    """An open run folder, as a context manager.

    `metrics.json`, `model.safetensors` and `report.html` are written last, so a folder that has them is whole. A
    folder this run made and wrote nothing into is removed again when the run fails.

    Parameters
    ----------
    path : Path
    force : bool
        Replace the files of an earlier run there; other files are never touched.

    Raises
    ------
    UsageError
        The path is a file, or a folder that is not empty without `force`, or with `force` one that is no run.
    """

    def __init__(self, path: Path, force: bool = False) -> None:
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file; --out takes a folder.")
        held = {entry.name for entry in path.iterdir()} if path.exists() else set()
        if held and not force:
            raise UsageError(
                f"{path} is not empty. Choose another --out, or pass --force to replace the run there."
            )
        if held and not _is_run(path):
            raise UsageError(
                f"{path} is not empty and holds no run, so --force does not touch it. Choose another --out."
            )
        self._open(path)

    @classmethod
    def trained(cls, path: Path) -> "RunFolder":
        """The folder of a run that has been trained, to align or evaluate it again.

        Raises
        ------
        UsageError
            There is no such run.
        """
        if not (
            _is_run(path) and all((path / name).is_file() for name in (VISUAL, "data.json", "config.yaml"))
        ):
            raise UsageError(
                f"{path} holds no trained run. Make one: visgen train IMAGES SEQUENCES --out {path}"
            )
        folder = cls.__new__(cls)
        folder._open(path)
        return folder

    def _open(self, path: Path) -> None:
        self.path = path
        self._made = not path.exists()
        self._early = MemoryHandler(MOST_BUFFERED, logging.CRITICAL + 1, flushOnClose=False)
        self._file: logging.Handler | None = None

    def __enter__(self) -> "RunFolder":
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be made ({error.strerror}). Choose another --out."
            ) from error
        self._level = LOG.level
        LOG.setLevel(logging.INFO)
        LOG.addHandler(self._early)
        return self

    def start(self, stale: Iterable[str] = NAMES) -> None:
        """Once the inputs are known to be good: take away what will be replaced, and write what was logged so far."""
        stale = tuple(stale)
        if stale == NAMES and (self.path / ABLATION).is_file():
            for name in (*ABLATION_FOLDERS, ABLATION):
                _remove(self.path / name)
        for name in stale:
            _remove(self.path / name)
        write_json(self.path / "environment.json", environment())
        self._file = logging.FileHandler(self.path / "log.txt", encoding="utf-8")
        self._file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._early.setTarget(self._file)
        self._early.flush()
        LOG.removeHandler(self._early)
        LOG.addHandler(self._file)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            LOG.info("run ended: %r", error)
        LOG.removeHandler(self._early)
        if self._file is not None:
            LOG.removeHandler(self._file)
            self._file.close()
        LOG.setLevel(self._level)
        if error is not None and self._made and not any(self.path.iterdir()):
            self.path.rmdir()

    def log_epoch(self, row: dict[str, object]) -> None:
        """Append one epoch to metrics.csv."""
        path = self.path / "metrics.csv"
        new = not path.exists()
        with path.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(row))
            if new:
                writer.writeheader()
            writer.writerow(row)

    def forget(self, stage: str) -> None:
        """Take the rows of a stage that starts anew out of metrics.csv."""
        path = self.path / "metrics.csv"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            write_text(path, "".join(line for line in lines if not line.startswith(f"{stage},")))


def _remove(path: Path) -> None:
    """Remove a file or a folder of a run; of `figures/`, where a user may keep others, its PDFs."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    elif path.name == FIGURES:
        for file in path.glob("*.pdf"):
            file.unlink()
        with contextlib.suppress(OSError):  # something else is in it
            path.rmdir()
    else:
        shutil.rmtree(path)


def _is_run(path: Path) -> bool:
    try:
        return (
            "visgen-train" in json.loads((path / "environment.json").read_text(encoding="utf-8"))["packages"]
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def environment() -> dict[str, object]:
    """Versions and machine behind a run, without the names of people or hosts."""
    import torch  # not above: whether a folder is free is asked before the heavy imports

    packages = ("visgen-train", "sgt-dna", "torch", "torchvision", "numpy", "numba", "scikit-learn", "pillow")
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "packages": {name: version(name) for name in packages},
    }
