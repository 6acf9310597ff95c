"""`model.pt2`: a torch.export program, which torch alone runs."""

import json
from pathlib import Path
from typing import Any

import torch

from visgen_train.export.network import SpeciesNetwork
from visgen_train.export.traced import traced

NAME, NEEDS = "model.pt2", ()


def write(path: Path, network: SpeciesNetwork, about: dict[str, Any]) -> None:
    """Write the program; `about` stands in its extra file `visgen` as JSON."""
    program = traced(network, about["image_size"])
    with path.open("wb") as file:  # given a path, torch would put its last part into the file
        torch.export.save(program, file, extra_files={"visgen": json.dumps(about)})


def outputs(path: Path, network: SpeciesNetwork, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """What the file gives of pictures (n, 3, size, size) uint8."""
    found: tuple[torch.Tensor, ...] = torch.export.load(path).module()(pictures)
    return found
