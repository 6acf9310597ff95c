"""Seeds and devices."""

import contextlib
import logging
import random
from collections.abc import Iterator

import numpy as np
import torch

from visgen_train.errors import ConfigError, first_line

log = logging.getLogger(__name__)


def seed_everything(seed: int) -> None:
    """Seed the global generators, which initialise the network; everything else draws from generators of its own."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - libraries that still use the global generator
    torch.manual_seed(seed)


@contextlib.contextmanager
def preserved_generators() -> Iterator[None]:
    """The global generators are, after the block, as they were before it: a caller's own draws are not disturbed."""
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global one is what must be kept
    with torch.random.fork_rng():
        try:
            yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is the first GPU, or the CPU.

    Raises
    ------
    ConfigError
        The name is unknown or the device is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(
            f"device {name!r} cannot be used ({first_line(error)}). Take auto or cpu."
        ) from error
    return device


def choose_precision(name: str, device: torch.device) -> torch.dtype:
    """The precision of that name; "auto" is bfloat16 on NVIDIA devices made for it, else float32.

    On a CPU without instructions for it bfloat16 is slower than float32 (docs/performance.md), and a warning says so.
    """
    if name == "auto":
        return torch.bfloat16 if device.type == "cuda" and has_bfloat16(device) else torch.float32
    if name == "bfloat16" and device.type == "cpu" and not has_bfloat16(device):
        log.warning("this processor may have no instructions for bfloat16; float32 is faster then")
    return torch.bfloat16 if name == "bfloat16" else torch.float32


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device is made for bfloat16, as far as torch tells (older ones do not, of a CPU)."""
    if device.type == "cuda":
        native: bool = torch.cuda.is_bf16_supported(including_emulation=False)
        return native
    tell = getattr(torch.cpu, "get_capabilities", None)
    told = tell() if tell is not None and device.type == "cpu" else {}
    return any(told.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
