"""Every setting of a run: frozen dataclasses whose help texts become `--help` and the comments of config.yaml.

The defaults are the preset `sound`. A preset or a user's file holds only what differs from them.
"""

import dataclasses
import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import yaml

from visgen_train.errors import ConfigError

T = TypeVar("T")
PRESETS = ("sound", "light")


def _option(default: T, text: str) -> T:
    option: T = field(default=default, metadata={"help": text})
    return option


@dataclass(frozen=True)
class DataConfig:
    """Images and their split."""

    image_size: int = _option(
        160, "side of the square network input, px; the aspect is kept, the rest padded"
    )
    test_fraction: float = _option(0.2, "share of each species' images (or groups) kept for the test")
    validation_fraction: float = _option(0.1, "share kept for choosing the epoch")


@dataclass(frozen=True)
class ModelConfig:
    """The image embedding network (Karaderi et al. 2024, sec. 5.1)."""

    backbone: str = _option("resnet50", "a torchvision classification model, by name")
    weights: str = _option("imagenet", "'imagenet', 'none' (random), or a .safetensors / .pth file")
    hidden: int = _option(1000, "width of the first projection layer")


@dataclass(frozen=True)
class TrainConfig:
    """Stage 1, images only: softmax + reciprocal triplet loss (eq. 4)."""

    epochs: int = _option(20, "passes, each of as many images as the training split holds")
    batch: int = _option(64, "images in a batch, shared evenly by its species")
    images_per_class: int = _option(
        2, "of each species in a batch at least so many (more where species are few)"
    )
    lr: float = _option(0.01, "peak learning rate of SGD; cosine schedule to zero")
    momentum: float = _option(0.9, "momentum of SGD")
    weight_decay: float = _option(1e-4, "weight decay of SGD")
    reciprocal_weight: float = _option(0.01, "lambda of eq. 4, the weight of the reciprocal triplet loss")
    rotation: float = _option(180.0, "augmentation: rotation within +- this angle, degrees")
    scale: float = _option(0.15, "augmentation: size within 1/(1+x) to 1+x")
    noise: float = _option(0.02, "augmentation: standard deviation of Gaussian noise, share of full white")


@dataclass(frozen=True)
class BalanceConfig:
    """The classifier trained again on fixed features, class-balanced (Alshammari et al. 2022)."""

    epochs: int = _option(0, "passes over the training features; 0 leaves the classifier as it is")
    lr: float = _option(0.01, "peak learning rate of SGD; cosine schedule to zero")
    momentum: float = _option(0.9, "momentum of SGD")
    weight_decay: float = _option(0.1, "weight decay of SGD, of the classifier alone")
    beta: float = _option(0.9999, "class weights (1 - beta) / (1 - beta^n); 0 gives all classes the same")
    max_norm: float = _option(0.0, "MaxNorm bound t, min + t (max - min) of the row norms; 0 is off")


@dataclass(frozen=True)
class AlignConfig:
    """Stage 2: projection layers towards the genetic anchors (sec. 4.2), convolutions frozen."""

    epochs: int = _option(5, "passes over the training features")
    lr: float = _option(0.01, "peak learning rate of SGD; cosine schedule to zero")
    momentum: float = _option(0.9, "momentum of SGD")
    weight_decay: float = _option(1e-4, "weight decay of SGD")
    margin: float = _option(0.5, "m of the cosine triplet loss")
    views: int = _option(3, "augmented views whose features are computed once and used in turn")
    anchor_method: str = _option(
        "median", "an anchor is the 'median' (paper) or 'mean' of its sequences' vectors"
    )
    anchor_transform: str = _option("centre", "'none' (paper), 'centre' or 'standardise' over the species")


@dataclass(frozen=True)
class EvaluateConfig:
    """Cosine kNN and what is reported of it."""

    neighbours: int = _option(5, "k of the cosine kNN")
    tail_below: int = _option(100, "tail: species with fewer training images than this")
    head_above: int = _option(1000, "head: species with more training images than this")
    bootstrap: int = _option(2000, "resamples of the test images behind each interval")


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    align: AlignConfig = field(default_factory=AlignConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    seed: int = _option(0, "seed of everything random")
    device: str = _option("auto", "'auto', 'cpu', 'cuda', 'cuda:1', 'mps'")

    def __post_init__(self) -> None:
        for name, value, low, high in _bounds(self):
            if not (math.isfinite(value) and low <= value <= high):
                raise ConfigError(f"{name} is {value:g}, but must lie between {low:g} and {high:g}.")
        if self.data.test_fraction + self.data.validation_fraction >= 1:
            raise ConfigError("data.test_fraction and data.validation_fraction leave no images to train on.")
        _choice("align.anchor_method", self.align.anchor_method, ("median", "mean"))
        _choice("align.anchor_transform", self.align.anchor_transform, ("none", "centre", "standardise"))


def _bounds(config: Config) -> list[tuple[str, float, float, float]]:
    data, model, train, align, evaluate = (
        config.data,
        config.model,
        config.train,
        config.align,
        config.evaluate,
    )
    return [
        ("data.image_size", data.image_size, 16, 2048),
        ("data.test_fraction", data.test_fraction, 0.01, 0.9),
        ("data.validation_fraction", data.validation_fraction, 0, 0.9),
        ("model.hidden", model.hidden, 1, 1 << 20),
        ("train.epochs", train.epochs, 1, 1e6),
        ("train.batch", train.batch, 2 * train.images_per_class, 1e6),
        ("train.images_per_class", train.images_per_class, 2, 1e5),
        ("train.lr", train.lr, 0, 1e3),
        ("train.momentum", train.momentum, 0, 1),
        ("train.weight_decay", train.weight_decay, 0, 1e3),
        ("train.reciprocal_weight", train.reciprocal_weight, 0, 1e3),
        ("train.rotation", train.rotation, 0, 180),
        ("train.scale", train.scale, 0, 1),
        ("train.noise", train.noise, 0, 1),
        ("align.epochs", align.epochs, 1, 1e6),
        ("align.lr", align.lr, 0, 1e3),
        ("align.momentum", align.momentum, 0, 1),
        ("align.weight_decay", align.weight_decay, 0, 1e3),
        ("align.margin", align.margin, -1, 1),
        ("align.views", align.views, 1, 1000),
        ("evaluate.neighbours", evaluate.neighbours, 1, 1e6),
        ("evaluate.tail_below", evaluate.tail_below, 1, 1e12),
        ("evaluate.head_above", evaluate.head_above, 0, 1e12),
        ("evaluate.bootstrap", evaluate.bootstrap, 100, 1e6),
        ("seed", config.seed, 0, 2**32 - 1),
    ]


def _choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name} is {value!r}, but must be one of {', '.join(choices)}.")


def load_config(
    preset: str = "sound",
    file: Path | None = None,
    settings: Iterable[str] = (),
    direct: Mapping[str, object] | None = None,
) -> Config:
    """Defaults, then the preset, then a YAML file, then `section.key=value` settings, then `direct` values by name.

    Raises
    ------
    ConfigError
        An unknown preset, key or value; the nearest known name is suggested.
    """
    changes: dict[str, Any] = {}
    if preset not in PRESETS:
        raise ConfigError(f"There is no preset {preset!r}; there are {' and '.join(PRESETS)}.")
    if preset != "sound":
        text = resources.files("visgen_train").joinpath(f"presets/{preset}.yaml").read_text(encoding="utf-8")
        _update(changes, _mapping(text, f"preset {preset}"))
    if file is not None:
        try:
            _update(changes, _mapping(Path(file).read_text(encoding="utf-8"), str(file)))
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{file}: not a text file in UTF-8.") from error
    for setting in settings:
        _update(changes, _setting(setting))
    for name, value in (direct or {}).items():
        _update(changes, _nested(name, value))
    return _merge(Config(), changes, "")  # once, so that only what comes out is checked


def to_yaml(config: Config, heading: str) -> str:
    """The whole configuration as YAML, each key under its help text; `load_config(file=...)` reads it back."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for top in dataclasses.fields(config):
        value = getattr(config, top.name)
        if dataclasses.is_dataclass(value):
            lines += ["", f"# {(value.__doc__ or '').splitlines()[0]}", f"{top.name}:"]
            lines += [_line(item, getattr(value, item.name), "  ") for item in dataclasses.fields(value)]
        else:
            lines += ["", _line(top, value, "")]
    return "\n".join(lines) + "\n"


def _line(item: dataclasses.Field[Any], value: object, indent: str) -> str:
    text = yaml.safe_dump({item.name: value}, default_flow_style=False, width=10_000).strip()
    return f"{indent}{text}  # {item.metadata['help']}"


def _mapping(text: str, where: str) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{where}: not valid YAML: {error}") from error
    if not isinstance(loaded, dict | None):
        raise ConfigError(f"{where}: expected `section:` lines with `key: value` below, found {loaded!r}.")
    return loaded or {}


def _setting(setting: str) -> dict[str, Any]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise ConfigError(f"--set takes section.key=value, found {setting!r}.")
    try:
        return _nested(name.strip(), yaml.safe_load(value) if value.strip() else "")
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {setting}: the value is not valid YAML; put it in quotes.") from error


def _nested(name: str, value: object) -> dict[str, Any]:
    for part in reversed(name.split(".")):
        value = {part: value}
    return cast(dict[str, Any], value)


def _update(changes: dict[str, Any], later: Mapping[str, Any]) -> None:
    for key, value in later.items():
        if isinstance(value, dict) and isinstance(changes.get(key), dict):
            _update(changes[key], value)
        else:
            changes[key] = value


def _merge(config: T, changes: Mapping[str, Any], prefix: str) -> T:
    types = get_type_hints(type(config))
    merged: dict[str, Any] = {}
    for key, value in changes.items():
        if key not in types:
            near = difflib.get_close_matches(str(key), types, n=1)
            hint = f"; perhaps {prefix}{near[0]}" if near else f"; there are {', '.join(types)}"
            raise ConfigError(f"There is no setting {prefix}{key}{hint}.")
        current = getattr(config, key)
        if dataclasses.is_dataclass(current):
            if not isinstance(value, Mapping):
                raise ConfigError(
                    f"{prefix}{key} is a section; set one of its keys, such as {prefix}{key}.KEY."
                )
            merged[key] = _merge(current, value, f"{prefix}{key}.")
        else:
            merged[key] = _converted(value, types[key], f"{prefix}{key}")
    return dataclasses.replace(config, **merged)  # type: ignore[type-var]


def _converted(value: object, kind: type, name: str) -> object:
    try:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            converted = kind(value)
            if kind is not int or converted == float(value):
                return converted
    except (ValueError, OverflowError):
        pass
    raise ConfigError(f"{name} must be {kind.__name__}, found {value!r}.")
