"""A stage under way: its steps and epochs, the best epoch, its checkpoints, and what stops it."""

import copy
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from visgen_train.errors import TrainingError
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints, Point
from visgen_train.training.signals import Stopping
from visgen_train.training.team import Team

log = logging.getLogger(__name__)
Validate = Callable[[], float]
LogEpoch = Callable[[dict[str, object]], None]
T = TypeVar("T")


class Stage:
    """Counts steps and epochs, logs every epoch, keeps the module as at the best one, and writes checkpoints.

    Used as a context manager, within which Ctrl-C and SIGTERM wait for the step: then there is a checkpoint, and the
    process ends. Where `checkpoints` has one of this stage, the stage begins there.

    Parameters
    ----------
    name : str
        In the rows of metrics.csv and the names of checkpoints.
    module : torch.nn.Module
        What is trained, and kept.
    optimiser : Optimiser
    validate : callable
        Per-class accuracy on the validation images; NaN where there are none, and then the last epoch is the best.
    log_epoch : callable
        Takes the row of metrics.csv.
    select : {"best", "last"}
        The epoch that `restore` brings back: the best by `validate`, or the last one (paper).
    checkpoints : Checkpoints, optional
        Without them nothing is written, and a signal ends the process at once.
    """

    def __init__(
        self,
        name: str,
        module: nn.Module,
        optimiser: Optimiser,
        validate: Validate,
        log_epoch: LogEpoch,
        select: str = "best",
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._name, self._module, self._optimiser = name, module, optimiser
        self._validate, self._log_epoch, self._select = validate, log_epoch, select
        self._checkpoints, self._stopping = checkpoints, Stopping()
        self._epoch = self._step = 0
        self._losses: list[float] = []
        self._best, self._state = -math.inf, dict[str, Any]()
        self._began = time.perf_counter()
        point = checkpoints.newest(name) if checkpoints is not None else None
        if point is not None:
            self._go_on(point)

    def __enter__(self) -> "Stage":
        if self._checkpoints is not None:
            self._stopping.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._checkpoints is not None:
            self._stopping.__exit__(kind, error, trace)

    def epochs(self, batches: Sequence[Sequence[T]]) -> Iterator[tuple[int, Sequence[T]]]:
        """Number and batches of each epoch that is not over yet, without the batches already taken."""
        while self._epoch < len(batches):
            yield self._epoch, batches[self._epoch][self._step :]

    @property
    def at(self) -> tuple[int, int]:
        """Epochs and steps of the next one that are over."""
        return self._epoch, self._step

    def level(self, team: Team) -> None:
        """Have all processes of a team begin where the first does."""
        if team.size > 1:
            point = team.told(self._point().on_cpu() if team.first else Point({}, {}))
            if not team.first:
                self._go_on(point)

    def step(self, loss: Tensor) -> None:
        """One step down the gradient of `loss`, and a checkpoint if it is time.

        Raises
        ------
        TrainingError
            The loss or its gradient is not finite; no step was taken.
        """
        try:
            self._losses.append(self._optimiser.step(loss))
        except TrainingError as error:
            error.add_note(f"This was batch {self._step + 1} of epoch {self._epoch + 1}. {self._kept()}")
            raise
        self._step += 1
        self._keep(epoch_ended=False)

    def end_epoch(self) -> None:
        """Validate, log, and keep the state if it is the one to keep so far."""
        score, clipped = self._validate(), self._optimiser.take_shares()
        if self._select == "last" or math.isnan(score) or score > self._best:
            self._best, self._state = score, copy.deepcopy(self._module.state_dict())
        row: dict[str, object] = {
            "stage": self._name,
            "epoch": self._epoch + 1,
            "loss": round(float(np.mean(self._losses)), 5),
            "validation_per_class": "" if math.isnan(score) else round(score, 5),
            "clipped_rows": round(float(np.mean(clipped)), 5) if clipped else "",
            "seconds": round(time.perf_counter() - self._began, 2),
        }
        log.info(", ".join(f"{key} {value}" for key, value in row.items()))
        self._log_epoch(row)
        self._began = time.perf_counter()
        self._epoch, self._step, self._losses = self._epoch + 1, 0, []
        self._keep(epoch_ended=True)

    def restore(self) -> None:
        """Put the module back to the epoch kept."""
        self._module.load_state_dict(self._state)

    def _keep(self, epoch_ended: bool) -> None:
        """Write a checkpoint if it is time, or if a signal asks for the end, and then end."""
        if self._checkpoints is None:
            return
        if self._stopping.asked is not None or self._checkpoints.due(epoch_ended):
            self._checkpoints.save(self._name, self._point())
        if self._stopping.asked is not None:
            log.warning("stopped with a checkpoint after %s; go on by --resume", self._checkpoints.last)
            self._stopping.stop()

    def _point(self) -> Point:
        parts = {"module": self._module.state_dict(), "best": self._state}
        parts |= {"momentum": self._optimiser.momenta(), "generator": _generators()}
        tensors = {f"{part}/{key}": value for part, held in parts.items() for key, value in held.items()}
        facts = {
            "epoch": self._epoch,
            "step": self._step,
            "losses": self._losses,
            "best": self._best,
            "optimiser": self._optimiser.state(),
        }
        return Point(tensors, facts)

    def _go_on(self, point: Point) -> None:
        parts: dict[str, dict[str, Tensor]] = {"module": {}, "best": {}, "momentum": {}, "generator": {}}
        for name, value in point.tensors.items():
            part, _, key = name.partition("/")
            parts[part][key] = value
        self._module.load_state_dict(parts["module"])
        device = next(self._module.parameters()).device
        self._state = {key: value.to(device) for key, value in parts["best"].items()}
        self._optimiser.restore(parts["momentum"], point.facts["optimiser"])
        _set_generators(parts["generator"])
        self._epoch, self._step = point.facts["epoch"], point.facts["step"]
        self._losses, self._best = list(point.facts["losses"]), point.facts["best"]

    def _kept(self) -> str:
        last = self._checkpoints.last if self._checkpoints is not None else None
        return f"The last checkpoint, after {last}, is as it was." if last else "There is no checkpoint yet."


def _generators() -> dict[str, Tensor]:
    """States of torch's global generators, from which dropout and random miners draw."""
    on_gpus = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"cpu": torch.get_rng_state(), **{f"cuda{n}": state for n, state in enumerate(on_gpus)}}


def _set_generators(states: dict[str, Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        if f"cuda{number}" in states:
            torch.cuda.set_rng_state(states[f"cuda{number}"], number)
