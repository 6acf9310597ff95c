"""Species with sequences and no images: where they should lie, by kriging, and how they compete with the others.

Calibrated stacking: Chao, Changpinyo, Gong and Sha, "An empirical study and analysis of generalized zero-shot learning
for object recognition in the wild", ECCV 2016.
"""

from visgen_train.evaluation.zero_shot.hits import FIGURES, TOPS, figures, hits
from visgen_train.evaluation.zero_shot.model import Quarter, ZeroShot, fit_zero_shot, quarters
from visgen_train.evaluation.zero_shot.stacking import Margins, bound, constant, margins

__all__ = [
    "FIGURES",
    "TOPS",
    "Margins",
    "Quarter",
    "ZeroShot",
    "bound",
    "constant",
    "figures",
    "fit_zero_shot",
    "hits",
    "margins",
    "quarters",
]
