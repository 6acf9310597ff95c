"""InfoNCE towards the genetic anchors: a baseline, not in Karaderi et al. 2024."""

from typing import Any

import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.losses import BaseMetricLossFunction
from torch import Tensor
from torch.nn.functional import cross_entropy


class InfoNCELoss(BaseMetricLossFunction):  # type: ignore[misc]
    """`-log(exp(cos(x, a_y) / T) / sum_c exp(cos(x, a_c) / T))`, averaged over images.

    x is an image embedding of species y, a_c the genetic anchor of species c; the sum is over all species in training.
    Call it as `loss(anchors, anchor_labels, ref_emb=embeddings, ref_labels=labels)`. With triplets (anchor, positive,
    negative) the images that are positives count, each as often as it is one.

    van den Oord, Li, Vinyals, "Representation learning with contrastive predictive coding", arXiv 1807.03748, 2018,
    eq. 4, the score being that of Radford et al., "Learning transferable visual models from natural language
    supervision" (CLIP), ICML 2021, fig. 3: of its two directions that from images to the other side, since here several
    images share an anchor.

    Parameters
    ----------
    temperature : float
        T, fixed; 0.07 is where CLIP's begins, which is trained.
    """

    def __init__(self, temperature: float = 0.07, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.temperature = temperature

    def compute_loss(
        self, embeddings: Tensor, labels: Tensor, indices_tuple: Any, ref_emb: Tensor, ref_labels: Tensor
    ) -> dict[str, Any]:
        """The loss of each image, for the base class to average."""
        rows = (
            torch.arange(len(ref_emb), device=ref_emb.device) if indices_tuple is None else indices_tuple[1]
        )
        cosine = self.distance(ref_emb[rows], embeddings)
        own = (ref_labels[rows, None] == labels).int().argmax(1)
        losses = cross_entropy(cosine / self.temperature, own, reduction="none")
        return {"loss": {"losses": losses, "indices": rows, "reduction_type": "element"}}

    def get_default_distance(self) -> CosineSimilarity:
        """Cosine similarity."""
        return CosineSimilarity()
