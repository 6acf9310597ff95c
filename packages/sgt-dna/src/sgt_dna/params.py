"""Parameters of the transform, validated once."""

import math
import operator
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Final

from sgt_dna.errors import ParameterError

TINY: Final = 2.3e-308
"""Decayed sums below this count as 0: smaller numbers are denormal, and slow a processor down eightfold."""

LEAST_KAPPA: Final = 0.001
"""The root 1 / kappa magnifies rounding errors of 1e-16 to 1e-16 / kappa: below this too few digits are left."""

K: Final = (1, 2, 3)
AMBIGUOUS: Final = ("skip", "drop", "error")
STRANDS: Final = ("forward", "both")

_SYMBOL_NAMES: Final = {1: "mononucleotides", 2: "dinucleotides", 3: "trinucleotides"}


@dataclass(frozen=True)
class SGTParams:
    """Parameters of the Sequence Graph Transform; they travel with every result and every file.

    Parameters
    ----------
    k : {1, 2, 3}
        Bases a symbol: 4, 16 or 64 symbols, and 16, 256 or 4,096 features.
    overlap : bool
        Symbols overlap (with k = 2, ACG is AC, CG) or stand side by side (ACGT is AC, GT).
    kappa : float
        Decay, 0.001 to 708: a pair of symbols d apart weighs ``exp(-kappa * d)``. The higher, the shorter the
        reach. Vectors are exact to 1e-12 from 0.1 on, to some 1e-13 / kappa below.
    length_sensitive : bool
        Multiply the mean weight of a pair by the length, in symbols, before the root is taken.
    ambiguous : {"skip", "drop", "error"}
        What happens to N, other IUPAC ambiguity codes and gaps: the position is kept and contributes nothing,
        or it is taken out before symbols are formed, or it is an error.
    strand : {"forward", "both"}
        The sequence as given, or the statistics of it and of its reverse complement added, so that both give
        one vector.

    Raises
    ------
    ParameterError
        kappa is out of its range; another value is unknown.

    Examples
    --------
    >>> SGTParams(kappa=5).kappa
    5.0
    >>> print(SGTParams(k=3, strand="both"))
    trinucleotides, overlapping, kappa=1, both strands

    Other sequences, embedded as those of a result:

    >>> import sgt_dna
    >>> from dataclasses import asdict
    >>> first = sgt_dna.embed(["ACGTTGCA"], k=1)
    >>> sgt_dna.embed(["TTGACA"], **asdict(first.params)).params == first.params
    True
    """

    k: int = 2
    overlap: bool = True
    kappa: float = 1.0
    length_sensitive: bool = False
    ambiguous: str = "skip"
    strand: str = "forward"

    def __post_init__(self) -> None:
        for name in ("overlap", "length_sensitive"):
            if not isinstance(getattr(self, name), bool):
                raise ParameterError(f"{name} must be True or False, not {getattr(self, name)!r}")
        for name, choices in (("ambiguous", AMBIGUOUS), ("strand", STRANDS)):
            if getattr(self, name) not in choices:
                known = ", ".join(map(repr, choices))
                raise ParameterError(f"{name} must be one of {known}, not {getattr(self, name)!r}")
        if isinstance(self.k, bool) or not isinstance(self.k, Integral) or self.k not in K:
            raise ParameterError(f"k must be 1, 2 or 3, not {self.k!r}")
        object.__setattr__(self, "k", int(self.k))
        object.__setattr__(self, "kappa", _valid_kappa(self.kappa))

    def __str__(self) -> str:
        said = [_SYMBOL_NAMES[self.k]]
        if self.k > 1:
            said.append("overlapping" if self.overlap else "non-overlapping")
        said.append(f"kappa={self.kappa:g}")
        if self.length_sensitive:
            said.append("length-sensitive")
        if self.strand == "both":
            said.append("both strands")
        return ", ".join(said)

    @property
    def step(self) -> int:
        """Bases from the start of one symbol to the start of the next."""
        return 1 if self.overlap else self.k


def _valid_kappa(kappa: object) -> float:
    if isinstance(kappa, bool) or not isinstance(kappa, Real):
        raise ParameterError(f"kappa must be a number, not {kappa!r}")
    value = float(kappa)
    if not (math.isfinite(value) and value > 0):
        raise ParameterError(f"kappa must be positive and finite, not {value}; 1, 5 and 10 are usual")
    if value < LEAST_KAPPA:
        raise ParameterError(
            f"kappa = {value:g} is too small: the root 1 / kappa leaves too few digits; {LEAST_KAPPA} is the least"
        )
    if math.exp(-value) < TINY:
        raise ParameterError(
            f"kappa = {value:g} is too large: exp(-kappa) vanishes and every vector would be zero; "
            f"{math.floor(-math.log(TINY))} is the most"
        )
    return value


def positive_integer(name: str, value: object) -> int:
    """The value as an int.

    Raises
    ------
    ParameterError
        It is no integer, or not positive.
    """
    try:
        number = 0 if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = 0
    if number < 1:
        raise ParameterError(f"{name} must be a positive integer, not {value!r}")
    return number
