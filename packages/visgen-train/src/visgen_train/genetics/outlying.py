"""Sequences that do not lie beside the others: of another length, another strand, or with nothing in common."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from visgen_train.genetics.words import common, families, reverse_complement, strands

TIMES: Final = 3
"""Times the median length that a sequence may have, or a part of it."""
MOST: Final = 2 / 3
"""Share of the sequences that the largest family must hold, for the others to stand out."""
ALIKE: Final = 30
"""Long words that nine in ten sequences must share with other species, for one that shares none to stand out."""


def apart(codes: Sequence[np.ndarray], species: np.ndarray) -> np.ndarray:
    """(n,) bool: outside the largest family, if that holds together well.

    Parameters
    ----------
    codes : sequence of numpy.ndarray
        See `words.bases`; all on the same strand.
    species : numpy.ndarray
        (n,) of any kind.
    """
    family = families(codes)
    main = family == np.bincount(family, minlength=1).argmax()
    together = common(codes, species)[main]
    if len(together) <= MOST * len(codes) or np.quantile(together, 0.1) < ALIKE:
        return np.zeros(len(codes), bool)
    foreign: np.ndarray = ~main
    return foreign


def outlying(codes: Sequence[np.ndarray], species: np.ndarray) -> dict[int, str]:
    """Rows of the sequences that an alignment of all would suffer from, each with the reason in words.

    Parameters
    ----------
    codes : sequence of numpy.ndarray
        One or more, see `words.bases`.
    species : numpy.ndarray
        (n,) of any kind.
    """
    turned = strands(codes)
    upright = [reverse_complement(one) if back else one for one, back in zip(codes, turned, strict=True)]
    foreign = apart(upright, species)
    length = np.array([len(one) for one in codes])
    middle = float(np.median(length))
    reasons = (
        ("the other strand", turned),
        ("nothing in common with the others", foreign),
        (f"over {TIMES} times the median length", length > TIMES * middle),
        (f"under a {TIMES}rd of the median length", length * TIMES < middle),
    )
    return {row: why for why, which in reversed(reasons) for row in np.flatnonzero(which).tolist()}
