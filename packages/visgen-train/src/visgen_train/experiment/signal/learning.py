"""What the other species teach: a whitened space, how images scatter in it, and how far looks follow descent."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from visgen_train.evaluation.kriging import Problem, fit, posterior
from visgen_train.evaluation.kriging.fitting import best_independent
from visgen_train.evaluation.kriging.likelihood import Marginal, Signal
from visgen_train.evaluation.kriging.problem import all_equal
from visgen_train.evaluation.whitening import class_means, whitener
from visgen_train.experiment.signal.sample import Sample, specimens

SHUFFLES = 10
"""Of the species in the distances, each species or group that is left out with its own."""
_HELD_OUT = 0.2


@dataclass(frozen=True, eq=False)
class Space:
    """The whitened space of some species.

    Attributes
    ----------
    whitening : numpy.ndarray
        (d, d), see `kriging.whitened`.
    means : numpy.ndarray
        (m, d) of all species, NaN for those left out.
    counts : numpy.ndarray
        (m,) specimens, 0 for those left out: pictures of one specimen say little more of the species than one does.
    s2 : float
        Variance of a specimen about the mean of its species, a dimension.
    """

    whitening: np.ndarray
    means: np.ndarray
    counts: np.ndarray
    s2: float


class Arm(NamedTuple):
    """Distances, real or shuffled or of no account, and the signal that fits them best."""

    distances: np.ndarray
    signal: Signal


class Arms(NamedTuple):
    """What is compared."""

    real: Arm
    shuffled: list[Arm]
    without: Arm


def space_without(sample: Sample, left_out: np.ndarray, rng: np.random.Generator) -> Space:
    """The space as all species but those `left_out` teach it."""
    rows = ~np.isin(sample.labels, left_out)
    vectors, units = sample.unwhitened[rows], sample.units[rows]
    present, labels = np.unique(sample.labels[rows], return_inverse=True)
    whitening = whitener(vectors, labels, len(present))
    means = np.full((len(sample.species), vectors.shape[1]), np.nan)
    means[present] = class_means(vectors @ whitening, labels, len(present))
    counts = np.where(np.isin(np.arange(len(means)), present), sample.unit_counts, 0)
    return Space(whitening, means, counts, noise_variance(vectors, labels, units, rng))


def noise_variance(
    vectors: np.ndarray, labels: np.ndarray, units: np.ndarray, rng: np.random.Generator
) -> float:
    """s2, from images that neither the whitening nor their species' mean has seen.

    Of one half of the species, then of the other, a fifth of the specimens are held out (one at least, and one at
    least stays): |W'(x - m_c)|^2 is (1 + 1 / n_c) s2 d on average, for a mean m_c of n_c specimens.

    Parameters
    ----------
    vectors : numpy.ndarray
        (n, d) of length 1.
    labels, units : numpy.ndarray
        (n,) classes from 0, and specimens.

    Returns
    -------
    float
        1, as right whitening makes it, where fewer than two classes have two specimens.
    """
    several = [c for c in range(int(labels.max()) + 1) if len(set(units[labels == c].tolist())) > 1]
    if len(several) < 2:
        return 1.0
    order = rng.permutation(several)
    found = np.zeros(2)
    for half in (order[::2], order[1::2]):
        out = np.zeros(len(labels), bool)
        for c in half:
            names = np.unique(units[labels == c])
            chosen = rng.permutation(names)[: max(1, int(_HELD_OUT * len(names)))]
            out |= (labels == c) & np.isin(units, chosen)
        found += _scatter(vectors, labels, units, out)
    return float(max(found[0] / found[1], 1e-6))


def _scatter(vectors: np.ndarray, labels: np.ndarray, units: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Sum of squared distances of the held-out images, and what it would be if s2 were 1."""
    classes = int(labels.max()) + 1
    whitening = whitener(vectors[~out], labels[~out], classes)
    means = class_means(vectors[~out] @ whitening, labels[~out], classes)
    counts = specimens(labels[~out], units[~out], classes)
    distances = ((vectors[out] @ whitening - means[labels[out]]) ** 2).sum()
    return np.array([distances, vectors.shape[1] * (1 + 1 / counts[labels[out]]).sum()])


def arms(space: Space, distances: np.ndarray, rng: np.random.Generator) -> Arms:
    """Fit real distances, species-shuffled ones, and none, to the species of the space.

    Parameters
    ----------
    distances : numpy.ndarray
        (m, m) of all species.
    """
    orders = [rng.permutation(len(distances)) for _ in range(SHUFFLES)]
    shuffled = [_fitted(space, distances[np.ix_(order, order)]) for order in orders]
    return Arms(_fitted(space, distances), shuffled, _independent(space))


def weights(space: Space, arm: Arm) -> np.ndarray:
    """(m, k) what the means of the k species with images weigh in the kriged mean of each: kriging is linear."""
    eye = np.eye(len(space.counts))[:, space.counts > 0]
    problem = Problem(_names(space), eye, space.counts, arm.distances, space.s2)
    return posterior(problem, arm.signal).means


def with_images(space: Space, species: int, number: int) -> Space:
    """The same with so many images of a species; its mean is still to be put in."""
    counts = space.counts.copy()
    counts[species] = number
    return replace(space, counts=counts)


def scores(queries: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """(q, k) the higher the nearer: log softmax of -|q - p|^2 / 2, but for what all prototypes share."""
    found: np.ndarray = queries @ prototypes.T - (prototypes**2).sum(1) / 2
    return found


def _fitted(space: Space, distances: np.ndarray) -> Arm:
    seen = space.counts > 0
    if all_equal(
        distances[np.ix_(seen, seen)]
    ):  # all equally related, so these species tell nothing of descent
        return _independent(space)
    return Arm(distances, fit(Problem(_names(space), space.means, space.counts, distances, space.s2)).signal)


def _independent(space: Space) -> Arm:
    """lambda = 0, where no distance counts; those that stand there are unequal since `Problem` asks for it."""
    places = np.arange(len(space.counts), dtype=float)
    distances = np.abs(places[:, None] - places)
    problem = Problem(_names(space), space.means, space.counts, distances, space.s2)
    return Arm(distances, best_independent(Marginal.of(problem)))


def _names(space: Space) -> tuple[str, ...]:
    return tuple(map(str, range(len(space.counts))))
