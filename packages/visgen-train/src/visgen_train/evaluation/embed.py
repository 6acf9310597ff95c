"""Features and embeddings of many pictures, without gradients and with the network in evaluation mode."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from visgen_train.io.progress import Track, silent
from visgen_train.models.network import EmbeddingNetwork, Output, ProjectionHead

View = Callable[[np.ndarray], Tensor]


@torch.inference_mode()
def backbone_features(
    network: EmbeddingNetwork,
    rows: np.ndarray,
    view: View,
    track: Track = silent,
    what: str = "Features",
    batch: int = 64,
) -> Tensor:
    """Run the backbone over pictures, in its precision, BatchNorm in evaluation mode.

    Parameters
    ----------
    rows : numpy.ndarray
        Positions of the pictures.
    view : callable
        Positions -> network input (len, 3, size, size) on the device.

    Returns
    -------
    torch.Tensor
        (len(rows), width) float32 on the device.
    """
    network.backbone.eval()
    parts = [rows[start : start + batch] for start in range(0, len(rows), batch)]
    return torch.cat([network.features(view(part)) for part in track(parts, what, len(parts))])


@torch.inference_mode()
def project(head: ProjectionHead, features: Tensor) -> Output:
    """The head's output for features (n, width), head in evaluation mode."""
    head.eval()
    output: Output = head(features)
    return output
