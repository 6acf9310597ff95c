"""Weights from a file into a backbone; nothing in the file is ever executed."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from visgen_train.errors import WeightsError, first_line


def load_weights(backbone: nn.Module, name: str, path: Path, classifier: tuple[str, ...]) -> None:
    """Load a .safetensors or .pth state dict of the whole model, or of a network trained here.

    Parameters
    ----------
    backbone : torch.nn.Module
        Without its classifier.
    name : str
        The backbone's, for messages.
    path : Path
    classifier : tuple of str
        Names of the layers which the file may hold and the backbone lacks.

    Raises
    ------
    WeightsError
        No such file, not weights, or weights of another model.
    """
    state = _read(path)
    trained_here = {
        key.removeprefix("backbone."): value for key, value in state.items() if key.startswith("backbone.")
    }
    dropped = tuple(f"{layer}." for layer in classifier)
    state = {key: value for key, value in (trained_here or state).items() if not key.startswith(dropped)}
    expected = backbone.state_dict()
    missing = [key for key in expected if key not in state]
    foreign = [
        key for key, value in state.items() if key not in expected or expected[key].shape != value.shape
    ]
    if missing or foreign:
        raise WeightsError(
            f"{path}: these weights are not of a {name}: {len(missing)} tensors are missing and {len(foreign)} do not "
            f"fit, first {(missing + foreign)[0]!r}. Choose the backbone they were made for by --backbone."
        )
    backbone.load_state_dict(state)


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights file. --weights takes default, none, or a file.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(state, dict) and all(isinstance(value, Tensor) for value in state.values()):
            return state
        raise ValueError("not a plain state dict of tensors")
    except Exception as error:  # whatever a file that is no weights makes the libraries raise
        raise WeightsError(
            f"{path}: cannot be read as weights ({first_line(error)}). Give a .safetensors or .pth file."
        ) from error
