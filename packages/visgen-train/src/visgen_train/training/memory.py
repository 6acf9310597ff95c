"""What to do when there is not enough memory."""

import contextlib
import dataclasses
from collections.abc import Iterator

import torch

from visgen_train.config import Config
from visgen_train.errors import ConfigError, TrainingError, first_line

_TOLD = ("not enough memory", "out of memory", "can't allocate memory", "cannot allocate memory")
"""How torch says it on a CPU, where it is a plain RuntimeError, and other libraries."""


@contextlib.contextmanager
def memory_told(config: Config, begun: bool = True) -> Iterator[None]:
    """Turn whatever a lack of memory raises within the block into a TrainingError with sizes to try.

    `begun` says that there is a run to go on with.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _is_lack_of_memory(error):
            raise
        raise TrainingError(
            f"Out of memory ({first_line(error)[:200]}), with train.batch={config.train.batch} and pictures of "
            f"{config.data.image_size} px. Close other programs{_way_out(config, begun)}"
        ) from error


def _is_lack_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(words in str(error).lower() for words in _TOLD)


def _way_out(config: Config, begun: bool) -> str:
    if not begun:
        return f", or try less, for instance {_smaller(config)}."
    less = f"{_smaller(config)} --force"
    return (
        f" and go on by --resume: checkpoints are as they were. Or train anew with less, for instance {less}."
    )


def _smaller(config: Config) -> str:
    """Half the batch, or smaller pictures where half would be too small for a triplet."""
    half = max(config.train.batch // 2, 1)
    try:
        dataclasses.replace(config, train=dataclasses.replace(config.train, batch=half))
    except ConfigError:
        return f"--set data.image_size={max(config.data.image_size // 2, 16)}"
    return f"--set train.batch={half}"
