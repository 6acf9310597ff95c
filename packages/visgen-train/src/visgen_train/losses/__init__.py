"""The paper's losses and a baseline, one a file, as pytorch-metric-learning losses, whose miners and distances fit."""

from visgen_train.losses.combined import combined_loss
from visgen_train.losses.contrastive import ContrastiveLoss
from visgen_train.losses.cosine_alignment import CosineAlignmentLoss
from visgen_train.losses.infonce import InfoNCELoss
from visgen_train.losses.miners import MINERS
from visgen_train.losses.reciprocal_triplet import ReciprocalTripletLoss
from visgen_train.losses.tables import ALIGNMENT_LOSSES, METRIC_LOSSES
from visgen_train.losses.triplet import TripletLoss

__all__ = [
    "ALIGNMENT_LOSSES",
    "METRIC_LOSSES",
    "MINERS",
    "ContrastiveLoss",
    "CosineAlignmentLoss",
    "InfoNCELoss",
    "ReciprocalTripletLoss",
    "TripletLoss",
    "combined_loss",
]
