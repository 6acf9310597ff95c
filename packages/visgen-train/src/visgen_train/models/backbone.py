"""Any torchvision classification model, or any of timm's, as a feature extractor, with its weights."""

import copy
import difflib
import urllib.error
from pathlib import Path

import torch
import torchvision
from torch import nn

from visgen_train.errors import ConfigError, WeightsError
from visgen_train.models.timm_models import timm_backbone, timm_names
from visgen_train.models.weights import load_weights

DEFAULT = ("default", "imagenet")  # the latter of torchvision alone
TIMM = "timm:"


def build_backbone(name: str, weights: str, image_size: int) -> tuple[nn.Module, int]:
    """A model without its classifier: the last linear layer taken away (torchvision), or as timm gives features.

    Layers before the last stay and are trained as part of the backbone: of vgg16, two linear layers of 4096.

    Parameters
    ----------
    name : str
        A torchvision classification model, such as "resnet50", or "timm:NAME" (extra `timm`).
    weights : str
        "default" (what torchvision or timm calls so, downloaded once; torchvision's may be called "imagenet" too),
        "none" (random), or a file: .safetensors or a .pth state dict, of that model or of a model trained here.
    image_size : int
        Side of the pictures it will see, px.

    Returns
    -------
    backbone : torch.nn.Module
        (n, 3, size, size), ImageNet-normalised -> (n, width).
    width : int

    Raises
    ------
    ConfigError
        Unknown name (near names are suggested), timm is not installed, or a model that cannot take such pictures or
        gives more than a vector.
    WeightsError
        The weights cannot be downloaded, read, or fitted.
    """
    check_backbone(name)
    if name.startswith(TIMM):
        backbone, classifier = timm_backbone(name.removeprefix(TIMM), weights, image_size)
    else:
        backbone, classifier = _torchvision_backbone(name, weights)
    if weights not in (*DEFAULT, "none"):
        load_weights(backbone, name, Path(weights), classifier)
    return backbone, _probe(backbone, name, image_size)


def check_backbone(name: str) -> None:
    """Raise ConfigError, with near names, unless torchvision (or timm, for timm:NAME) has a model of this name."""
    library, prefix, model = "torchvision", "", name
    known, instances = (
        torchvision.models.list_models(module=torchvision.models),
        "resnet50, resnet18, convnext_tiny",
    )
    if name.startswith(TIMM):
        library, prefix, model = "timm", TIMM, name.removeprefix(TIMM)
        known, instances = timm_names(), "timm:resnet50, timm:convnext_tiny"
    if model not in known:
        near = [prefix + other for other in difflib.get_close_matches(model, known, n=3)]
        hint = f"Perhaps {' or '.join(near)}?" if near else f"For instance {instances}."
        raise ConfigError(f"{library} has no backbone {name!r}. {hint}")


def _torchvision_backbone(name: str, weights: str) -> tuple[nn.Module, tuple[str, ...]]:
    try:
        model = torchvision.models.get_model(name, weights="DEFAULT" if weights in DEFAULT else None)
    except (urllib.error.URLError, OSError, RuntimeError) as error:
        raise WeightsError(
            f"The default (ImageNet) weights of {name} could not be downloaded ({error}). Pass --weights FILE with "
            "weights you have (.safetensors or .pth), or --weights none to train from random weights."
        ) from error
    layers = [path for path, module in model.named_modules() if isinstance(module, nn.Linear)]
    if not layers:
        raise ConfigError(
            f"{name} does not end in a linear layer, so it cannot be a backbone here. Take resnet50."
        )
    parent, _, attribute = layers[-1].rpartition(".")
    setattr(model.get_submodule(parent), attribute, nn.Identity())
    return model, (layers[-1],)


def _probe(backbone: nn.Module, name: str, size: int) -> int:
    """Train a copy on nothing: a model that wants another size, or has side outputs in training, fails here."""
    reason = "it does not give one vector for a picture"
    try:
        with torch.no_grad():
            output = copy.deepcopy(backbone).train()(torch.zeros(2, 3, size, size))
        if isinstance(output, torch.Tensor) and output.ndim == 2:
            return output.shape[1]
    except Exception as error:  # any model's own complaint
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    raise ConfigError(
        f"{name} cannot be a backbone for pictures of {size} px ({reason}). Take another --backbone, such as resnet50, "
        "or another size, such as --set data.image_size=224."
    )
