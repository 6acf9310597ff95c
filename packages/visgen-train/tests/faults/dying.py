"""Ways to die at the k-th moment, for programs of the tests here that fork children."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.torch import save
from visgen_train.training import checkpoint
from visgen_train.training.loop import Optimiser


def countdown(k: int) -> Callable[[], None]:
    """Something that kills the process when it is called for the k-th time; never for 0."""
    left = [k]

    def moment() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return moment


def around(call: Callable[..., Any], moment: Callable[[], None]) -> Callable[..., Any]:
    """The call with a moment before and after it."""

    def surrounded(*arguments: Any, **options: Any) -> Any:
        moment()
        result = call(*arguments, **options)
        moment()
        return result

    return surrounded


def at_steps(moment: Callable[[], None]) -> None:
    """The moments are: before and after each step of an optimiser."""
    Optimiser.step = around(Optimiser.step, moment)  # type: ignore[method-assign]


def at_writes(moment: Callable[[], None]) -> None:
    """The moments are: before, in the midst of and after writing, and around each fsync, rename and removal."""

    def torn_file(tensors: Any, path: Path, metadata: Any) -> None:
        torn(path, save(tensors, metadata))

    def torn_text(self: Path, text: str, **options: Any) -> None:
        torn(self, text.encode())

    def torn(path: Path, content: bytes) -> None:
        with path.open("wb", buffering=0) as file:
            moment()
            file.write(content[: len(content) // 2])
            moment()
            file.write(content[len(content) // 2 :])
            moment()

    checkpoint.save_file = torn_file
    np.savez_compressed = around(np.savez_compressed, moment)
    np.savez = around(np.savez, moment)
    Path.write_text = torn_text  # type: ignore[method-assign, assignment]
    os.fsync = around(os.fsync, moment)
    Path.replace = around(Path.replace, moment)  # type: ignore[method-assign]
    Path.unlink = around(Path.unlink, moment)  # type: ignore[method-assign]
