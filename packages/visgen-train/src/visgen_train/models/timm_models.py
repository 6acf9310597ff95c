"""Backbones of the timm library (the extra `timm`), given as timm:NAME or timm:NAME.TAG."""

import importlib
from typing import Any

from torch import Tensor, nn

from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD
from visgen_train.errors import ConfigError, WeightsError


def timm_names() -> list[str]:
    """Every model's name, and every name with the tag of its weights.

    Raises
    ------
    ConfigError
        timm is not installed.
    """
    timm = _timm()
    return [*timm.list_models(), *timm.list_pretrained()]


def timm_backbone(name: str, weights: str, image_size: int) -> tuple[nn.Module, tuple[str, ...]]:
    """The model without its classifier, and the names of the layers its weights files hold for that.

    A model for one size only (a vision transformer) is made for `image_size`. Pictures come ImageNet-normalised; a
    model whose weights want another mean and deviation gets a hook that changes the one into the other.

    Parameters
    ----------
    name : str
        Without "timm:".
    weights : str
        "default" for timm's; anything else leaves the model random here.
    image_size : int
        px.

    Raises
    ------
    ConfigError
        timm is not installed, or has no such model for pictures of this size.
    WeightsError
        The weights cannot be downloaded or fitted.
    """
    if weights == "imagenet":
        raise WeightsError(
            f"timm:{name} has weights of its own kind. Pass --weights default, none, or a file."
        )
    timm = _timm()
    made_for = timm.get_pretrained_cfg(name)
    size = {"img_size": image_size} if made_for.fixed_input_size else {}
    try:
        model = timm.create_model(name, pretrained=weights == "default", num_classes=0, **size)
    except Exception as error:  # of the download, or the model's own complaint
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if weights == "default":
            raise WeightsError(
                f"The default weights of timm:{name} could not be downloaded ({reason}). Pass --weights FILE with "
                "weights you have (.safetensors or .pth), or --weights none to train from random weights."
            ) from error
        raise ConfigError(
            f"timm:{name} cannot be a backbone for pictures of {image_size} px ({reason}). Take another --backbone, "
            "or another size, such as --set data.image_size=224."
        ) from error
    if (made_for.mean, made_for.std) != (IMAGENET_MEAN, IMAGENET_STD):
        model.register_forward_pre_hook(_Renormalise(made_for.mean, made_for.std))
    layers = made_for.classifier or ()
    return model, (layers,) if isinstance(layers, str) else tuple(layers)


def timm_normalisation(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and deviation of each channel, white being 1, that the model itself is given pictures by."""
    made_for = _timm().get_pretrained_cfg(name)
    return tuple(made_for.mean), tuple(made_for.std)


def _timm() -> Any:
    try:
        return importlib.import_module("timm")
    except ImportError as error:
        raise ConfigError(
            "Backbones timm:NAME need the package timm: pip install 'visgen-train[timm]'. Without it, take one of "
            "torchvision's, such as resnet50."
        ) from error


class _Renormalise:
    """A forward hook: ImageNet's mean and deviation of each channel to the model's own."""

    def __init__(self, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        channels = list(zip(IMAGENET_MEAN, IMAGENET_STD, mean, std, strict=True))
        self._scale = [ours / theirs for _, ours, _, theirs in channels]
        self._shift = [(ours - theirs) / deviation for ours, _, theirs, deviation in channels]

    def __call__(self, module: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor]:
        images = inputs[0]
        scale, shift = (images.new_tensor(values).view(1, 3, 1, 1) for values in (self._scale, self._shift))
        return (images * scale + shift,)
