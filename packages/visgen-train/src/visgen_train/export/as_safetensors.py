"""`model.safetensors`: the numbers alone, to be put into a network built elsewhere."""

import copy
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from visgen_train.export.network import SpeciesNetwork

NAME, NEEDS = "model.safetensors", ()


def write(path: Path, network: SpeciesNetwork, about: dict[str, Any]) -> None:
    """Write the tensors; `about` stands in the header `visgen` as JSON."""
    tensors = {key: value.contiguous() for key, value in network.state_dict().items()}
    save_file(tensors, path, metadata={"visgen": json.dumps(about)})


def outputs(path: Path, network: SpeciesNetwork, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What the network gives of pictures (n, 3, size, size) uint8 with the file's tensors in place of its own."""
    other = copy.deepcopy(network)
    other.load_state_dict(load_file(path))
    found: tuple[torch.Tensor, ...] = other(pictures)
    return found
