"""How the processes of a team find each other, and part."""

import contextlib
import datetime
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from visgen_train.errors import ConfigError, TrainingError, first_line
from visgen_train.training.launched import Launched, launched
from visgen_train.training.seeding import choose_device
from visgen_train.training.team import Several, Team

if TYPE_CHECKING:
    from lightning_fabric import Fabric

STEP = datetime.timedelta(minutes=30)
"""How long a process waits for the share of another before it gives up."""


@contextlib.contextmanager
def joined(device: str) -> Iterator[tuple[Team, torch.device]]:
    """The team of this process while it lasts, and the device of this process.

    Parameters
    ----------
    device : str
        "auto" and "cuda" are one GPU a process.

    Raises
    ------
    ConfigError
        The device is not there, or cannot be parted.
    TrainingError
        Another process ended before its time.
    """
    place = launched()
    if place.size == 1:
        yield Team(), choose_device(device)
        return
    fabric = _launch(place, _kind(device, place))
    team = Several(fabric)
    try:
        yield team, fabric.device
    except (RuntimeError, dist.DistError) as error:
        if not team.first or not lost(error):
            raise
        raise TrainingError(
            f"Another of the {team.size} processes has ended ({first_line(error)[:200]}). What it says, if anything, "
            "is above. Go on from the last checkpoint by --resume."
        ) from error
    finally:
        if team.first:
            team.dismiss()
        with contextlib.suppress(RuntimeError):
            dist.destroy_process_group()


def _launch(place: Launched, kind: str) -> "Fabric":
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
    from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
    from lightning_fabric.strategies.ddp import DDPStrategy

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    strategy = DDPStrategy(
        process_group_backend="cpu:gloo,cuda:nccl" if kind == "cuda" else "gloo",
        timeout=STEP,
        broadcast_buffers=False,  # they are alike
    )
    environment = (
        TorchElasticEnvironment() if place.by == "torchrun" else SLURMEnvironment(auto_requeue=False)
    )
    devices, machines = place.local_size, place.machines
    fabric = Fabric(
        accelerator=kind, strategy=strategy, devices=devices, num_nodes=machines, plugins=[environment]
    )
    fabric.launch()
    return fabric


def _kind(device: str, place: Launched) -> str:
    """ "cpu", or "cuda" where every process has a GPU."""
    if device == "cpu":
        return device
    if device not in ("auto", "cuda"):
        raise ConfigError(
            f"--device {device} names one device, and there are {place.size} processes. Take auto, cpu or cuda."
        )
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if gpus >= place.local_size:
        return "cuda"
    if gpus or device == "cuda":
        raise ConfigError(
            f"{place.local_size} processes on this machine, which has {gpus} GPUs that they see. Start as many "
            "processes as GPUs (under Slurm without --gpus-per-task, so that each sees all of the machine), or take "
            "--device cpu."
        )
    return "cpu"


def lost(error: BaseException) -> bool:
    """Whether a connection broke."""
    told = str(error).lower()
    return isinstance(error, dist.DistError) or "gloo" in told or "connection" in told or "nccl" in told
