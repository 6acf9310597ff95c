"""Softmax with a share of reciprocal triplet loss, eq. 4 of Karaderi et al. 2024."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from visgen_train.losses.reciprocal_triplet import ReciprocalTripletLoss


def softmax_reciprocal_loss(
    logits: Tensor, embedding: Tensor, labels: Tensor, weight: float = 0.01
) -> Tensor:
    """`-log softmax(logits)[label] + weight * L_RTL`, averaged over the batch and its triplets.

    Parameters
    ----------
    logits : torch.Tensor
        (n, classes).
    embedding : torch.Tensor
        (n, d).
    labels : torch.Tensor
        (n,) int64.
    weight : float
        lambda of eq. 4; 0.01 in the paper.
    """
    loss = cross_entropy(logits, labels)
    return loss + weight * ReciprocalTripletLoss()(embedding, labels) if weight else loss
