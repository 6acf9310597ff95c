"""A network as a safetensors file, which holds numbers only: nothing in it is ever executed."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from visgen_train.errors import WeightsError, first_line
from visgen_train.io.atomic import replacing
from visgen_train.models.network import EmbeddingNetwork


def save_network(path: Path, network: EmbeddingNetwork, description: dict[str, object]) -> None:
    """Write the network's tensors; in the file's header their SHA-256, and a description (species, sizes) as JSON."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    metadata = {"visgen": json.dumps(description), "sha256": digest(tensors)}
    write_tensors(path, tensors, metadata)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file, whole or not at all.

    Raises
    ------
    OSError
        It cannot be written, for instance since the disk is full, which the library calls by an error of its own.
    """
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, metadata=metadata)
        except SafetensorError as error:
            found = re.search(r"os error (\d+)", str(error))
            number = int(found[1]) if found else errno.EIO
            raise OSError(number, os.strerror(number), str(path)) from error


def load_network(path: Path, network: EmbeddingNetwork) -> None:
    """Put the tensors of a file from `save_network` into a network of the same sizes.

    Raises
    ------
    WeightsError
        The file is gone, damaged, or of another network.
    """
    try:
        tensors = load_file(path)
        with safe_open(path, framework="pt") as file:
            written = (file.metadata() or {}).get("sha256")
        if written not in (None, digest(tensors)):
            raise RuntimeError("its numbers are not those that were written")
        network.load_state_dict(tensors)
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _unreadable(path, first_line(error)) from error


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
    except (OSError, SafetensorError, ValueError, RecursionError) as error:
        raise _unreadable(path, first_line(error)) from error
    if not isinstance(description, dict):
        raise _unreadable(path, "its header does not say how it was trained")
    return description


def digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of tensors with their names, types and shapes."""
    made = hashlib.sha256()
    for name, value in sorted(tensors.items()):
        made.update(f"{name} {value.dtype} {tuple(value.shape)};".encode())
        made.update(value.contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return made.hexdigest()


def _unreadable(path: Path, reason: str) -> WeightsError:
    return WeightsError(f"{path}: cannot be read as the network of this run ({reason}). Train again.")
