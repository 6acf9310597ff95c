"""Seeds and devices of a run."""

import pytest
import torch
from visgen_train.errors import ConfigError
from visgen_train.training.seeding import choose_device, seed_everything


def test_devices():
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cpu", "cuda")
    for name in ("gpu", "cuda:99"):
        with pytest.raises(ConfigError, match=f"device '{name}' cannot be used .* Take auto or cpu"):
            choose_device(name)


def test_seed_everything_repeats_initialisation():
    seed_everything(3)
    first = torch.nn.Linear(2, 2).weight
    seed_everything(3)
    assert torch.equal(torch.nn.Linear(2, 2).weight, first)
