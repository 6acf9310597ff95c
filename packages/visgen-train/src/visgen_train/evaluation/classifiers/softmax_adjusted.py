"""Softmax with post-hoc logit adjustment: Menon et al., "Long-tail learning via logit adjustment", ICLR 2021, eq. 9."""

import numpy as np

from visgen_train.evaluation.classifiers.base import Classifier, Embedded, Fitted, Known, best_on_validation
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.classifiers.softmax import logits

TAUS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)
"""1 is right in theory for a network trained on natural counts, 0 for one trained on class-balanced batches."""


def fit(known: Known) -> Fitted | None:
    """Scores: logits - tau log(share of the class among the training images); None for an embedding without logits.

    Validation chooses tau.
    """
    if known.train.logits is None:
        return None
    # not above: it brings torch, which features without logits can spare
    from visgen_train.balance import log_prior

    prior = log_prior(known.counts)

    def make(tau: float) -> Classifier:
        def scores(queries: Embedded) -> np.ndarray:
            return logits(queries) - tau * prior

        return scores

    tau = best_on_validation(TAUS, make, known)
    return calibrated(make(tau), known, {"tau": tau})
