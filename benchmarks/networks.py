"""The networks that benchmarks/training.py measures, and what is done with a batch."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torchvision
from torch import Tensor
from torch.nn.functional import cross_entropy
from visgen_train.config import load_config
from visgen_train.losses import METRIC_LOSSES, combined_loss
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.loop import Optimiser

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
CLASSES = 16


@dataclass(frozen=True)
class Size:
    """A backbone, the pictures it sees, and how much of them is measured."""

    backbone: str
    pixels: int
    batch: int
    rounds: int

    def __str__(self) -> str:
        return f"{self.backbone}, {self.pixels} px"

    def network(self) -> EmbeddingNetwork:
        """Ours, as a session has it, from the same random weights each time."""
        torch.manual_seed(0)
        config = load_config(settings=[f"model.backbone={self.backbone}", "model.weights=none"])
        network = EmbeddingNetwork(config.model, CLASSES, self.pixels)
        return network.to(DEVICE).to(memory_format=torch.channels_last)

    def images(self) -> tuple[Tensor, Tensor]:
        """A batch as `augmented` makes it, and its labels: balanced, each species alike."""
        generator = torch.Generator().manual_seed(0)
        images = torch.randn(self.batch, 3, self.pixels, self.pixels, generator=generator)
        labels = torch.arange(self.batch) % min(CLASSES, self.batch // 2)
        return images.to(DEVICE).contiguous(memory_format=torch.channels_last), labels.to(DEVICE)


SMALL, LARGE = Size("resnet18", 64, 64, 15), Size("resnet50", 160, 16, 5)


def finished(call: Callable[[], object]) -> Callable[[], None]:
    """The call with the wait for the device."""

    def done() -> None:
        call()
        if DEVICE.type == "cuda":
            torch.cuda.synchronize()

    return done


def our_step(size: Size, precision: torch.dtype = torch.float32) -> Callable[[], None]:
    """What `pretrain` does with a batch: forward, eq. 4 over all triplets, backward, clipping, optimiser, schedule."""
    network, (images, labels) = size.network().train(), size.images()
    network.precision = precision
    optimiser = Optimiser(network.parameters(), 0.01, 0.9, 1e-4, 10_000)
    metric_loss = METRIC_LOSSES["reciprocal_triplet"](1.0)

    def step() -> None:
        output = network(images)
        optimiser.step(combined_loss(output.logits, output.embedding, labels, metric_loss, 0.01))

    return finished(step)


def bare_step(size: Size) -> Callable[[], None]:
    """torchvision's model alone: forward, cross-entropy, backward, SGD with momentum and weight decay."""
    model = torchvision.models.get_model(size.backbone, num_classes=CLASSES)
    model = model.to(DEVICE).to(memory_format=torch.channels_last).train()
    sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    images, labels = size.images()

    def step() -> None:
        sgd.zero_grad()
        cross_entropy(model(images), labels).backward()
        sgd.step()

    return finished(step)


def inference(size: Size, kind: torch.dtype) -> Callable[[], None]:
    network, (images, _) = size.network().eval(), size.images()
    network.precision = kind

    @torch.inference_mode()
    def forward() -> None:
        network.features(images)

    return finished(forward)
