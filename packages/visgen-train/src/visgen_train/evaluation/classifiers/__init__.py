"""Classifiers on an embedding, one a file, each fitted and chosen on training and validation images alone.

CONTRIBUTING.md says how to add one.
"""

from visgen_train.evaluation.classifiers.base import Classifier, Embedded, Fitted, Known
from visgen_train.evaluation.classifiers.calibration import temperature
from visgen_train.evaluation.classifiers.tables import CLASSIFIERS, DNA, WITHOUT_DNA, fit_all

__all__ = [
    "CLASSIFIERS",
    "DNA",
    "WITHOUT_DNA",
    "Classifier",
    "Embedded",
    "Fitted",
    "Known",
    "fit_all",
    "temperature",
]
