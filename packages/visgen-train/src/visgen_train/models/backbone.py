"""Any torchvision classification model as a feature extractor, with its weights."""

import copy
import difflib
import pickle
import urllib.error
from pathlib import Path

import torch
import torchvision
from safetensors.torch import load_file
from torch import Tensor, nn

from visgen_train.errors import ConfigError, WeightsError


def build_backbone(name: str, weights: str, image_size: int) -> tuple[nn.Module, int]:
    """A torchvision model whose last linear layer is taken away.

    Parameters
    ----------
    name : str
        A torchvision classification model, such as "resnet50".
    weights : str
        "imagenet" (torchvision's default weights, downloaded once), "none" (random), or a file: .safetensors or a
        .pth state dict, of the torchvision model or of a model trained here.
    image_size : int
        Side of the pictures it will see, px.

    Returns
    -------
    backbone : torch.nn.Module
        (n, 3, size, size) -> (n, width).
    width : int

    Raises
    ------
    ConfigError
        Unknown name (near names are suggested), or a model that cannot take such pictures or gives more than a vector.
    WeightsError
        The weights cannot be downloaded, read, or fitted.
    """
    check_backbone(name)
    backbone = _imagenet(name) if weights == "imagenet" else torchvision.models.get_model(name, weights=None)
    layer, last = _last_linear(name, backbone)
    parent, _, attribute = layer.rpartition(".")
    setattr(backbone.get_submodule(parent), attribute, nn.Identity())
    if weights not in ("imagenet", "none"):
        _load(backbone, name, Path(weights), layer)
    _probe(backbone, name, last.in_features, image_size)
    return backbone, last.in_features


def check_backbone(name: str) -> None:
    """Raise ConfigError, with near names, unless torchvision has a classification model of this name."""
    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        hint = f"Perhaps {' or '.join(near)}?" if near else "For instance resnet50, resnet18, convnext_tiny."
        raise ConfigError(f"torchvision has no backbone {name!r}. {hint}")


def _imagenet(name: str) -> nn.Module:
    try:
        model: nn.Module = torchvision.models.get_model(name, weights="DEFAULT")
    except (urllib.error.URLError, OSError, RuntimeError) as error:
        raise WeightsError(
            f"The ImageNet weights of {name} could not be downloaded ({error}). Pass --weights FILE with weights you "
            "have (.safetensors or .pth), or --weights none to train from random weights."
        ) from error
    return model


def _last_linear(name: str, model: nn.Module) -> tuple[str, nn.Linear]:
    layers = [(path, module) for path, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise ConfigError(
            f"{name} does not end in a linear layer, so it cannot be a backbone here. Take resnet50."
        )
    return layers[-1]


def _probe(backbone: nn.Module, name: str, width: int, size: int) -> None:
    """Train a copy on nothing: a model that wants another size, or has side outputs in training, fails here."""
    reason = "it does not give one vector for a picture"
    try:
        with torch.no_grad():
            if getattr(copy.deepcopy(backbone).train()(torch.zeros(2, 3, size, size)), "shape", None) == (
                2,
                width,
            ):
                return
    except Exception as error:  # any torchvision model's own complaint
        reason = str(error).splitlines()[0]
    raise ConfigError(
        f"{name} cannot be a backbone for pictures of {size} px ({reason}). Take another --backbone, such as resnet50, "
        "or another size, such as --set data.image_size=224."
    )


def _load(backbone: nn.Module, name: str, path: Path, layer: str) -> None:
    state = {key.removeprefix("backbone."): value for key, value in _read(path).items()}
    state = {key: value for key, value in state.items() if not key.startswith((layer + ".", "head."))}
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
        raise WeightsError(f"{path}: no such weights file. --weights takes imagenet, none, or a file.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        if isinstance(state, dict) and all(isinstance(value, Tensor) for value in state.values()):
            return state
        raise ValueError("not a plain state dict of tensors")
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(
            f"{path}: cannot be read as weights ({reason}). Give a .safetensors or .pth file."
        ) from error
    except Exception as error:  # safetensors raises a bare Exception subclass of its own
        raise WeightsError(
            f"{path}: cannot be read as weights ({error}). Give a .safetensors or .pth file."
        ) from error
