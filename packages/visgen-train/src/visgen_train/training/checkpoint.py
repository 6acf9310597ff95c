"""Networks to and from safetensors files, which hold numbers only: nothing in them is ever executed."""

import json
from pathlib import Path

from safetensors.torch import load_file, save_file

from visgen_train.io.atomic import replacing
from visgen_train.models.network import EmbeddingNetwork


def save_network(path: Path, network: EmbeddingNetwork, description: dict[str, object]) -> None:
    """Write the network's tensors, with a description (species, sizes) as JSON in the file's header."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"visgen": json.dumps(description)})


def load_network(path: Path, network: EmbeddingNetwork) -> None:
    """Fill a network of the same shape from `path`."""
    network.load_state_dict(load_file(path))
