"""The losses by the names that configurations give them."""

from collections.abc import Callable

from pytorch_metric_learning.losses import BaseMetricLossFunction

from visgen_train.config import AlignConfig
from visgen_train.losses.contrastive import ContrastiveLoss
from visgen_train.losses.cosine_alignment import CosineAlignmentLoss
from visgen_train.losses.infonce import InfoNCELoss
from visgen_train.losses.reciprocal_triplet import ReciprocalTripletLoss
from visgen_train.losses.triplet import TripletLoss

# Stage 1, beside the softmax (eq. 4); made from its margin, called as loss(embedding, labels, triplets). The reciprocal
# loss has no margin.
METRIC_LOSSES: dict[str, Callable[[float], BaseMetricLossFunction]] = {
    "reciprocal_triplet": lambda margin: ReciprocalTripletLoss(),
    "triplet": TripletLoss,
    "contrastive": ContrastiveLoss,
}

# Stage 2; called as loss(anchors, anchor_labels, ref_emb=embedding, ref_labels=labels). "euclidean" is L_RTL with the
# genetic anchors as a: the paper tried it and found no transfer (sec. 5.1). "infonce" is a baseline from elsewhere.
ALIGNMENT_LOSSES: dict[str, Callable[[AlignConfig], BaseMetricLossFunction]] = {
    "cosine": lambda config: CosineAlignmentLoss(config.margin),
    "euclidean": lambda config: ReciprocalTripletLoss(),
    "infonce": lambda config: InfoNCELoss(config.temperature),
}
