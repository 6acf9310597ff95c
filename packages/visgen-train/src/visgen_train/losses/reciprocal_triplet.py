"""Reciprocal triplet loss, eq. 3 of Karaderi et al. 2024 (from Masullo et al. 2019)."""

from typing import Any

from pytorch_metric_learning.losses import BaseMetricLossFunction
from pytorch_metric_learning.utils.loss_and_miner_utils import convert_to_triplets
from torch import Tensor

from visgen_train.losses.euclidean import EuclideanDistance


class ReciprocalTripletLoss(BaseMetricLossFunction):  # type: ignore[misc]
    """`d(a, p) + 1 / d(a, n)`, averaged over triplets; d is the Euclidean distance, not squared.

    Call it as `loss(embeddings, labels)` for all triplets of a batch, or with the triplets of a miner as third
    argument. A batch without a triplet gives 0.

    Parameters
    ----------
    eps : float
        Added to d(a, n), so that loss and gradient stay finite when two points meet.
    """

    def __init__(self, eps: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.eps = eps

    def compute_loss(
        self, embeddings: Tensor, labels: Tensor, indices_tuple: Any, ref_emb: Tensor, ref_labels: Tensor
    ) -> dict[str, Any]:
        """The loss of each triplet, for the base class to average."""
        anchor, positive, negative = convert_to_triplets(
            indices_tuple, labels, ref_labels, t_per_anchor="all"
        )
        if len(anchor) == 0:
            return dict(self.zero_losses())
        distance = self.distance(embeddings, ref_emb)
        losses = distance[anchor, positive] + 1 / (distance[anchor, negative] + self.eps)
        return {
            "loss": {"losses": losses, "indices": (anchor, positive, negative), "reduction_type": "triplet"}
        }

    def get_default_distance(self) -> EuclideanDistance:
        """Euclidean, on embeddings as they are."""
        return EuclideanDistance()
