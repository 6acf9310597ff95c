"""The run folder: fixed names, refused when taken, without results until the run is whole."""

import contextlib
import csv
import io
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

from filelock import FileLock, Timeout

from visgen_train.errors import UsageError
from visgen_train.io.atomic import leftovers, leftovers_below, write_json, write_text

LOG = logging.getLogger("visgen_train")
VISUAL, ALIGNED = "checkpoints/visual.safetensors", "checkpoints/aligned.safetensors"
MODEL, EMBEDDINGS, METRICS, CARD = "model.safetensors", "embeddings.npz", "metrics.json", "model-card.md"
IMAGES = "checkpoints/images.safetensors"  # before the balance stage; VISUAL is after it
STAGES = ("images", "balance", "align")
RESUMES = tuple(f"checkpoints/{stage}.resume-{slot}.safetensors" for stage in STAGES for slot in (0, 1))
LOCK = "lock"
FEATURES, FIGURES, SPLIT, EVIDENCE = "features.npz", "figures", "split.csv", "evidence.json"
COMPARISON = "comparison.json"
RESULTS = ("report.html", FIGURES, METRICS, MODEL, EMBEDDINGS, FEATURES, CARD, COMPARISON)
ABLATION, ABLATION_RESULTS = "plan.json", ("report.html", "ablation.json", "ablation.csv", "ablation.md")
CELLS = "cells"
ABLATION_FOLDERS = ("stage1", CELLS)
NAMES = (
    *RESULTS,
    *ABLATION_RESULTS,
    VISUAL,
    ALIGNED,
    IMAGES,
    *RESUMES,
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
    folder this run made and wrote nothing into is removed again when the run fails. While it is open, no other
    process can open it; the operating system lets go of the lock when a process dies.

    Parameters
    ----------
    path : Path
    force : bool
        Replace the files of an earlier run there; other files are never touched.
    resume : bool
        Go on with a run there, or begin one.

    Attributes
    ----------
    begun : bool
        There is a run to go on with.

    Raises
    ------
    UsageError
        The path is a file, a folder that is not empty and holds no run, or one with a run without `force` or
        `resume`; on entering, another process has it open.
    """

    def __init__(self, path: Path, force: bool = False, resume: bool = False) -> None:
        if force and resume:
            raise UsageError("--resume goes on with what is there, --force replaces it: take one.")
        if path.exists() and not path.is_dir():
            raise UsageError(f"{path} is a file; --out takes a folder.")
        killed_early = {LOCK, *(left.name for name in NAMES for left in leftovers(path / name))}
        held = {entry.name for entry in path.iterdir()} - killed_early if path.exists() else set()
        if held and not _is_run(path):
            asked = f", so --{'force' if force else 'resume'} does not touch it" if force or resume else ""
            raise UsageError(f"{path} is not empty and holds no run{asked}. Choose another --out.")
        if held and not (force or resume):
            raise UsageError(
                f"{path} is not empty. Choose another --out, or pass --resume to go on with the run there, --force to "
                "replace it."
            )
        if resume and (path / ABLATION).is_file():
            raise UsageError(f"{path} holds an ablation. Go on with it by visgen ablate --resume.")
        self._open(path)
        self.begun = resume and all((path / name).is_file() for name in ("data.json", "config.yaml"))

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
            way_out = (
                "Its training was stopped: give the command that began it again, with --resume."
                if _is_run(path)
                else f"Make one: visgen train IMAGES SEQUENCES --out {path}"
            )
            raise UsageError(f"{path} holds no trained run. {way_out}")
        folder = cls.__new__(cls)
        folder._open(path)
        return folder

    def _open(self, path: Path) -> None:
        self.path = path
        self._made = not path.exists()
        self._lock = FileLock(path / LOCK)
        self._early = MemoryHandler(MOST_BUFFERED, logging.CRITICAL + 1, flushOnClose=False)
        self._file: logging.Handler | None = None

    def __enter__(self) -> "RunFolder":
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be made ({error.strerror}). Choose another --out."
            ) from error
        self._acquire()
        self._level = LOG.level
        LOG.setLevel(logging.INFO)
        LOG.addHandler(self._early)
        return self

    def _acquire(self) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise UsageError(
                f"{self.path}: another process is at work there. Wait until it ends, or choose another folder."
            ) from error
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be written to ({error.strerror}). Choose another folder."
            ) from error

    def start(self, stale: Iterable[str] = NAMES) -> None:
        """Once the inputs are known to be good: take away what will be replaced, and write what was logged so far."""
        stale = tuple(stale)
        if stale == NAMES and (self.path / ABLATION).is_file():
            for name in (*ABLATION_FOLDERS, ABLATION):
                _remove(self.path / name)
        for name in stale:
            _remove(self.path / name)
        named = [left for name in NAMES for left in leftovers(self.path / name)]
        for left in (*named, *leftovers_below(self.path / FIGURES), *leftovers_below(self.path / CELLS)):
            left.unlink()
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
        with contextlib.suppress(OSError):  # Windows keeps a file that is open
            (self.path / LOCK).unlink()
        self._lock.release()
        if error is not None and self._made and not any(self.path.iterdir()):
            self.path.rmdir()

    def log_epoch(self, row: dict[str, object]) -> None:
        """Put one epoch into metrics.csv, in the place of this epoch and later ones of the same stage."""
        path = self.path / "metrics.csv"
        made = io.StringIO()
        writer = csv.DictWriter(made, fieldnames=list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)
        header, line = made.getvalue().splitlines(keepends=True)
        before = path.read_text(encoding="utf-8").splitlines(keepends=True)[1:] if path.exists() else []
        kept = [one for one in before if not _replaced(one, row)]
        write_text(path, "".join([header, *kept, line]))

    def forget(self, stage: str) -> None:
        """Take the rows of a stage that starts anew out of metrics.csv."""
        path = self.path / "metrics.csv"
        if path.exists():
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            write_text(path, "".join(line for line in lines if not line.startswith(f"{stage},")))


def _replaced(line: str, row: dict[str, object]) -> bool:
    stage, _, rest = line.partition(",")
    epoch = rest.partition(",")[0]
    return stage == row.get("stage") and epoch.isdigit() and int(epoch) >= int(str(row["epoch"]))


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
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
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
