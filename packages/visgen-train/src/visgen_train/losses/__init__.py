"""The paper's losses, one a file, as pytorch-metric-learning losses: its miners and distances compose with them."""

from visgen_train.losses.cosine_alignment import CosineAlignmentLoss
from visgen_train.losses.reciprocal_triplet import ReciprocalTripletLoss
from visgen_train.losses.softmax_reciprocal import softmax_reciprocal_loss

__all__ = ["CosineAlignmentLoss", "ReciprocalTripletLoss", "softmax_reciprocal_loss"]
