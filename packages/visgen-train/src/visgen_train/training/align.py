"""Stage 2: projection layers drawn towards the genetic anchors (Karaderi et al. 2024, sec. 4.2).

The convolutions are frozen, so their features are computed before, once per augmented view.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from visgen_train.config import AlignConfig, TrainConfig
from visgen_train.data.batches import Positions, epoch_batches
from visgen_train.errors import ConfigError
from visgen_train.io.progress import Track, silent
from visgen_train.losses import ALIGNMENT_LOSSES
from visgen_train.models.network import ProjectionHead
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.stage import LogEpoch, Stage, Validate


def check_anchor_size(anchors: int, embedding: int, projected: bool) -> None:
    """Raise ConfigError where anchors and embedding differ in size and no projection makes up for it.

    `align` asks it before its first step. The settings of a run are checked for it before stage 1, by `Config`.
    """
    if anchors != embedding and not projected:
        raise ConfigError(
            f"The genetic anchors have {anchors} numbers, but the embedding has {embedding}. Make the anchors with "
            "k = 2 (256 numbers), or have a projection trained from the one size to the other."
        )


def align(
    head: ProjectionHead,
    views: Sequence[Tensor],
    labels: np.ndarray,
    anchors: np.ndarray,
    config: AlignConfig,
    sampling: TrainConfig,
    seed: int,
    validate: Validate,
    log_epoch: LogEpoch,
    track: Track = silent,
    *,
    projection: nn.Linear | None = None,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Train the projection layers in place (the softmax head stays); they end as at the epoch selected.

    Parameters
    ----------
    head : ProjectionHead
        Its integration layers, where it has them, are trained as well.
    views : sequence of torch.Tensor
        (n, width) features of the n training images, one tensor a view; epoch e takes view e modulo their number.
    labels : numpy.ndarray
        (n,) int64 class numbers of the training images.
    anchors : numpy.ndarray
        (classes, d) genetic anchors, d as the embedding or as `projection` takes.
    sampling : TrainConfig
        Its sampling, batch, schedule and select hold here, too. In the paper's sampling each image is a positive
        once, against one negative; else all triplets of a batch count.
    validate : callable
        Chooses the epoch, see `Stage`.
    projection : torch.nn.Linear, optional
        Anchor size -> embedding size, for anchors of another size; trained in place with the head.
    checkpoints : Checkpoints, optional
        Where it leaves off and goes on.

    Raises
    ------
    ConfigError
        Anchors of another size than the embedding, without a projection.
    TrainingError
        The loss is no longer finite.
    """
    check_anchor_size(anchors.shape[1], head.embedding.out_features, projection is not None)
    device = views[0].device
    genetic = torch.from_numpy(anchors).float().to(device)
    species = torch.arange(len(genetic), device=device)
    epochs = [list(epoch_batches(labels, sampling, rng)) for rng in stage_generators(seed, config.epochs)]
    steps = sum(map(len, epochs))
    parameters = trained_parameters(head, projection)
    optimiser = Optimiser(
        parameters, config.lr, config.momentum, config.weight_decay, steps, sampling.schedule
    )
    criterion = ALIGNMENT_LOSSES[config.loss](config)
    kept = nn.ModuleList([head] if projection is None else [head, projection])
    stage = Stage("align", kept, optimiser, validate, log_epoch, sampling.select, checkpoints)
    with stage:
        for epoch, batches in stage.epochs(epochs):
            kept.train()
            features = views[epoch % len(views)]
            for rows, triplets in track(batches, f"DNA, epoch {epoch + 1}/{config.epochs}", len(batches)):
                embedding = head(features[torch.from_numpy(rows).to(device)]).embedding
                truth = torch.from_numpy(labels[rows]).to(device)
                targets = genetic if projection is None else projection(genetic)
                chosen = None if triplets is None else _against_anchors(truth, triplets)
                stage.step(criterion(targets, species, chosen, ref_emb=embedding, ref_labels=truth))
            stage.end_epoch()
    stage.restore()


def _against_anchors(truth: Tensor, triplets: Positions) -> tuple[Tensor, Tensor, Tensor]:
    """The triplets with genetic anchors: the image that was anchor is the positive of its species' one."""
    image, _, negative = (torch.from_numpy(part).to(truth.device) for part in triplets)
    return truth[image], image, negative


def stage_generators(seed: int, epochs: int) -> Iterator[np.random.Generator]:
    """One generator an epoch, from which stage 2 and its controls draw the same batches."""
    return (np.random.default_rng((seed, 1, epoch)) for epoch in range(epochs))


def trained_parameters(head: ProjectionHead, projection: nn.Linear | None = None) -> list[nn.Parameter]:
    """What stage 2 trains: the projection layers, integration layers, and a projection of the anchors."""
    modules = [head.hidden, head.embedding, head.integration, projection]
    parameters = [parameter for module in modules if module is not None for parameter in module.parameters()]
    for parameter in parameters:
        parameter.requires_grad_(True)
    return parameters
