"""The Euclidean distance that the losses and miners share."""

import torch
from pytorch_metric_learning.distances import LpDistance
from torch import Tensor


class EuclideanDistance(LpDistance):  # type: ignore[misc]
    """Euclidean distance of embeddings as they are: not normalised, not squared.

    LpDistance lets torch compute the distances of more than 25 points by a matrix product, which gives 0 for points
    that are near but apart, and 1 / d(a, n) of the reciprocal triplet loss then is wrong by orders of magnitude. Here
    differences are always taken first. Where two points coincide the gradient is 0.
    """

    def __init__(self) -> None:
        super().__init__(normalize_embeddings=False, p=2, power=1)

    def compute_mat(self, query_emb: Tensor, ref_emb: Tensor) -> Tensor:
        """(n, d) and (m, d) -> (n, m)."""
        return torch.cdist(query_emb, ref_emb, compute_mode="donot_use_mm_for_euclid_dist")
