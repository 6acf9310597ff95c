"""Contrastive loss, eq. 1 of Karaderi et al. 2024 (from Hadsell et al. 2006, with the distance not squared)."""

from typing import Any

import torch
from pytorch_metric_learning.losses import BaseMetricLossFunction
from pytorch_metric_learning.utils.loss_and_miner_utils import convert_to_pairs
from torch import Tensor

from visgen_train.losses.euclidean import EuclideanDistance


class ContrastiveLoss(BaseMetricLossFunction):  # type: ignore[misc]
    """`(1 - Y) / 2 d(x1, x2) + Y / 2 max(0, margin - d(x1, x2))`, averaged over pairs; Y = 0 within a class, else 1.

    d is the Euclidean distance, not squared. Call it as `loss(embeddings, labels)` for all pairs of a batch; with
    the triplets of a miner as third argument each gives a pair (a, p) and a pair (a, n), so that both kinds weigh
    the same. A batch without a pair gives 0.

    Parameters
    ----------
    margin : float
        alpha of eq. 1: images of different classes further apart than that cost nothing.
    """

    def __init__(self, margin: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.margin = margin

    def compute_loss(
        self, embeddings: Tensor, labels: Tensor, indices_tuple: Any, ref_emb: Tensor, ref_labels: Tensor
    ) -> dict[str, Any]:
        """The loss of each pair, for the base class to average."""
        a1, positive, a2, negative = convert_to_pairs(indices_tuple, labels, ref_labels)
        if len(a1) + len(a2) == 0:
            return dict(self.zero_losses())
        distance = self.distance(embeddings, ref_emb)
        within = distance[a1, positive] / 2
        between = (self.margin - distance[a2, negative]).relu() / 2
        pairs = (torch.cat([a1, a2]), torch.cat([positive, negative]))
        # One mean over both kinds of pairs; reducers know such a list of pairs as "pos_pair".
        losses = torch.cat([within, between])
        return {"loss": {"losses": losses, "indices": pairs, "reduction_type": "pos_pair"}}

    def get_default_distance(self) -> EuclideanDistance:
        """Euclidean, on embeddings as they are."""
        return EuclideanDistance()
