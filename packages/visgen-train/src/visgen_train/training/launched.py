"""Whether this process is one of several that torchrun or Slurm's srun started; nothing heavy is imported for it."""

import os
from typing import NamedTuple

from visgen_train.errors import UsageError


class Launched(NamedTuple):
    """One of `size` processes, on a machine that has `local_size` of them; `rank` and `local` count from 0."""

    rank: int = 0
    size: int = 1
    local: int = 0
    local_size: int = 1
    by: str = ""

    @property
    def machines(self) -> int:
        """How many machines there are; each has as many processes."""
        return self.size // self.local_size


def launched() -> Launched:
    """What the environment says; a program that was started by hand is alone.

    Raises
    ------
    UsageError
        srun without --ntasks-per-node.
    """
    given = os.environ
    if "TORCHELASTIC_RUN_ID" in given:
        rank, size, local, local_size = (
            int(given[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
        )
        return Launched(rank, size, local, local_size, "torchrun") if size > 1 else Launched()
    size = int(
        given.get("SLURM_STEP_NUM_TASKS", "1")
    )  # of a step, which srun begins; not of the job around it
    if size == 1:
        return Launched()
    if "SLURM_NTASKS_PER_NODE" not in given:
        raise UsageError(
            f"srun started {size} processes, but not how many a machine. Say it by srun --ntasks-per-node."
        )
    local_size = int(given["SLURM_NTASKS_PER_NODE"])
    return Launched(int(given["SLURM_PROCID"]), size, int(given["SLURM_LOCALID"]), local_size, "srun")
