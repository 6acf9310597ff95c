"""Softmax with a share of a metric loss, eq. 4 of Karaderi et al. 2024 (where that is the reciprocal triplet loss)."""

from pytorch_metric_learning.losses import BaseMetricLossFunction
from torch import Tensor
from torch.nn.functional import cross_entropy

from visgen_train.losses.miners import Triplets


def combined_loss(
    logits: Tensor,
    embedding: Tensor,
    labels: Tensor,
    metric_loss: BaseMetricLossFunction,
    weight: float,
    triplets: Triplets | None = None,
    log_prior: Tensor | None = None,
) -> Tensor:
    """`-log softmax(logits + log_prior)[label] + weight * metric_loss`, averaged over the batch and its triplets.

    Parameters
    ----------
    logits : torch.Tensor
        (n, classes).
    embedding : torch.Tensor
        (n, d).
    labels : torch.Tensor
        (n,) int64.
    metric_loss : BaseMetricLossFunction
        Made by an entry of `METRIC_LOSSES`.
    weight : float
        lambda of eq. 4; 0.01 in the paper. At 0 the metric loss is not computed.
    triplets : tuple of torch.Tensor, optional
        Rows (a, p, n) of `embedding`, from a miner or from the sampling; all triplets of the batch without it. An
        empty tuple of triplets costs nothing. The contrastive loss takes the pairs (a, p) and (a, n).
    log_prior : torch.Tensor, optional
        (classes,) logit adjustment, see `visgen_train.balance.log_prior` (Menon et al. 2021).
    """
    loss = cross_entropy(logits if log_prior is None else logits + log_prior, labels)
    return loss + weight * metric_loss(embedding, labels, triplets) if weight else loss
