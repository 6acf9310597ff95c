"""Stage 1: the visual embedding, by softmax and a metric loss (Karaderi et al. 2024, sec. 4.1)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from visgen_train.balance import MaxNorm, log_prior
from visgen_train.config import TrainConfig
from visgen_train.data.batches import Batch, Positions, epoch_batches
from visgen_train.data.sampling import drawn_before
from visgen_train.data.views import Views
from visgen_train.io.parallel import in_parallel
from visgen_train.io.progress import Track, silent
from visgen_train.losses import METRIC_LOSSES, MINERS, combined_loss
from visgen_train.losses.miners import Triplets
from visgen_train.models.network import EmbeddingNetwork, Output
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.stage import LogEpoch, Stage, Validate
from visgen_train.training.team import ALONE, Team, computed

Shown: TypeAlias = tuple[np.ndarray, Positions | None, np.ndarray]
"""Positions of a batch, its triplets, and how often each image was drawn before."""
AHEAD = 4


def pretrain(
    network: EmbeddingNetwork,
    views: Views,
    labels: np.ndarray,
    rows: np.ndarray,
    config: TrainConfig,
    seed: int,
    device: torch.device,
    validate: Validate,
    log_epoch: LogEpoch,
    track: Track = silent,
    checkpoints: Checkpoints | None = None,
    team: Team = ALONE,
) -> None:
    """Train the whole network in place; it ends as it was at its best epoch, or the last one.

    Parameters
    ----------
    network : EmbeddingNetwork
    views : Views
        Of all pictures (or features) of the run.
    labels : numpy.ndarray
        (n,) int64 class numbers.
    rows : numpy.ndarray
        Positions of the training pictures; no others are looked at.
    validate : callable
        Chooses the epoch, see `Stage`.
    checkpoints : Checkpoints, optional
        Where it leaves off and goes on.
    team : Team
        Those who train it together: batches, loss and steps are those of one process.

    Raises
    ------
    TrainingError
        The loss is no longer finite.
    """
    epochs = [list(epoch_batches(labels[rows], config, _rng(seed, epoch))) for epoch in range(config.epochs)]
    prior = shown_prior(labels[rows], epochs, config.logit_adjustment)
    prior = None if prior is None else prior.to(device)
    team.level(network)  # the bound depends on where it begins
    bound = MaxNorm(network.head.classifier, config.max_norm).project if config.max_norm else None
    network.head.embedding.requires_grad_(bool(config.metric_weight))  # by softmax alone nothing reaches it
    parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
    rates = (config.lr, config.momentum, config.weight_decay)
    optimiser = Optimiser(parameters, *rates, sum(map(len, epochs)), config.schedule, bound)
    metric_loss = METRIC_LOSSES[config.metric_loss](config.metric_margin)
    miner = partial(MINERS[config.miner], margin=config.metric_margin)
    shown = [_with_draws(batches, len(rows)) for batches in epochs]
    stage = Stage("images", network, optimiser, validate, log_epoch, config.select, checkpoints)
    stage.level(team)
    shared = team.wrap(network)
    with stage:
        for epoch, batches in stage.epochs(shown):
            network.train()
            inputs = network_inputs(views, rows, batches, epoch, team, ahead=device.type == "cuda")
            told = track(batches, f"Images, epoch {epoch + 1}/{config.epochs}", len(batches))
            for (batch, given, _), images in zip(told, inputs, strict=False):  # `track` may end it sooner
                team.order("step")
                with team.draws(seed, *stage.at):
                    mine = shared(images)
                output = Output(*(team.gather(part, len(batch)) for part in mine))
                target = torch.from_numpy(labels[rows[batch]]).to(device)
                triplets = (
                    choose_triplets(given, miner, output.embedding, target) if config.metric_weight else None
                )
                loss = combined_loss(
                    output.logits,
                    output.embedding,
                    target,
                    metric_loss,
                    config.metric_weight,
                    triplets,
                    prior,
                )
                stage.step(loss)
            stage.end_epoch()
    stage.restore()


def network_inputs(
    views: Views, rows: np.ndarray, batches: Sequence[Shown], epoch: int, team: Team, ahead: bool
) -> Iterator[Tensor]:
    """The augmented pictures of each batch in turn, those of this process's share.

    `ahead`, the processor's cores make those of the next batches while a GPU computes; a processor that computes the
    network has no time to spare. They are the same either way.
    """

    def made(batch: Shown) -> Tensor:
        positions, _, draws = batch
        share = team.share(len(positions))
        return computed(share, lambda mine: views.augmented(rows[positions[mine]], draws[mine], epoch))

    return in_parallel(made, batches, AHEAD) if ahead else map(made, batches)


def _with_draws(batches: list[Batch], images: int) -> list[Shown]:
    draws = drawn_before([rows for rows, _ in batches], images)
    return [(rows, given, before) for (rows, given), before in zip(batches, draws, strict=True)]


def choose_triplets(
    given: Positions | None,
    miner: Callable[[Tensor, Tensor], Triplets | None],
    embedding: Tensor,
    target: Tensor,
) -> Triplets | None:
    """The triplets that the sampling gives, or those the miner finds in the batch."""
    if given is None:
        return miner(embedding, target)
    anchors, positives, negatives = (torch.from_numpy(part).to(target.device) for part in given)
    return anchors, positives, negatives


def shown_prior(labels: np.ndarray, epochs: list[list[Batch]], tau: float) -> Tensor | None:
    """(classes,) logit adjustment to how often the batches show each class."""
    if not tau:
        return None
    shown = np.concatenate([labels[rows] for batches in epochs for rows, _ in batches])
    return torch.from_numpy(log_prior(np.bincount(shown), tau)).float()


def _rng(seed: int, epoch: int) -> np.random.Generator:
    return np.random.default_rng((seed, epoch))
