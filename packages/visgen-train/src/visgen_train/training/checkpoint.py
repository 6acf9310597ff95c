"""A network as a safetensors file, which holds numbers only: nothing in it is ever executed."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from visgen_train.errors import WeightsError
from visgen_train.io.atomic import replacing
from visgen_train.models.network import EmbeddingNetwork


def save_network(path: Path, network: EmbeddingNetwork, description: dict[str, object]) -> None:
    """Write the network's tensors, with a description (species, sizes) as JSON in the file's header."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"visgen": json.dumps(description)})


def load_network(path: Path, network: EmbeddingNetwork) -> None:
    """Put the tensors of a file from `save_network` into a network of the same sizes.

    Raises
    ------
    WeightsError
        The file is gone, damaged, or of another network.
    """
    try:
        network.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error


def load_description(path: Path) -> dict[str, Any]:
    """The description that `save_network` wrote into the file's header.

    Raises
    ------
    WeightsError
        The file is gone, damaged, or without a description.
    """
    try:
        with safe_open(path, framework="pt") as file:
            description = json.loads((file.metadata() or {}).get("visgen", "null"))
    except (OSError, SafetensorError, ValueError) as error:
        raise _unreadable(path, str(error).splitlines()[0]) from error
    if not isinstance(description, dict):
        raise _unreadable(path, "its header does not say how it was trained")
    return description


def _unreadable(path: Path, reason: str) -> WeightsError:
    return WeightsError(f"{path}: cannot be read as the network of this run ({reason}). Train again.")
