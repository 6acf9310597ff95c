"""Which triplets of a batch the metric loss sees; anchor, positive and negative are rows of the batch.

The published code's hardest-negative mining compared the wrong labels, so that a negative could be of the anchor's
own class. These are pytorch-metric-learning's miners, which cannot.
"""

from typing import Protocol, TypeAlias

from pytorch_metric_learning.miners import BatchHardMiner, TripletMarginMiner
from pytorch_metric_learning.utils.loss_and_miner_utils import get_random_triplet_indices
from torch import Tensor

from visgen_train.losses.euclidean import EuclideanDistance

Triplets: TypeAlias = tuple[Tensor, Tensor, Tensor]


class Miner(Protocol):
    """What each entry of `MINERS` is: (n, d) embeddings and (n,) labels -> rows (a, p, n), or None for all triplets.

    A batch without such a triplet gives three empty tensors. No gradient flows through the choice.
    """

    def __call__(self, embedding: Tensor, labels: Tensor, margin: float = 1.0) -> Triplets | None: ...


def all_triplets(embedding: Tensor, labels: Tensor, margin: float = 1.0) -> None:
    """None, which the losses take as every triplet of the batch."""


def random_triplets(embedding: Tensor, labels: Tensor, margin: float = 1.0) -> Triplets:
    """One random positive and one random negative an anchor, from torch's global generator."""
    anchor, positive, negative = get_random_triplet_indices(labels, t_per_anchor=1)
    return anchor, positive, negative


def semihard_triplets(embedding: Tensor, labels: Tensor, margin: float = 1.0) -> Triplets:
    """Triplets whose negative is further from the anchor than the positive, but by `margin` at most.

    From Schroff et al. 2015, sec. 3.2, who take squared distances; here they are not.
    """
    miner = TripletMarginMiner(margin, type_of_triplets="semihard", distance=EuclideanDistance())
    anchor, positive, negative = miner(embedding, labels)
    return anchor, positive, negative


def hardest_triplets(embedding: Tensor, labels: Tensor, margin: float = 1.0) -> Triplets:
    """For each anchor the furthest of its class and the nearest of the others (batch hard, Hermans et al. 2017)."""
    anchor, positive, negative = BatchHardMiner(distance=EuclideanDistance())(embedding, labels)
    return anchor, positive, negative


MINERS: dict[str, Miner] = {
    "all": all_triplets,
    "random": random_triplets,
    "semihard": semihard_triplets,
    "hardest": hardest_triplets,
}
