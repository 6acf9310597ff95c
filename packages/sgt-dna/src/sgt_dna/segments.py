"""Long sequences: cut into segments of one size, whose statistics are joined.

So a long sequence takes no more memory than a short one and can be shared by threads; and since the cuts depend on
nothing but the sequence, its vector does not depend on the threads, nor on how it was read.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from sgt_dna.alphabet import Codes
from sgt_dna.params import SGTParams
from sgt_dna.state import Frame, finish, frame, joined

SEGMENT: Final = 3 * 2**20
"""Bases from one cut to the next: a multiple of 2 and 3, so that symbols side by side are not cut."""

LONG: Final = 2**20
"""Characters from which a sequence is read piece by piece. It is less than a segment, so all that need cutting are."""


class Cutter:
    """Cuts bases that come in pieces of any size.

    A segment ends k - 1 bases after the next one begins, for the symbols across the cut.
    """

    def __init__(self, params: SGTParams) -> None:
        self._overlap = params.k - 1
        self._bases = np.empty(SEGMENT + self._overlap, np.uint8)
        self._size = 0

    def add(self, bases: Codes) -> Iterator[Codes]:
        """Take a piece in, and give the segments that are complete."""
        while len(bases):
            taken = bases[: len(self._bases) - self._size]
            self._bases[self._size : self._size + len(taken)] = taken
            self._size += len(taken)
            bases = bases[len(taken) :]
            if self._size == len(self._bases):
                yield self._bases
                rest = self._bases[SEGMENT:].copy()
                self._bases = np.empty_like(self._bases)
                self._bases[: self._overlap] = rest
                self._size = self._overlap

    def rest(self) -> Codes:
        """The last segment, which may be empty."""
        return self._bases[: self._size]


def segment_frames(segment: Codes, params: SGTParams) -> list[Frame]:
    """Statistics of a segment: one frame for each base at which, from the end, the first symbol can stand."""
    starts = range(params.step if params.strand == "both" else 1)
    beyond = params.k - 1 if params.overlap else 0
    return [frame(segment[start : SEGMENT + start + beyond], params) for start in starts]


def joined_frames(a: list[Frame], b: list[Frame], params: SGTParams) -> list[Frame]:
    """Those of two segments that follow one another."""
    return [joined(of_a, of_b, params.kappa) for of_a, of_b in zip(a, b, strict=True)]


def vector_of(frames: list[Frame], n_bases: int, params: SGTParams) -> npt.NDArray[np.float64]:
    """Vector of a whole sequence, shape (16**k,).

    Raises
    ------
    ParameterError
        kappa is so small that the root of a length-sensitive value overflows.
    """
    return finish(frames[0], frames[n_bases % params.step if params.strand == "both" else 0], params)
