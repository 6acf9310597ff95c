"""Backbone, projection to the embedding, and a softmax head beside it (Karaderi et al. 2024, sec. 5.1)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from visgen_train.config import ModelConfig
from visgen_train.models.backbone import build_backbone
from visgen_train.models.integration import IntegrationLayers

EMBEDDING_SIZE = 256  # as the genetic anchors: 16 x 16 dinucleotides


class Output(NamedTuple):
    """What the head gives for n images: embedding (n, 256) and class logits (n, classes)."""

    embedding: Tensor
    logits: Tensor


class ProjectionHead(nn.Module):
    """width -> hidden -> ReLU -> embedding, and hidden -> classes beside it.

    Parameters
    ----------
    width, hidden, embedding, classes : int
    integration : torch.nn.Module, optional
        Behind the embedding, (n, embedding) -> (n, embedding), such as `IntegrationLayers`.
    """

    def __init__(
        self, width: int, hidden: int, embedding: int, classes: int, integration: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden)
        self.embedding = nn.Linear(hidden, embedding)
        self.classifier = nn.Linear(hidden, classes)
        self.integration = integration

    def activated(self, features: Tensor) -> Tensor:
        """What embedding and classifier both see of backbone features: (n, width) -> (n, hidden)."""
        activated: Tensor = self.hidden(features).relu()
        return activated

    def forward(self, features: Tensor) -> Output:
        """Project backbone features (n, width)."""
        activated = self.activated(features)
        embedding = self.embedding(activated)
        if self.integration is not None:
            embedding = self.integration(embedding)
        return Output(embedding, self.classifier(activated))


class EmbeddingNetwork(nn.Module):
    """The whole network; `features` are what the backbone gives, which stage 2 computes once.

    The backbone computes in `precision`: torch.float32, or torch.bfloat16 by autocast, its weights float32 all the
    same. Features, head, and so all losses, are float32.

    Parameters
    ----------
    config : ModelConfig
    classes : int
        Number of species.
    image_size : int
        Side of the pictures, px.
    features : int, optional
        Size of features that another model made: the backbone then hands them on, and `image_size` means nothing.
    """

    def __init__(
        self, config: ModelConfig, classes: int, image_size: int, features: int | None = None
    ) -> None:
        super().__init__()
        self.backbone: nn.Module
        if features is None:
            self.backbone, self.width = build_backbone(config.backbone, config.weights, image_size)
        else:
            self.backbone, self.width = nn.Identity(), features
        self.head = ProjectionHead(self.width, config.hidden, EMBEDDING_SIZE, classes)
        self.frozen = False
        self.precision = torch.float32

    def integrate(self, layers: int) -> None:
        """Put new `IntegrationLayers`, of so many linear layers, behind the embedding; 0 takes them away."""
        self.head.integration = IntegrationLayers(EMBEDDING_SIZE, layers) if layers else None

    def features(self, images: Tensor) -> Tensor:
        """(n, 3, size, size), ImageNet-normalised -> (n, width), in the type of the weights (float32)."""
        lower = self.precision != torch.float32
        with torch.autocast(images.device.type, self.precision, enabled=lower):
            found: Tensor = self.backbone(images)
        return found.float() if lower else found

    def forward(self, images: Tensor) -> Output:
        """Embed images (n, 3, size, size), ImageNet-normalised."""
        output: Output = self.head(self.features(images))
        return output

    def train(self, mode: bool = True) -> "EmbeddingNetwork":
        """As any module's, but a frozen backbone stays in evaluation mode."""
        super().train(mode)
        if self.frozen:
            self.backbone.eval()
        return self


def freeze_backbone(network: EmbeddingNetwork) -> None:
    """Keep the backbone as it is from here on: no gradients, BatchNorm and dropout in evaluation mode.

    The published code trained with frozen convolutions whose BatchNorm went on averaging, so that the network drifted.
    """
    network.backbone.requires_grad_(False)
    network.frozen = True
    network.train(network.training)
