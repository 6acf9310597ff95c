"""Parameters of the transform, validated once."""

import math
from dataclasses import dataclass
from numbers import Real
from typing import Final

from sgt_dna.errors import ParameterError

TINY: Final = 2.3e-308
"""Decayed sums below this count as 0: smaller numbers are denormal, and slow a processor down eightfold."""

AMBIGUOUS: Final = ("skip", "drop", "error")


@dataclass(frozen=True)
class SGTParams:
    """Parameters of the Sequence Graph Transform.

    Parameters
    ----------
    overlap : bool
        Dinucleotides overlap (ACG is AC, CG) or stand side by side (ACGT is AC, GT).
    kappa : float
        Decay: a pair of symbols d apart weighs ``exp(-kappa * d)``. The higher, the shorter the reach.
    ambiguous : {"skip", "drop", "error"}
        What happens to N, other IUPAC ambiguity codes and gaps: the position is kept and contributes nothing,
        or it is taken out before symbols are formed, or it is an error.

    Raises
    ------
    ParameterError
        kappa is not positive and finite or so large that ``exp(-kappa)`` vanishes; another value is unknown.

    Examples
    --------
    >>> SGTParams(kappa=5)
    SGTParams(overlap=True, kappa=5.0, ambiguous='skip')
    """

    overlap: bool = True
    kappa: float = 1.0
    ambiguous: str = "skip"

    def __post_init__(self) -> None:
        if not isinstance(self.overlap, bool):
            raise ParameterError(f"overlap must be True or False, not {self.overlap!r}")
        if self.ambiguous not in AMBIGUOUS:
            choices = ", ".join(map(repr, AMBIGUOUS))
            raise ParameterError(f"ambiguous must be one of {choices}, not {self.ambiguous!r}")
        object.__setattr__(self, "kappa", _valid_kappa(self.kappa))

    def __str__(self) -> str:
        overlap = "overlapping" if self.overlap else "non-overlapping"
        return f"dinucleotides, {overlap}, kappa={self.kappa:g}"


def _valid_kappa(kappa: object) -> float:
    if isinstance(kappa, bool) or not isinstance(kappa, Real):
        raise ParameterError(f"kappa must be a number, not {kappa!r}")
    value = float(kappa)
    if not (math.isfinite(value) and value > 0):
        raise ParameterError(f"kappa must be positive and finite, not {value}; 1, 5 and 10 are usual")
    if math.exp(-value) < TINY:
        raise ParameterError(
            f"kappa = {value:g} is too large: exp(-kappa) vanishes and every vector would be zero; "
            f"{math.floor(-math.log(TINY))} is the most"
        )
    return value
