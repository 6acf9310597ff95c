"""Targets in place of the genetic anchors: what training towards fixed points does without the right DNA."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from visgen_train.errors import ConfigError, DataError, near
from visgen_train.genetics.shuffles import shuffled, shuffled_within_genus

KINDS = {
    "dna": "the species' own genetic anchors",
    "same-steps": "no DNA: as many more steps by the loss of stage 1",
    "shuffled": "genetic anchors, each species with another's",
    "genus-shuffled": "genetic anchors, exchanged within each genus",
    "orthogonal": "random directions at right angles to each other",
    "collinear": "random directions as close to each other as the genetic anchors are on average",
    "class-means": "no DNA: the mean embedding of each species' training images",
}
SHUFFLED, GENUS = "shuffled", "genus-shuffled"
SHUFFLES = 5
"""Permutations of a kind: one alone may by chance bring relatives together."""

_STREAM = 5
"""A spawn key of the seed, since other streams begin with (seed, number)."""
_FLAT = 1e-12
"""A feature whose spread is below this share of its size is constant but for rounding."""


@dataclass(frozen=True)
class Targets:
    """What the images of each species are drawn to in place of its anchor.

    Attributes
    ----------
    name : str
        Unique in an ablation, such as `shuffled-3`.
    kind : str
        Of `KINDS`.
    vectors : numpy.ndarray
        (species, d).
    order : numpy.ndarray, optional
        (species,) of a shuffle: the species whose DNA each is given.
    """

    name: str
    kind: str
    vectors: np.ndarray
    order: np.ndarray | None = None


def controls(
    anchors: np.ndarray,
    species: Sequence[str],
    means: Callable[[], np.ndarray],
    seed: int,
    kinds: Iterable[str] = tuple(KINDS),
) -> list[Targets]:
    """Every control that is a set of targets, in the order of `KINDS`; of the kinds asked for.

    A kind has its own random stream, so its targets do not depend on what else is asked for. Targets that are no
    permutation of the anchors get the anchors' root mean square length, which the cosine loss does not see but the
    Euclidean one and a projection do.

    Parameters
    ----------
    anchors : numpy.ndarray
        (species, d), two species or more.
    species : sequence of str
        Their names, `Genus epithet`.
    means : callable
        Gives (species, e) from `class_means`; called if they are asked for.
    kinds : iterable of str
        Of `KINDS`; "dna" and "same-steps" are no targets to make and give nothing here.

    Raises
    ------
    ConfigError
        An unknown kind.
    """
    chosen = _known(kinds)
    number, d = anchors.shape
    makers: dict[str, Callable[[np.random.Generator], list[Targets]]] = {
        SHUFFLED: lambda rng: _dealt(SHUFFLED, anchors, shuffled(np.arange(number), SHUFFLES, rng)),
        GENUS: lambda rng: _dealt(
            GENUS, anchors, shuffled_within_genus(np.arange(number), species, SHUFFLES, rng)
        ),
        "orthogonal": lambda rng: _made("orthogonal", equal_cosine(number, d, 0.0, rng), anchors),
        "collinear": lambda rng: _made(
            "collinear", equal_cosine(number, d, mean_cosine(anchors), rng), anchors
        ),
        "class-means": lambda _: _made("class-means", means(), anchors),
    }
    made: list[Targets] = []
    for stream, (kind, make) in enumerate(makers.items()):
        if kind in chosen:
            sequence = np.random.SeedSequence(seed, spawn_key=(_STREAM, stream))
            made += make(np.random.default_rng(sequence))
    return made


def equal_cosine(number: int, d: int, cosine: float, rng: np.random.Generator) -> np.ndarray:
    """Random unit vectors, any two at the same cosine.

    They are S Q: S is the symmetric square root of the Gram matrix (1 - c) I + c J, J all ones, and Q random
    orthonormal rows. More vectors than dimensions cannot be equally far apart in general. These are drawn about a
    common random direction (about none for a negative cosine), so that their cosines scatter about the one asked for,
    by some 1 / sqrt(d).

    Parameters
    ----------
    number, d : int
        Of vectors and dimensions.
    cosine : float
        From -1 / (number - 1), the corners of a simplex, to 1.

    Returns
    -------
    numpy.ndarray
        (number, d) float64.

    Raises
    ------
    ConfigError
        No such vectors exist.
    """
    lowest, slack = 1 + (number - 1) * cosine, 1e-9  # an eigenvalue of the Gram matrix; `slack` for rounding
    if lowest < -slack or cosine > 1 + slack:
        raise ConfigError(
            f"{number} vectors cannot all have cosine {cosine:.4g} with each other; take one from "
            f"{-1 / (number - 1):.4g} to 1."
        )
    if number > d:
        share = min(max(cosine, 0.0), 1.0)
        common = _unit(rng.standard_normal(d))
        own = rng.standard_normal((number, d)) / math.sqrt(d)
        return _unit(math.sqrt(share) * common + math.sqrt(1 - share) * own)
    mean = np.full((number, number), 1 / number)
    root = math.sqrt(max(lowest, 0.0)) * mean + math.sqrt(max(1 - cosine, 0.0)) * (np.eye(number) - mean)
    vectors: np.ndarray = root @ _orthonormal(number, d, rng)
    return vectors


def mean_cosine(anchors: np.ndarray) -> float:
    """The mean cosine of two different rows of (n, d), n two or more."""
    unit, number = _unit(anchors), len(anchors)
    return float(((unit @ unit.T).sum() - number) / (number * (number - 1)))


def class_means(
    embedding: np.ndarray, labels: np.ndarray, classes: Sequence[str], transform: str
) -> np.ndarray:
    """The mean of each species' training embeddings, of unit length each, transformed like the anchors.

    Parameters
    ----------
    embedding : numpy.ndarray
        (n, d) of training images.
    labels : numpy.ndarray
        (n,) positions in `classes`; images of species beyond them (trained without DNA) do not count.
    classes : sequence of str
        The species that have anchors.
    transform : str
        "none", "centre" or "standardise", as in `sgt_dna.anchors`.

    Returns
    -------
    numpy.ndarray
        (classes, d) float64.

    Raises
    ------
    DataError
        A species without a training image.
    """
    missing = [name for label, name in enumerate(classes) if not (labels == label).any()]
    if missing:
        raise DataError(
            f"No training image of {', '.join(missing)}, so no mean; add images, or leave the control class-means out."
        )
    unit = _unit(embedding.astype(np.float64))
    return _TRANSFORMS[transform](np.stack([unit[labels == label].mean(0) for label in range(len(classes))]))


def _standardised(means: np.ndarray) -> np.ndarray:
    """A feature that is the same in all rows becomes 0."""
    centred = means - means.mean(0)
    spread = centred.std(0)
    flat = spread <= _FLAT * np.abs(means).max(0)
    return np.where(flat, 0.0, centred / np.where(flat, 1.0, spread))


_TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda means: means,
    "centre": lambda means: means - means.mean(0),
    "standardise": _standardised,
}


def _known(kinds: Iterable[str]) -> set[str]:
    chosen = set(kinds)
    for kind in sorted(chosen - set(KINDS)):
        raise ConfigError(f"There is no control {kind!r}; there are {', '.join(KINDS)}{near(kind, KINDS)}.")
    return chosen


def kind_of(name: str) -> str:
    """The kind of a target, by its name.

    >>> kind_of("genus-shuffled-3"), kind_of("class-means")
    ('genus-shuffled', 'class-means')
    """
    kind, _, place = name.rpartition("-")
    return kind if place.isdigit() else name


def _dealt(kind: str, anchors: np.ndarray, orders: Sequence[np.ndarray]) -> list[Targets]:
    """`kind-1`, `kind-2`, ..."""
    return [Targets(f"{kind}-{place}", kind, anchors[order], order) for place, order in enumerate(orders, 1)]


def _made(kind: str, vectors: np.ndarray, anchors: np.ndarray) -> list[Targets]:
    """The vectors times one number, so that their root mean square length is the anchors'."""
    return [Targets(kind, kind, vectors * math.sqrt((anchors**2).sum() / (vectors**2).sum()))]


def _orthonormal(number: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """(number, d) orthonormal rows, uniform: the signs of R make the QR decomposition unique (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((d, number)))
    rows: np.ndarray = (q * np.sign(np.diag(r))).T
    return rows


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return unit
