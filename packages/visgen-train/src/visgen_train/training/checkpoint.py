"""A network as a safetensors file, which holds numbers only: nothing in it is ever executed."""

import json
from pathlib import Path

from safetensors.torch import save_file

from visgen_train.io.atomic import replacing
from visgen_train.models.network import EmbeddingNetwork


def save_network(path: Path, network: EmbeddingNetwork, description: dict[str, object]) -> None:
    """Write the network's tensors, with a description (species, sizes) as JSON in the file's header."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    with replacing(path) as temporary:
        save_file(tensors, temporary, metadata={"visgen": json.dumps(description)})
