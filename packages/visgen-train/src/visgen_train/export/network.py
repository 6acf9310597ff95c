"""The network from pixels to species in one graph: the user has only to fit a picture into a square."""

import copy

import numpy as np
import torch
from torch import Tensor, nn

from visgen_train.data.transforms import IMAGENET_MEAN, IMAGENET_STD, PLAIN_SHIFT
from visgen_train.evaluation.whitening import Whitened
from visgen_train.export.finished import Finished
from visgen_train.models.network import EmbeddingNetwork


class SpeciesNetwork(nn.Module):
    """uint8 pictures (n, 3, size, size) -> embedding (n, 256), probabilities (n, species) and, if trained, logits.

    Parameters
    ----------
    network : EmbeddingNetwork
    layer : torch.nn.Linear
        Embedding of unit length -> scores, whose softmax are the probabilities.
    logits : bool
        Whether to give the logits of the network's own softmax layer, too; without, that layer is left out.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, network: EmbeddingNetwork, layer: nn.Linear, logits: bool) -> None:
        super().__init__()
        self.backbone, self.head = network.backbone, copy.copy(network.head)
        self.species, self.logits = layer, logits
        self.head._modules = dict(network.head._modules)  # the caller's head keeps its classifier
        if not logits:
            self.head.classifier = nn.Identity()  # type: ignore[assignment]
        for name, values in (("mean", IMAGENET_MEAN), ("deviation", IMAGENET_STD)):
            self.register_buffer(name, torch.tensor(values).view(1, 3, 1, 1), persistent=False)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what `forward` gives."""
        return ("embedding", "probabilities", "logits")[: 3 if self.logits else 2]

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Resample as `data.transforms.plain` does, normalise, embed, classify."""
        pixels = images.float() / 255
        for side in (2, 3):
            pixels = _moved(pixels, side)
        embedding, logits = self.head(self.backbone((pixels - self.mean) / self.deviation))
        length = embedding.norm(dim=1, keepdim=True)
        scores = self.species(embedding / torch.where(length > 0, length, 1))
        return (embedding, scores.softmax(1), logits)[: len(self.outputs)]


def species_network(run: Finished) -> SpeciesNetwork:
    """The network of a finished run, in evaluation mode."""
    layer = linear_layer(run.classifier, run.temperature or 1.0)
    return SpeciesNetwork(run.network, layer, run.softmax).eval()


def linear_layer(classifier: Whitened, temperature: float) -> nn.Linear:
    """The classifier on vectors of unit length as one layer, whose softmax is that of its scores / temperature.

    -|uW - m|²/2 = uWm' - |m|²/2 - |uW|²/2; what is the same for all classes, the last term and the mean over the
    classes, changes no softmax and is left out, the latter since smaller numbers are rounded less.
    """
    weight = classifier.whitening @ (classifier.means - classifier.means.mean(0)).T / temperature
    bias = -(classifier.means**2).sum(1) / 2 / temperature
    layer = nn.Linear(*weight.shape)
    layer.requires_grad_(False)
    layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight.T)))
    layer.bias.copy_(torch.from_numpy(bias - bias.mean()))
    return layer


def _moved(pixels: Tensor, side: int) -> Tensor:
    """By `PLAIN_SHIFT` of a pixel along one side, the border repeated: bilinear weights of a pixel and the next."""
    last = pixels.shape[side] - 1
    following = torch.cat([pixels.narrow(side, 1, last), pixels.narrow(side, last, 1)], side)
    return pixels * (1 - PLAIN_SHIFT) + following * PLAIN_SHIFT
