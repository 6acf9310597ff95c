"""What both stages share: optimiser, schedule, the check of the loss, and the best epoch."""

import copy
import logging
import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from visgen_train.errors import TrainingError

# 1 / d(a, n) of the reciprocal triplet loss has no bound: two images of different species that meet would throw the
# network out of its valley. On a set of four species that happened within six epochs.
MAX_GRADIENT_NORM = 5.0

log = logging.getLogger(__name__)
Validate = Callable[[], float]
LogEpoch = Callable[[dict[str, object]], None]


class Optimiser:
    """SGD with momentum and clipped gradients.

    Parameters
    ----------
    parameters : iterable of torch.nn.Parameter
    lr, momentum, weight_decay : float
    steps : int
        All steps of the stage.
    schedule : {"cosine", "constant"}
        The rate falls from `lr` to 0 along half a cosine over `steps` steps, or stays.
    after_step : callable, optional
        Called after every step, such as `MaxNorm.project`; it returns the share of rows it clipped.
    """

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        lr: float,
        momentum: float,
        weight_decay: float,
        steps: int,
        schedule: str = "cosine",
        after_step: Callable[[], float] | None = None,
    ) -> None:
        self._parameters = list(parameters)
        self.sgd = torch.optim.SGD(self._parameters, lr=lr, momentum=momentum, weight_decay=weight_decay)
        self.schedule = CosineAnnealingLR(self.sgd, T_max=steps) if schedule == "cosine" else None
        self._after_step = after_step
        self._shares: list[float] = []

    def step(self, loss: Tensor) -> float:
        """One step down the gradient of `loss`, whose value is returned.

        Raises
        ------
        TrainingError
            The loss is not finite; no step was taken.
        """
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(
                f"The loss became {value} at learning rate {self.sgd.param_groups[0]['lr']:.2g}; no step was taken. "
                "Try a lower rate, for instance --set train.lr=0.001 (or align.lr in stage 2)."
            )
        self.sgd.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, MAX_GRADIENT_NORM)
        self.sgd.step()
        if self.schedule is not None:
            self.schedule.step()
        if self._after_step is not None:
            self._shares.append(self._after_step())
        return value

    def take_shares(self) -> list[float]:
        """What `after_step` returned since the last call; empty without it."""
        shares, self._shares = self._shares, []
        return shares


class BestEpoch:
    """Logs every epoch and keeps the module as it was at the best one, or the last.

    Parameters
    ----------
    module : torch.nn.Module
    validate : callable
        Per-class accuracy on the validation images; NaN where there are none, and then the last epoch is the best.
    log_epoch : callable
        Takes the row of metrics.csv.
    stage : str
        Name of the stage in that row.
    select : {"best", "last"}
        The epoch that `restore` brings back: the best by `validate`, or the last one (paper).
    """

    def __init__(
        self,
        module: nn.Module,
        validate: Validate,
        log_epoch: LogEpoch,
        stage: str,
        select: str = "best",
    ) -> None:
        self._module, self._validate, self._log_epoch, self._stage = module, validate, log_epoch, stage
        self._select = select
        self._best = -math.inf
        self._state: dict[str, Any] = {}
        self._epoch = 0
        self._began = time.perf_counter()

    def end_epoch(self, losses: Sequence[float], clipped: Sequence[float] = ()) -> None:
        """Validate, log, and keep the state if it is the one to keep so far.

        Parameters
        ----------
        losses : sequence of float
            Of the epoch's steps; their mean is logged.
        clipped : sequence of float
            Shares of clipped rows after those steps (`Optimiser.take_shares`), logged likewise, or nothing.
        """
        score = self._validate()
        self._epoch += 1
        if self._select == "last" or math.isnan(score) or score > self._best:
            self._best, self._state = score, copy.deepcopy(self._module.state_dict())
        row: dict[str, object] = {
            "stage": self._stage,
            "epoch": self._epoch,
            "loss": round(float(np.mean(losses)), 5),
            "validation_per_class": "" if math.isnan(score) else round(score, 5),
            "clipped_rows": round(float(np.mean(clipped)), 5) if clipped else "",
            "seconds": round(time.perf_counter() - self._began, 2),
        }
        self._began = time.perf_counter()
        log.info(", ".join(f"{key} {value}" for key, value in row.items()))
        self._log_epoch(row)

    def restore(self) -> None:
        """Put the module back to the epoch kept."""
        self._module.load_state_dict(self._state)
