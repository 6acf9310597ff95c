"""Phylogenetic kriging: what a species looks like, from its images and from its relatives.

The mean of a species' whitened embeddings is its true mean and noise, m_c = mu_c + e_c, of variance s2 / n_c in every
dimension for n_c images. The true means are a Gaussian process over species: in every dimension a constant mean and
covariance v (lambda K + (1 - lambda) I), K = exp(-d / l) of the genetic distances d. lambda = 0: looks say nothing of
descent (Pagel, "Inferring the historical patterns of biological evolution", Nature 401, 1999, has the same lambda for
shared branch lengths). v, lambda and l maximise the restricted marginal likelihood; s2 is given.
"""

from visgen_train.evaluation.kriging.fitting import Fit, fit, lambda_interval
from visgen_train.evaluation.kriging.permutation import LEAST_SPECIES, GainTest, finding, gain_test, in_words
from visgen_train.evaluation.kriging.posterior import Posterior, posterior, probabilities
from visgen_train.evaluation.kriging.problem import Problem, whitened

__all__ = [
    "LEAST_SPECIES",
    "Fit",
    "GainTest",
    "Posterior",
    "Problem",
    "finding",
    "fit",
    "gain_test",
    "in_words",
    "lambda_interval",
    "posterior",
    "probabilities",
    "whitened",
]
