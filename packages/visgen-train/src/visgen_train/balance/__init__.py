"""Long-tail techniques, one a file: MaxNorm, class-balanced weights, logit adjustment."""

from visgen_train.balance.class_balanced import class_balanced_weights
from visgen_train.balance.logit_adjustment import log_prior
from visgen_train.balance.max_norm import MaxNorm

__all__ = ["MaxNorm", "class_balanced_weights", "log_prior"]
