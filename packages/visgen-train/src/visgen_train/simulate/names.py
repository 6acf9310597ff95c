"""Made-up Latin binomials: relatives share a genus, and nobody can take one for a real species."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from visgen_train.simulate.tree import Tree, covariance, tip_order

STEMS = (
    "Ficto", "Simulo", "Nusquamo", "Fabulo", "Mendaco", "Chimaero", "Somnio", "Commento",
    "Imagino", "Nihilo", "Larvo", "Mirago", "Falsido", "Phasmo", "Ludibrio", "Utopo",
)  # fmt: skip
ENDINGS = ("globina", "rotella", "turbina", "spirina")
EPITHETS = (
    "absens", "apocrypha", "arbitraria", "artificialis", "commentata", "conjecta", "deceptrix", "effigiata",
    "ephemera", "evanida", "fabulosa", "falsa", "ficta", "fortuita", "hypothetica", "imaginaria",
    "incerta", "inventa", "irrealis", "mendax", "mirabunda", "nonexistens", "numerica", "phantasma",
    "simulata", "somniata", "supposita", "temeraria", "umbratica", "vacua", "vana", "virtualis",
)  # fmt: skip
GENUS_SIZES = (2, 3, 4)
MOST_SPECIES = GENUS_SIZES[0] * len(STEMS) * len(ENDINGS)
"""Enough names for this many species, however they fall into genera."""


def genera(tree: Tree) -> list[list[int]]:
    """Cut the tips, in the order of a drawing of the tree, into runs of two to four relatives.

    Among all ways to cut, the best severs neighbours that share less than half of the path from the root and
    spares those that share more.

    Returns
    -------
    list of list of int
        Tips of each genus; every tip is in exactly one.
    """
    order, shared = tip_order(tree), covariance(tree)
    best: dict[int, tuple[float, list[list[int]]]] = {0: (0.0, [])}
    for end in range(1, len(order) + 1):
        options = []
        for start in (end - size for size in GENUS_SIZES if end - size in best):
            cost, runs = best[start]
            if start:
                cost += shared[order[start - 1], order[start]] - 0.5
            options.append((cost, [*runs, order[start:end]]))
        if options:
            best[end] = min(options)
    return best[len(order)][1]


def binomials(tree: Tree, rng: np.random.Generator) -> tuple[str, ...]:
    """A unique ``Genus epithet`` for each tip of a tree of 2 to ``MOST_SPECIES`` species.

    Parameters
    ----------
    tree : Tree
        The species tree.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    tuple of str, length n
        Names in the order of the tips.
    """
    epithets: NDArray[np.int64] = np.arange(0)
    groups = genera(tree)
    places = rng.permutation(len(STEMS) * len(ENDINGS))[: len(groups)]
    names = [""] * len(tree.names)
    for place, tips in zip(places, groups, strict=True):
        genus = STEMS[place // len(ENDINGS)] + ENDINGS[place % len(ENDINGS)]
        if len(epithets) < len(tips):  # each epithet serves once before any serves again
            epithets = rng.permutation(len(EPITHETS))
        for tip, epithet in zip(tips, epithets[: len(tips)], strict=True):
            names[tip] = f"{genus} {EPITHETS[epithet]}"
        epithets = epithets[len(tips) :]
    return tuple(names)
