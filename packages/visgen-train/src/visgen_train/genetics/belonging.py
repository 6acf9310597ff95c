"""Which species a sequence belongs to: the nearest one by shared words, if it is as near as species keep together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.genetics.words import Likeness, reverse_complement

_BLOCK: Final = 256
FAR: Final = 0.95
"""Share of the sequences whose nearest other species is nearer than `Limits.related`."""
_BACKWARDS: Final = 200
"""Sequences that are read backwards at most."""


@dataclass(frozen=True)
class Limits:
    """How near sequences of a species are to each other, and to the nearest other species.

    Attributes
    ----------
    same : float
        Up to here a sequence is of the species: the distance that best parts those to the nearest sequence of the own
        species from those to the nearest of another (highest mean of the two shares on the right side). 0, equal
        words, where no species has two sequences.
    related : float
        Up to here it is a relative: so near is the nearest other species for `FAR` of the sequences, and nearer than
        `FAR` of the sequences read backwards, which are related to nothing, come to any of them.
    """

    same: float
    related: float

    def verdict(self, distance: float) -> str:
        """ "species", "relative" or "none" at a distance from the nearest sequence."""
        if distance <= self.same:
            return "species"
        return "relative" if distance <= max(self.same, self.related) else "none"


def limits(sequences: Sequence[np.ndarray], species: np.ndarray) -> Limits:
    """The limits of some sequences.

    Parameters
    ----------
    sequences : sequence of numpy.ndarray
        Codes, see `words.bases`.
    species : numpy.ndarray
        (n,) of any kind.
    """
    likeness, own, other = Likeness(sequences), [np.zeros(0)], [np.zeros(0)]
    for start in range(0, len(sequences), _BLOCK):
        block = 1 - likeness.rows(slice(start, start + _BLOCK)).astype(np.float64)
        here = np.arange(len(block))
        same = species[start : start + len(block), None] == species[None]
        other.append(np.where(same, np.inf, block).min(1))
        same[here, start + here] = False
        own.append(np.where(same, block, np.inf).min(1))
    within, between = (values[np.isfinite(values)] for values in map(np.concatenate, (own, other)))
    related = float(np.quantile(between, FAR)) if len(between) else 1.0
    return Limits(_parting(within, between), min(related, _unrelated(sequences)))


def _unrelated(sequences: Sequence[np.ndarray]) -> float:
    """The distance that `FAR` of sequences read backwards, not complemented, keep from all as they are."""
    some = [sequences[row][::-1] for row in range(0, len(sequences), -(-len(sequences) // _BACKWARDS))]
    return float(np.quantile(nearest_distances(some, sequences)[0].min(1), 1 - FAR))


def _parting(within: np.ndarray, between: np.ndarray) -> float:
    if not len(within) or not len(between):
        return float(within.max(initial=0))
    values = np.unique(within)
    kept = np.searchsorted(np.sort(within), values, side="right") / len(within)
    caught = np.searchsorted(np.sort(between), values, side="right") / len(between)
    return float(values[int(np.argmax(kept - caught))])


def nearest_distances(
    queries: Sequence[np.ndarray], sequences: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """1 - the share of the words of 7 letters of the one with fewer that the other has, on the strand that is nearer.

    So a part of a sequence is at no distance from the whole, which it is by Bray-Curtis.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        (q, n) distances, and (q,) bool: read from the other strand.
    """
    both = [*queries, *(reverse_complement(one) for one in queries)]
    number = len(queries)
    likeness = Likeness([*both, *sequences]).rows(slice(0, 2 * number))[:, 2 * number :]
    forward, backward = likeness[:number], likeness[number:]
    turned = backward.max(1, initial=0) > forward.max(1, initial=0)
    return 1 - np.where(turned[:, None], backward, forward).astype(np.float64), turned
