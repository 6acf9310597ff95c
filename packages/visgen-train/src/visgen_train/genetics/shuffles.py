"""Genetic anchors given to the wrong species: of any other one, or of another of the same genus."""

import math
from collections.abc import Sequence

import numpy as np


def shuffled(anchors: np.ndarray, number: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Anchors with their rows permuted so that every species has another's, uniform among such permutations.

    Returns
    -------
    list of numpy.ndarray
        `number` different ones, or all there are: none for 1 species, 1 for 2, 2 for 3, 9 for 4, 44 for 5.
    """
    return [anchors[order] for order in _orders([np.arange(len(anchors))], number, rng)]


def shuffled_within_genus(
    anchors: np.ndarray, species: Sequence[str], number: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Anchors permuted within each genus so that every species with a congener has a congener's.

    Returns
    -------
    list of numpy.ndarray
        `number` different ones, or all there are; none where no genus has two species.
    """
    names = np.array([genus(name) for name in species])
    groups = [np.flatnonzero(names == name) for name in np.unique(names)]
    return [anchors[order] for order in _orders(groups, number, rng)]


def genus(name: str) -> str:
    """The genus of a species, the first word of its name."""
    return name.split()[0]


def _orders(groups: Sequence[np.ndarray], number: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Different permutations of all positions that leave none in place in a group of two or more."""
    moving = [group for group in groups if len(group) > 1]
    exist = math.prod(_derangements(len(group)) for group in moving) if moving else 0
    found: dict[bytes, np.ndarray] = {}
    while len(found) < min(number, exist):
        order = np.arange(sum(map(len, groups)))
        for group in moving:
            order[group] = group[_derangement(len(group), rng)]
        found.setdefault(order.tobytes(), order)
    return list(found.values())


def _derangement(size: int, rng: np.random.Generator) -> np.ndarray:
    """Uniform, by rejection: a third or more of all permutations of two or more places are derangements."""
    while True:
        order = rng.permutation(size)
        if (order != np.arange(size)).all():
            return order


def _derangements(size: int) -> int:
    """How many there are: D(n) = n D(n - 1) + (-1)^n."""
    count = 1
    for n in range(1, size + 1):
        count = n * count + (-1) ** n
    return count
