"""Checkpoints of a stage under way, from which `--resume` goes on.

Two files in turn, so that one is whole while the other is written. Each is safetensors, numbers and JSON, with the
SHA-256 of both: a damaged one is known, and nothing in it is ever executed.
"""

import contextlib
import dataclasses
import hashlib
import json
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from visgen_train.config import Config
from visgen_train.errors import UsageError, first_line
from visgen_train.training.checkpoint import digest, write_tensors
from visgen_train.training.rundir import RESUMES

log = logging.getLogger(__name__)
VERSION = 1
_EPOCH_SHARE = 0.1  # of the interval: a shorter epoch ends without a checkpoint
_DAMAGES = (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError, MemoryError)


@dataclass(frozen=True)
class Point:
    """Where a stage stands: tensors by name, and what JSON holds (Python's, with NaN)."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any]

    def on_cpu(self) -> "Point":
        """The same with its tensors in memory, in one piece each."""
        return Point(
            {name: held.detach().cpu().contiguous() for name, held in self.tensors.items()}, self.facts
        )


class Checkpoints:
    """The last two checkpoints of each stage of a run.

    Parameters
    ----------
    folder : Path
        Of the run.
    made_of : mapping
        What the weights depend on, settings and data, as JSON: section -> value, or key -> value.
    minutes : float
        Between two checkpoints; 0 is one at every step. The end of an epoch waits for a tenth of it only.
    resume : bool
        Whether `newest` looks for what is there.
    """

    def __init__(self, folder: Path, made_of: Mapping[str, Any], minutes: float, resume: bool) -> None:
        self._folder, self._made_of, self._seconds, self.resume = folder, made_of, 60 * minutes, resume
        self._slot = self._number = 0
        self._saved = time.monotonic()
        self.last: str | None = None

    def newest(self, stage: str) -> Point | None:
        """The newest good checkpoint of a stage; of a damaged one a warning tells. None if there is none.

        Raises
        ------
        UsageError
            It was made of other settings or data.
        """
        self._slot = self._number = 0
        self._saved, self.last = time.monotonic(), None
        if not self.resume:
            return None
        found = [(*read, slot) for slot, path in enumerate(self._paths(stage)) if (read := _read(path))]
        if not found:
            return None
        state, tensors, slot = max(found, key=lambda one: int(one[0]["number"]))
        self._check(self._paths(stage)[slot], state["made_of"])
        self._slot, self._number = 1 - slot, state["number"]
        self.last = _told(state["facts"])
        log.warning("going on with stage %s from its checkpoint after %s", stage, self.last)
        return Point(tensors, state["facts"])

    def check(self, stage: str) -> None:
        """Before anything is touched: raise UsageError as `newest` would. Only headers are read."""
        for path in self._paths(stage) if self.resume else ():
            with contextlib.suppress(*_DAMAGES), safe_open(path, framework="pt") as file:
                made_of = json.loads(file.metadata()["state"])["made_of"]
                self._check(path, made_of)

    def due(self, epoch_ended: bool) -> bool:
        """Whether it is time for one."""
        wait = self._seconds * (_EPOCH_SHARE if epoch_ended else 1)
        return time.monotonic() - self._saved >= wait

    def save(self, stage: str, point: Point) -> None:
        """Write a checkpoint in the place of the older of the two."""
        tensors = dict(point.on_cpu().tensors)
        state = {
            "version": VERSION,
            "number": self._number + 1,
            "made_of": self._made_of,
            "facts": point.facts,
        }
        text = json.dumps(state)
        path = self._paths(stage)[self._slot]
        path.parent.mkdir(exist_ok=True)
        write_tensors(path, tensors, {"state": text, "sha256": _signed(tensors, text)})
        self._slot, self._number = 1 - self._slot, self._number + 1
        self._saved, self.last = time.monotonic(), _told(point.facts)

    def clear(self, stages: Iterable[str]) -> None:
        """Take those of finished stages away."""
        for path in (path for stage in stages for path in self._paths(stage)):
            path.unlink(missing_ok=True)

    def _paths(self, stage: str) -> list[Path]:
        return [self._folder / name for name in RESUMES if name.startswith(f"checkpoints/{stage}.")]

    def _check(self, path: Path, before: Mapping[str, Any]) -> None:
        before = completed(before, self._made_of, dataclasses.asdict(Config()))
        changed = differences(before, self._made_of)
        if changed:
            raise UsageError(
                f"{path}: made of other settings or data ({', '.join(changed)}). Give the same, or begin anew with "
                "--force in place of --resume."
            )


def completed(
    before: Mapping[str, Any], now: Mapping[str, Any], default: Mapping[str, Any]
) -> dict[str, Any]:
    """Settings as they were; those that there were not yet, at their defaults."""
    found = dict(before)
    for key in [key for key in now if key in default]:
        held = found.setdefault(key, default[key])
        if all(isinstance(one, Mapping) for one in (held, now[key], default[key])):
            found[key] = completed(held, now[key], default[key])
    return found


def differences(before: Any, now: Any, name: str = "") -> list[str]:
    """What differs between two nested mappings: "train.lr was 0.1, now 0.2"."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        keys = dict.fromkeys([*before, *now])
        return [
            line
            for key in keys
            for line in differences(before.get(key), now.get(key), f"{name}.{key}" if name else str(key))
        ]
    return [] if before == now else [f"{name} was {before}, now {now}"]


def _told(facts: Mapping[str, Any]) -> str:
    epoch = facts["epoch"]
    return f"batch {facts['step']} of epoch {epoch + 1}" if facts["step"] else f"epoch {epoch}"


def _signed(tensors: Mapping[str, Tensor], text: str) -> str:
    return hashlib.sha256((digest(tensors) + text).encode()).hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """State and tensors of a file; None if it is not there or not as it was written."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        if metadata["sha256"] != _signed(tensors, metadata["state"]):
            raise ValueError("it is not as it was written")
        state = json.loads(metadata["state"])
        if state["version"] != VERSION:
            raise ValueError(f"of version {state['version']}")
    except _DAMAGES as error:
        told = "%s is damaged (%s) and left aside; the one before is taken if it is good"
        log.warning(told, path, first_line(error))
        return None
    return state, tensors
