"""The classifier trained again, class-balanced, on fixed features: the second stage of Alshammari et al., CVPR 2022.

Their published settings: SGD at 0.01, weight decay 0.1, class-balanced cross-entropy of beta 0.9999, and MaxNorm.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from visgen_train.balance import MaxNorm, class_balanced_weights
from visgen_train.config import BalanceConfig
from visgen_train.io.progress import Track, silent
from visgen_train.models.network import ProjectionHead
from visgen_train.training.loop import Optimiser
from visgen_train.training.resume import Checkpoints
from visgen_train.training.stage import LogEpoch, Stage, Validate

BATCH = 64  # as theirs


def rebalance(
    head: ProjectionHead,
    views: Sequence[Tensor],
    labels: np.ndarray,
    config: BalanceConfig,
    seed: int,
    validate: Validate,
    log_epoch: LogEpoch,
    track: Track = silent,
    *,
    schedule: str = "cosine",
    select: str = "best",
    checkpoints: Checkpoints | None = None,
) -> None:
    """Train `head.classifier` in place on batches as they fall, each image weighted by its class; nothing else moves.

    Parameters
    ----------
    head : ProjectionHead
    views : sequence of torch.Tensor
        (n, width) features of the n training images, one tensor a view; epoch e takes view e modulo their number.
    labels : numpy.ndarray
        (n,) int64 class numbers of the training images; every class of the classifier has one at least.
    config : BalanceConfig
        With 0 epochs nothing happens.
    validate : callable
        Chooses the epoch, see `BestEpoch`; it should judge the softmax.
    schedule, select : str
        As for `Optimiser` and `Stage`.
    checkpoints : Checkpoints, optional
        Where it leaves off and goes on.

    Raises
    ------
    ConfigError
        beta or the MaxNorm bound out of range.
    TrainingError
        The loss is no longer finite.
    """
    if not config.epochs:
        return
    classifier, device = head.classifier, views[0].device
    counts = np.bincount(labels, minlength=classifier.out_features)
    weights = torch.from_numpy(class_balanced_weights(counts, config.beta)).float().to(device)
    truth = torch.from_numpy(labels).to(device)
    with torch.no_grad():
        inputs = [head.activated(view) for view in views]
    epochs = [
        _batches(len(labels), np.random.default_rng((seed, 4, epoch))) for epoch in range(config.epochs)
    ]
    optimiser = Optimiser(
        classifier.parameters(),
        config.lr,
        config.momentum,
        config.weight_decay,
        sum(map(len, epochs)),
        schedule,
        after_step=MaxNorm(classifier, config.max_norm).project if config.max_norm else None,
    )
    stage = Stage("balance", classifier, optimiser, validate, log_epoch, select, checkpoints)
    with stage:
        for epoch, batches in stage.epochs(epochs):
            for rows in track(batches, f"Balance, epoch {epoch + 1}/{config.epochs}", len(batches)):
                chosen = torch.from_numpy(rows).to(device)
                target = truth[chosen]
                loss = cross_entropy(
                    classifier(inputs[epoch % len(inputs)][chosen]), target, reduction="none"
                )
                stage.step((weights[target] * loss).mean())
            stage.end_epoch()
    stage.restore()


def _batches(images: int, rng: np.random.Generator) -> list[np.ndarray]:
    order = rng.permutation(images)
    return [order[start : start + BATCH] for start in range(0, images, BATCH)]
