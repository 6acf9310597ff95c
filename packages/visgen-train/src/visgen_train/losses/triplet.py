"""Triplet loss, eq. 2 of Karaderi et al. 2024 (from Schroff et al. 2015, with the distance not squared)."""

from typing import Any

from pytorch_metric_learning.losses import BaseMetricLossFunction
from pytorch_metric_learning.utils.loss_and_miner_utils import convert_to_triplets
from torch import Tensor

from visgen_train.losses.euclidean import EuclideanDistance


class TripletLoss(BaseMetricLossFunction):  # type: ignore[misc]
    """`max(0, d(a, p) - d(a, n) + margin)`, averaged over triplets; d is the Euclidean distance, not squared.

    Triplets that cost nothing count in the average, as in `torch.nn.TripletMarginLoss`; pytorch-metric-learning's
    `TripletMarginLoss` leaves them out unless its reducer is a `MeanReducer`. Call it as `loss(embeddings, labels)`
    for all triplets of a batch, or with the triplets of a miner as third argument. A batch without one gives 0.

    Parameters
    ----------
    margin : float
        alpha of eq. 2: a negative further away than the positive by that much costs nothing.
    """

    def __init__(self, margin: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

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
        losses = (distance[anchor, positive] - distance[anchor, negative] + self.margin).relu()
        return {
            "loss": {"losses": losses, "indices": (anchor, positive, negative), "reduction_type": "triplet"}
        }

    def get_default_distance(self) -> EuclideanDistance:
        """Euclidean, on embeddings as they are."""
        return EuclideanDistance()
