"""Species left out whole, some at a time: can their images be told apart by relatives alone?"""

from typing import Any, Final

import numpy as np

from visgen_train.experiment.signal.estimates import estimate
from visgen_train.experiment.signal.learning import Arm, Space, arms, scores, space_without, weights
from visgen_train.experiment.signal.sample import Sample, Settings
from visgen_train.io.progress import Track, silent

LEAST: Final = 6
"""Species, or there are too few to leave some out and to learn from the others."""
AT_ONCE: Final = 6
TOP: Final = 3
_STREAM: Final = 2
_TIE: Final = 1e-9


def zero_shot(sample: Sample, settings: Settings, track: Track = silent) -> dict[str, Any] | None:
    """Name the images of left-out species among these, by means kriged from the species that stay.

    In each repeat the species are dealt into groups of about six (five to eight; with fewer than 16 species, halves),
    and each group is left out in its turn.

    Returns
    -------
    dict or None
        Top-1 and top-3 shares, per class, see docs/kriging.md; None with fewer than six species.
    """
    if not possible(sample):
        return None
    number = len(sample.species)
    groups = _groups(number)
    rng = np.random.default_rng((settings.seed, _STREAM))
    deals = [
        group for _ in range(settings.repeats) for group in np.array_split(rng.permutation(number), groups)
    ]
    found: dict[int, list[np.ndarray]] = {species: [] for species in range(number)}
    for group in track(deals, "No images", len(deals)):
        space = space_without(sample, group, rng)
        compared = arms(space, sample.distances.matrix, rng)
        white = sample.unwhitened @ space.whitening
        real = _shares(sample, white, space, compared.real, group)
        shuffled = np.mean([_shares(sample, white, space, arm, group) for arm in compared.shuffled], 0)
        chance = np.minimum([1, TOP], len(group)) / len(group)
        for row, species in enumerate(group):
            found[int(species)].append(np.array([real[row], shuffled[row], chance]))
    values = np.array([np.mean(found[species], 0) for species in range(number)])
    return {
        "species": number,
        "at_once": -(-number // groups),
        "repeats": settings.repeats,
        "images_asked": len(sample.labels),
        "top1": _figures(values[:, :, 0]),
        "top3": _figures(values[:, :, 1]) if number // groups > TOP else None,
    }


def possible(sample: Sample) -> bool:
    """Whether there are species enough, and enough with two specimens that no group takes all of them."""
    number = len(sample.species)
    return number >= LEAST and int((sample.unit_counts > 1).sum()) > -(-number // _groups(number))


def _groups(number: int) -> int:
    """Number of groups that so many species are dealt into; the largest has one species more than the smallest."""
    return max(2, round(number / AT_ONCE))


def hits(found: np.ndarray, truth: int, top: int) -> np.ndarray:
    """(q,) whether the truth is among the first; where scores are equal, how likely it is if these are drawn.

    >>> hits(np.array([[3.0, 2.0, 1.0], [2.0, 2.0, 2.0]]), 1, 1)
    array([0.        , 0.33333333])
    """
    own = found[:, [truth]]
    tie = _TIE * np.abs(found).max(1, keepdims=True)
    above = (found > own + tie).sum(1)
    equal = (np.abs(found - own) <= tie).sum(1)
    share: np.ndarray = np.clip((top - above) / equal, 0, 1)
    return share


def _shares(sample: Sample, white: np.ndarray, space: Space, arm: Arm, group: np.ndarray) -> np.ndarray:
    """(group, 2) top-1 and top-3 share of each species."""
    prototypes = weights(space, arm)[group] @ space.means[space.counts > 0]
    found = []
    for row, species in enumerate(group):
        table = scores(white[sample.labels == species], prototypes)
        found.append([hits(table, row, top).mean() for top in (1, TOP)])
    return np.array(found)


def _figures(values: np.ndarray) -> dict[str, Any]:
    """`values`: (species, 3) with real DNA, shuffled, and by chance."""
    real, shuffled, chance = values.T
    return {
        "real": estimate(real, (0, 1)),
        "shuffled": estimate(shuffled, (0, 1)),
        "chance": float(chance.mean()),
        "real_minus_shuffled": estimate(real - shuffled),
    }
