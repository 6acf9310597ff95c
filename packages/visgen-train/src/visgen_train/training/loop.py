"""What all stages share: optimiser, schedule, and the check of loss and gradient."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR

from visgen_train.errors import TrainingError

# 1 / d(a, n) of the reciprocal triplet loss has no bound: two images of different species that meet would throw the
# network out of its valley. On a set of four species that happened within six epochs.
MAX_GRADIENT_NORM = 5.0


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
        self._norm: float | None = None

    def step(self, loss: Tensor) -> float:
        """One step down the gradient of `loss`, whose value is returned.

        Raises
        ------
        TrainingError
            The loss or the norm of its gradient is not finite; no step was taken.
        """
        self.sgd.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clipped = nn.utils.clip_grad_norm_(self._parameters, MAX_GRADIENT_NORM)
        both: list[float] = torch.stack([loss.detach(), clipped]).tolist()  # a GPU is waited for once
        value, norm = both
        self._require_finite("loss", value)
        self._require_finite("norm of the gradient", norm)
        self._norm = norm
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

    def momenta(self) -> dict[str, Tensor]:
        """The momentum of each parameter that has one, by its number."""
        held = ((n, self.sgd.state[one].get("momentum_buffer")) for n, one in enumerate(self._parameters))
        return {str(n): momentum for n, momentum in held if momentum is not None}

    def state(self) -> dict[str, Any]:
        """The rest of what steps change, as JSON: rate, schedule, shares not taken yet."""
        schedule = None if self.schedule is None else self.schedule.state_dict()
        return {"lr": self.sgd.param_groups[0]["lr"], "schedule": schedule, "shares": self._shares}

    def restore(self, momenta: Mapping[str, Tensor], state: Mapping[str, Any]) -> None:
        """Go on as after the step at which `momenta` and `state` were taken."""
        for number, parameter in enumerate(self._parameters):
            if str(number) in momenta:
                held = torch.empty_like(parameter).copy_(momenta[str(number)])
                self.sgd.state[parameter]["momentum_buffer"] = held.detach()
        if self.schedule is not None:
            self.schedule.load_state_dict(dict(state["schedule"]))
        self.sgd.param_groups[0]["lr"] = state["lr"]
        self._shares = list(state["shares"])

    def _require_finite(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            before = "" if self._norm is None else f" The gradient's norm was {self._norm:.3g} a step before."
            raise TrainingError(
                f"The {what} became {value} at learning rate {self.sgd.param_groups[0]['lr']:.2g}; no step was taken."
                f"{before} Try a lower rate, for instance --set train.lr=0.001 (or align.lr in stage 2)."
            )
