"""Every setting of a run: default, range and help text, which becomes the comments of config.yaml.

The defaults are the preset `sound`.
"""

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from visgen_train.errors import ConfigError, near

Number = TypeVar("Number", int, float)
Other = TypeVar("Other", str, bool)


def _number(default: Number, low: float, high: float, text: str) -> Number:
    option: Number = field(default=default, metadata={"help": text, "range": (low, high)})
    return option


def _choice(choices: tuple[str, ...], text: str) -> str:
    option: str = field(default=choices[0], metadata={"help": text, "choices": choices})
    return option


def _option(default: Other, text: str) -> Other:
    option: Other = field(default=default, metadata={"help": text})
    return option


@dataclass(frozen=True)
class DataConfig:
    """Images and their split."""

    image_size: int = _number(
        160, 16, 2048, "side of the square network input, px; the aspect is kept, the rest padded"
    )
    colour: str = _choice(
        ("auto", "grey"), "'auto' as each image is, 'grey' its luminance in all three channels (paper)"
    )
    white: int = _number(
        65535, 256, 65535, "value of 16-bit grey pictures that is white; of 12 bits in 16 it is 4095"
    )
    test_fraction: float = _number(
        0.2, 0.01, 0.9, "share of each species' images (or groups) kept for the test"
    )
    validation_fraction: float = _number(0.1, 0, 0.9, "share kept for choosing the epoch")
    species: str = _choice(
        ("dna", "all"), "train on species with 'dna' alone, or on 'all'; scored are those with DNA"
    )


@dataclass(frozen=True)
class ModelConfig:
    """The image embedding network (Karaderi et al. 2024, sec. 5.1)."""

    backbone: str = _option("resnet50", "a torchvision classification model by name, or timm:NAME")
    weights: str = _option(
        "default",
        "'default' (the library's; torchvision's are ImageNet's), 'none' (random), or a .safetensors / .pth file",
    )
    hidden: int = _number(1000, 1, 1 << 20, "width of the first projection layer")
    freeze: bool = _option(False, "leave the backbone as its weights are; stage 1 trains the head alone")


@dataclass(frozen=True)
class TrainConfig:
    """Stage 1, images only: softmax + metric loss (eq. 4)."""

    epochs: int = _number(
        20,
        0,
        1e6,
        "passes, each of as many images as the training split holds (sampling 'paper': of as many triplets, so of "
        "three times the images); 0 is none",
    )
    sampling: str = _choice(
        ("balanced", "paper"), "'balanced' batches with triplets within, or the 'paper''s random triplets"
    )
    batch: int = _number(64, 1, 1e6, "images in a batch, shared evenly by its species")
    images_per_class: int = _number(
        2, 2, 1e5, "of each species in a balanced batch at least so many (more where species are few)"
    )
    miner: str = _choice(
        ("all", "random", "semihard", "hardest"),
        "which triplets of a balanced batch the metric loss sees; 'all' with sampling 'paper'",
    )
    metric_loss: str = _choice(
        ("reciprocal_triplet", "triplet", "contrastive"), "eq. 3, 2 or 1, on Euclidean distances"
    )
    metric_weight: float = _number(0.01, 0, 1e3, "lambda of eq. 4, the weight of the metric loss; 0 is none")
    metric_margin: float = _number(1.0, 0, 1e3, "alpha of eq. 1 and 2; eq. 3 has none")
    lr: float = _number(0.01, 0, 1e3, "(peak) learning rate of SGD")
    momentum: float = _number(0.9, 0, 1, "momentum of SGD")
    weight_decay: float = _number(1e-4, 0, 1e3, "weight decay of SGD")
    schedule: str = _choice(("cosine", "constant"), "learning rate in every stage: 'cosine' falls to zero")
    select: str = _choice(("best", "last"), "epoch kept in every stage: 'best' by validation, or 'last'")
    max_norm: float = _number(
        0.0, 0, 1, "MaxNorm (Alshammari et al. 2022): t of the bound on class weights; 0 is off"
    )
    logit_adjustment: float = _number(0.0, 0, 10, "tau of logit adjustment (Menon et al. 2021); 0 is off")
    rotation: float = _number(180.0, 0, 180, "augmentation: rotation within +- this angle, degrees")
    scale: float = _number(0.15, 0, 1, "augmentation: size within 1/(1+x) to 1+x")
    noise: float = _number(
        0.02, 0, 1, "augmentation: standard deviation of Gaussian noise, share of full white"
    )


@dataclass(frozen=True)
class BalanceConfig:
    """After stage 1, the classifier again on fixed features, class-balanced (Alshammari et al. 2022)."""

    epochs: int = _number(0, 0, 1e6, "passes over the training features; 0 leaves this stage out")
    lr: float = _number(0.01, 0, 1e3, "(peak) learning rate of SGD")
    momentum: float = _number(0.9, 0, 1, "momentum of SGD")
    weight_decay: float = _number(0.1, 0, 1e3, "weight decay of SGD, of the classifier alone")
    beta: float = _number(
        0.9999,
        0,
        0.999999,
        "class weights (1 - beta) / (1 - beta^n) (Cui et al. 2019); 0 weighs all the same",
    )
    max_norm: float = _number(0.0, 0, 1, "MaxNorm, as train.max_norm; 0 is off")


@dataclass(frozen=True)
class AlignConfig:
    """Stage 2: projection layers towards the genetic anchors (sec. 4.2), convolutions frozen."""

    epochs: int = _number(5, 0, 1e6, "passes over the training features; 0 is no alignment")
    lr: float = _number(0.01, 0, 1e3, "(peak) learning rate of SGD")
    momentum: float = _number(0.9, 0, 1, "momentum of SGD")
    weight_decay: float = _number(1e-4, 0, 1e3, "weight decay of SGD")
    loss: str = _choice(
        ("cosine", "euclidean", "infonce"),
        "cosine triplet loss, eq. 3 against the anchors, or cross-entropy over all anchors (baseline)",
    )
    margin: float = _number(0.5, -1, 1, "m of the cosine triplet loss")
    temperature: float = _number(0.07, 1e-3, 1e3, "of infonce: cosines are divided by it")
    views: int = _number(3, 1, 1000, "augmented views whose features are computed once and used in turn")
    extra_layers: int = _number(
        0,
        0,
        10,
        "integration layers behind the embedding, trained in stage 2 from random weights (sec. 5.1)",
    )
    projection: bool = _option(False, "a trained layer brings anchors of another size to the embedding's")
    anchor_method: str = _choice(
        ("median", "mean"), "an anchor is the 'median' (paper) or 'mean' of its sequences' vectors"
    )
    anchor_transform: str = _choice(
        ("centre", "none", "standardise"), "'none' (paper), 'centre' or 'standardise' over the species"
    )
    anchor_k: int = _number(2, 1, 3, "bases in a symbol of the transform; other than 2 needs a projection")
    anchor_overlap: bool = _option(True, "symbols overlap, as in the published vectors")
    anchor_kappa: float = _number(1.0, 1e-3, 700, "how fast the transform forgets with distance")


@dataclass(frozen=True)
class EvaluateConfig:
    """Which classifier names species, the cosine kNN, and what is reported."""

    use_dna: str = _choice(
        ("auto", "always", "never"),
        "name species by their DNA, too: 'auto' where the training images say that DNA informs looks, 'always' "
        "whatever they say, 'never' without asking",
    )

    neighbours: int = _number(5, 1, 1e6, "k of the cosine kNN")
    tail_below: int = _number(100, 1, 1e12, "tail: species with fewer images than this")
    head_above: int = _number(1000, 0, 1e12, "head: species with more images than this")
    tail_count: str = _choice(
        ("train", "all"),
        "images that count for tail and head: those trained on, or 'all' of a species (paper)",
    )
    bootstrap: int = _number(2000, 100, 1e6, "resamples of the test images behind each interval")


@dataclass(frozen=True)
class Config:
    """All settings of a run."""

    data: DataConfig = field(default_factory=DataConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)
    balance: BalanceConfig = field(default_factory=BalanceConfig)
    align: AlignConfig = field(default_factory=AlignConfig)
    evaluate: EvaluateConfig = field(default_factory=EvaluateConfig)
    seed: int = _number(0, 0, 2**32 - 1, "seed of everything random")
    device: str = _option("auto", "'auto', 'cpu', 'cuda', 'cuda:1', 'mps'")
    precision: str = _choice(
        ("auto", "float32", "bfloat16"),
        "of the backbone: 'auto' is bfloat16 on NVIDIA devices made for it, else float32; head and losses are float32",
    )
    checkpoint_minutes: float = _number(
        5.0, 0, 1e6, "at most so much training is lost when the run is killed; 0 keeps every step"
    )

    def __post_init__(self) -> None:
        for name, item, value in _leaves(self):
            _check(name, item.metadata, value)
        if self.data.test_fraction + self.data.validation_fraction >= 1:
            raise ConfigError("data.test_fraction and data.validation_fraction leave no images to train on.")
        self._check_batch()
        if self.train.logit_adjustment and self.train.sampling == "balanced":
            raise ConfigError(
                "train.logit_adjustment does nothing with balanced batches, which show all species alike: set "
                "train.sampling=paper, or train.logit_adjustment=0."
            )
        if self.train.sampling == "paper" and self.train.miner != "all":
            raise ConfigError(
                f"train.miner={self.train.miner} does nothing with train.sampling=paper, which draws the triplets "
                "itself: set train.sampling=balanced, or train.miner=all."
            )
        features = 16**self.align.anchor_k
        if features != 256 and self.align.epochs and not self.align.projection:
            raise ConfigError(
                f"align.anchor_k={self.align.anchor_k} gives anchors of {features} numbers, but the embedding has 256: "
                "set align.projection=true, so that a trained layer brings them together."
            )

    def _check_batch(self) -> None:
        train = self.train
        triplets = (train.epochs and train.metric_weight) or self.align.epochs
        if train.sampling == "balanced" and not triplets:
            least, what = 2, "two species"
        else:
            least = 3 if train.sampling == "paper" else 2 * train.images_per_class
            what = "a triplet"
        if train.batch < least:
            raise ConfigError(
                f"train.batch is {train.batch}, too small for {what}: {least} images at least (with balanced sampling "
                "and triplets two species of train.images_per_class each)."
            )


def _leaves(config: object, prefix: str = "") -> Iterator[tuple[str, "dataclasses.Field[Any]", Any]]:
    for item in dataclasses.fields(config):  # type: ignore[arg-type]
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            yield from _leaves(value, f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}", item, value


def _check(name: str, limits: Any, value: Any) -> None:
    if "range" in limits:
        low, high = limits["range"]
        if not (math.isfinite(value) and low <= value <= high):
            raise ConfigError(f"{name} is {value:g}, but must lie between {low:g} and {high:g}.")
    if "choices" in limits and value not in limits["choices"]:
        choices = limits["choices"]
        raise ConfigError(
            f"{name} is {value!r}, but must be one of {', '.join(choices)}{near(value, choices)}."
        )
