"""Stage 2: projection layers drawn towards the genetic anchors (Karaderi et al. 2024, sec. 4.2).

The convolutions are frozen, so their features are computed before, once per augmented view.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import AlignConfig
from visgen_train.data.sampling import balanced_batches
from visgen_train.io.progress import Track, silent
from visgen_train.losses import CosineAlignmentLoss
from visgen_train.models.network import ProjectionHead
from visgen_train.training.loop import BestEpoch, LogEpoch, Optimiser, Validate


def align(
    head: ProjectionHead,
    views: Sequence[Tensor],
    labels: np.ndarray,
    anchors: np.ndarray,
    config: AlignConfig,
    batch: tuple[int, int],
    seed: int,
    validate: Validate,
    log_epoch: LogEpoch,
    track: Track = silent,
) -> None:
    """Train the projection layers in place (the softmax head stays); they end as at their best epoch.

    Parameters
    ----------
    head : ProjectionHead
    views : sequence of torch.Tensor
        (n, width) features of the n training images, one tensor a view; epoch e takes view e modulo their number.
    labels : numpy.ndarray
        (n,) int64 class numbers of the training images.
    anchors : numpy.ndarray
        (classes, d) genetic anchors, d as the embedding.
    batch : tuple of int
        Images in a batch, and of each species at least.
    validate : callable
        Chooses the epoch, see `BestEpoch`.
    """
    device = views[0].device
    targets = torch.from_numpy(anchors).float().to(device)
    species = torch.arange(len(targets), device=device)
    generators = (np.random.default_rng((seed, 1, epoch)) for epoch in range(config.epochs))
    epochs = [list(balanced_batches(labels, *batch, rng)) for rng in generators]
    parameters = [*head.hidden.parameters(), *head.embedding.parameters()]
    optimiser = Optimiser(parameters, config.lr, config.momentum, config.weight_decay, sum(map(len, epochs)))
    criterion = CosineAlignmentLoss(config.margin)
    best = BestEpoch(head, validate, log_epoch, "align")
    for epoch, batches in enumerate(epochs):
        head.train()
        features = views[epoch % len(views)]
        losses = []
        for rows in track(batches, f"DNA, epoch {epoch + 1}/{config.epochs}", len(batches)):
            embedding = head(features[torch.from_numpy(rows).to(device)]).embedding
            truth = torch.from_numpy(labels[rows]).to(device)
            losses.append(optimiser.step(criterion(targets, species, ref_emb=embedding, ref_labels=truth)))
        best.end_epoch(losses)
    best.restore()
