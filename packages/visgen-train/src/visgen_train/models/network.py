"""Backbone, projection to the embedding, and a softmax head beside it (Karaderi et al. 2024, sec. 5.1)."""

from typing import NamedTuple

from torch import Tensor, nn

from visgen_train.config import ModelConfig
from visgen_train.models.backbone import build_backbone

EMBEDDING_SIZE = 256  # as the genetic anchors: 16 x 16 dinucleotides


class Output(NamedTuple):
    """What the head gives for n images: embedding (n, 256) and class logits (n, classes)."""

    embedding: Tensor
    logits: Tensor


class ProjectionHead(nn.Module):
    """width -> hidden -> ReLU -> embedding, and hidden -> classes beside it."""

    def __init__(self, width: int, hidden: int, embedding: int, classes: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden)
        self.embedding = nn.Linear(hidden, embedding)
        self.classifier = nn.Linear(hidden, classes)

    def forward(self, features: Tensor) -> Output:
        """Project backbone features (n, width)."""
        activated = self.hidden(features).relu()
        return Output(self.embedding(activated), self.classifier(activated))


class EmbeddingNetwork(nn.Module):
    """The whole network; `backbone` alone gives the features which stage 2 computes once.

    Parameters
    ----------
    config : ModelConfig
    classes : int
        Number of species.
    image_size : int
        Side of the pictures, px.
    """

    def __init__(self, config: ModelConfig, classes: int, image_size: int) -> None:
        super().__init__()
        self.backbone, self.width = build_backbone(config.backbone, config.weights, image_size)
        self.head = ProjectionHead(self.width, config.hidden, EMBEDDING_SIZE, classes)

    def forward(self, images: Tensor) -> Output:
        """Embed images (n, 3, size, size), ImageNet-normalised."""
        output: Output = self.head(self.backbone(images))
        return output
