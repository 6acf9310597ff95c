"""Cosine triplet loss that draws images to genetic anchors, sec. 4.2 of Karaderi et al. 2024."""

from typing import Any

from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.losses import BaseMetricLossFunction
from pytorch_metric_learning.utils.loss_and_miner_utils import convert_to_triplets
from torch import Tensor


class CosineAlignmentLoss(BaseMetricLossFunction):  # type: ignore[misc]
    """`(1 - cos(a, p)) + max(0, cos(a, n) - margin)`, averaged over triplets.

    a is the genetic anchor of a species, p an image embedding of it, n one of another species. Call it as
    `loss(anchors, anchor_labels, ref_emb=embeddings, ref_labels=labels)`: all triplets of the batch.

    Parameters
    ----------
    margin : float
        m of the paper, 0.5; a negative below that cosine costs nothing.
    """

    def __init__(self, margin: float = 0.5, **kwargs: Any) -> None:
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
        cosine = self.distance(embeddings, ref_emb)
        losses = (1 - cosine[anchor, positive]) + (cosine[anchor, negative] - self.margin).relu()
        return {
            "loss": {"losses": losses, "indices": (anchor, positive, negative), "reduction_type": "triplet"}
        }

    def get_default_distance(self) -> CosineSimilarity:
        """Cosine similarity."""
        return CosineSimilarity()
