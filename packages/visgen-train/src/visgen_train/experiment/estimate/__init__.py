"""How long a run would take: a few real steps, timed, and what there is to do, counted."""

from visgen_train.experiment.estimate.estimate import estimate

__all__ = ["estimate"]
