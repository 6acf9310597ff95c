"""The control of stage 2: the same layers, features, batches and steps, by the loss of stage 1, without DNA."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from visgen_train.config import AlignConfig, TrainConfig
from visgen_train.data.batches import epoch_batches
from visgen_train.losses import METRIC_LOSSES, MINERS, combined_loss
from visgen_train.models.network import ProjectionHead
from visgen_train.training.align import stage_generators, trained_parameters
from visgen_train.training.loop import Optimiser
from visgen_train.training.pretrain import choose_triplets, shown_prior
from visgen_train.training.stage import LogEpoch, Stage, Validate


def refine(
    head: ProjectionHead,
    views: Sequence[Tensor],
    labels: np.ndarray,
    config: AlignConfig,
    sampling: TrainConfig,
    seed: int,
    validate: Validate,
    log_epoch: LogEpoch,
) -> None:
    """Train the projection layers in place as `align` does, by eq. 4 of Karaderi et al. 2024 in place of the anchors.

    What alignment gains over this is not owed to longer training. The softmax head gives its gradients and stays as
    it was, as in `align`.

    Parameters
    ----------
    head, views, labels, config, seed, validate
        As of `align`.
    sampling : TrainConfig
        Its sampling and its loss hold here.

    Raises
    ------
    TrainingError
        The loss is no longer finite.
    """
    device = views[0].device
    epochs = [list(epoch_batches(labels, sampling, rng)) for rng in stage_generators(seed, config.epochs)]
    prior = shown_prior(labels, epochs, sampling.logit_adjustment)
    prior = None if prior is None else prior.to(device)
    rates = (config.lr, config.momentum, config.weight_decay)
    optimiser = Optimiser(trained_parameters(head), *rates, sum(map(len, epochs)), sampling.schedule)
    metric_loss = METRIC_LOSSES[sampling.metric_loss](sampling.metric_margin)
    miner = partial(MINERS[sampling.miner], margin=sampling.metric_margin)
    stage = Stage("align", head, optimiser, validate, log_epoch, sampling.select)
    with stage:
        for epoch, batches in stage.epochs(epochs):
            head.train()
            features = views[epoch % len(views)]
            for rows, given in batches:
                output = head(features[torch.from_numpy(rows).to(device)])
                truth = torch.from_numpy(labels[rows]).to(device)
                weight = sampling.metric_weight
                triplets = choose_triplets(given, miner, output.embedding, truth) if weight else None
                scores = (output.logits, output.embedding, truth)
                stage.step(combined_loss(*scores, metric_loss, weight, triplets, prior))
            stage.end_epoch()
    stage.restore()
