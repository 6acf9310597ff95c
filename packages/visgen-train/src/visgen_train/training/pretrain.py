"""Stage 1: the visual embedding, by softmax and reciprocal triplet loss (Karaderi et al. 2024, sec. 4.1)."""

import numpy as np
import torch

from visgen_train.config import TrainConfig
from visgen_train.data.sampling import balanced_batches, count_draws
from visgen_train.data.transforms import augmented
from visgen_train.io.progress import Track, silent
from visgen_train.losses import ReciprocalTripletLoss, combined_loss
from visgen_train.models.network import EmbeddingNetwork
from visgen_train.training.loop import BestEpoch, LogEpoch, Optimiser, Validate


def pretrain(
    network: EmbeddingNetwork,
    pixels: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    config: TrainConfig,
    seed: int,
    device: torch.device,
    validate: Validate,
    log_epoch: LogEpoch,
    track: Track = silent,
) -> None:
    """Train the whole network in place; it ends as it was at its best epoch.

    Parameters
    ----------
    network : EmbeddingNetwork
    pixels : numpy.ndarray
        (n, 3, size, size) uint8, all pictures of the run.
    labels : numpy.ndarray
        (n,) int64 class numbers.
    rows : numpy.ndarray
        Positions of the training pictures; no others are looked at.
    validate : callable
        Chooses the epoch, see `BestEpoch`.

    Raises
    ------
    TrainingError
        The loss is no longer finite.
    """
    epochs = [
        list(balanced_batches(labels[rows], config.batch, config.images_per_class, _rng(seed, epoch)))
        for epoch in range(config.epochs)
    ]
    steps = sum(map(len, epochs))
    optimiser = Optimiser(network.parameters(), config.lr, config.momentum, config.weight_decay, steps)
    metric_loss = ReciprocalTripletLoss()
    best = BestEpoch(network, validate, log_epoch, "images")
    for epoch, batches in enumerate(epochs):
        network.train()
        losses = []
        drawn = np.zeros(len(rows), np.int64)
        for batch in track(batches, f"Images, epoch {epoch + 1}/{config.epochs}", len(batches)):
            chosen = rows[batch]
            draws = count_draws(drawn, batch)
            output = network(augmented(pixels[chosen], chosen, draws, epoch, seed, config, device))
            target = torch.from_numpy(labels[chosen]).to(device)
            loss = combined_loss(
                output.logits, output.embedding, target, metric_loss, config.reciprocal_weight
            )
            losses.append(optimiser.step(loss))
        best.end_epoch(losses)
    best.restore()


def _rng(seed: int, epoch: int) -> np.random.Generator:
    return np.random.default_rng((seed, epoch))
