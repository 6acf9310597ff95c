"""Class-weighted cosine kNN: a common class has more images to vote with, so each of its votes counts less."""

from visgen_train.evaluation.classifiers.base import Fitted, Known
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.classifiers.neighbours import voting


def fit(known: Known) -> Fitted:
    """Scores: sum over the class' votes of 1 / (its training images), as a share of all k neighbours' votes.

    Equal shares and classes without a vote are ordered as `voting` says.
    """
    return calibrated(voting(known, 1 / known.counts), known)
