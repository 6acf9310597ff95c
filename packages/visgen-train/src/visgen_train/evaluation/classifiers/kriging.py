"""Class means drawn to those of their relatives (see `evaluation.kriging`): the nearest one is the answer."""

import logging
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from visgen_train.errors import DataError
from visgen_train.evaluation.classifiers.base import Classifier, Embedded, Fitted, Known, best_on_validation
from visgen_train.evaluation.classifiers.calibration import calibrated
from visgen_train.evaluation.kriging import Problem, posterior
from visgen_train.evaluation.kriging import fit as fit_signal
from visgen_train.evaluation.kriging.fitting import best_independent
from visgen_train.evaluation.kriging.likelihood import Marginal, Signal
from visgen_train.evaluation.whitening import Whitened, nearness

log = logging.getLogger(__name__)

NOISES: Final = (1.0, 0.25, 0.5, 2.0, 4.0, 8.0)
"""s2: variance of an image about its species' mean in the whitened space, where it is 1 if whitening is right."""


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Where the species lie in the whitened space.

    Attributes
    ----------
    means : numpy.ndarray
        (k, d) of the classes of `Known`, and after them of the species without images.
    space : Whitened
        That of the images.
    s2 : float
    signal : Signal
    """

    means: np.ndarray
    space: Whitened
    s2: float
    signal: Signal

    def scores(self, queries: Embedded) -> np.ndarray:
        """(m, k) minus half the squared distance to each."""
        return self.white_scores(self.space.white(queries.vectors))

    def white_scores(self, white: np.ndarray) -> np.ndarray:
        """The same of images that are in the whitened space already, (m, d)."""
        return nearness(white, self.means)


def fit(known: Known) -> Fitted | None:
    """Scores: minus half the squared distance of the whitened vectors, of unit length before, to the posterior mean.

    None without distances, or where there is nothing to krige (fewer than three species, all equally far apart).
    v, lambda and l maximise the restricted likelihood for each s2, of which validation chooses one; the temperature of
    the probabilities is found on validation by itself, apart from s2.
    """
    return _fitted(known, independent=False)


def fit_independent(known: Known) -> Fitted | None:
    """The same at lambda = 0, as if all species were equally far apart: what kriging does without DNA."""
    return _fitted(known, independent=True)


def prototypes(
    known: Known, distances: np.ndarray, s2: float | None = None, *, independent: bool = False
) -> Prototypes:
    """The species' places, those without images included.

    Classes without DNA, which are trained only, are shrunk to the common mean as far as their number of images says.

    Parameters
    ----------
    known : Known
        Of the species with images; its own distances are not used.
    distances : numpy.ndarray
        (n, n) of the `scored` species of `known` and, after them, of those without images.
    s2 : float, optional
        Chosen on validation among `NOISES` if it is not given.
    independent : bool
        lambda is 0.

    Raises
    ------
    DataError
        As `Problem`.
    """
    space, counts, beyond = known.whitened, known.counts, len(distances) - known.scored
    means = space.means
    bare = Problem(
        tuple(map(str, range(len(distances)))),
        np.vstack([means[: known.scored], np.full((beyond, means.shape[1]), np.nan)]),
        np.concatenate([counts[: known.scored], np.zeros(beyond, np.int64)]),
        distances,
        1.0,
    )

    @cache
    def at(noise: float) -> Prototypes:
        problem = bare.with_noise(noise)
        signal = best_independent(Marginal.of(problem)) if independent else fit_signal(problem).signal
        found = posterior(problem, signal)
        keep = counts[known.scored :] * signal.variance
        share = (keep / (keep + noise))[:, None]
        trained_only = found.common + share * (means[known.scored :] - found.common)
        parts = [found.means[: known.scored], trained_only, found.means[known.scored :]]
        return Prototypes(np.vstack(parts), space, noise, signal)

    def on_validation(noise: float) -> Classifier:
        return lambda _: at(noise).white_scores(known.white_validation)[:, : known.classes]

    return at(best_on_validation(NOISES, on_validation, known) if s2 is None else s2)


def _fitted(known: Known, *, independent: bool) -> Fitted | None:
    if known.distances is None:
        return None
    try:
        found = prototypes(known, known.distances, independent=independent)
    except DataError as error:
        log.info("no kriging: %s", error)
        return None
    signal = found.signal
    told = {} if independent else {"lambda": signal.lambda_, "length": signal.length}
    return calibrated(found.scores, known, {"s2": found.s2, **told})
