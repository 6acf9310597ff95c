"""Sufficient statistics of a sequence, or of a part of one, that can be extended, merged and finished."""

from dataclasses import asdict
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from sgt_dna.alphabet import Codes, reverse_complements
from sgt_dna.encode import encode_bases
from sgt_dna.errors import ParameterError
from sgt_dna.params import TINY, SGTParams

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

DEFAULT: Final = SGTParams()


class Frame(NamedTuple):
    """Statistics of a run of symbols, of which there are n kinds.

    Parameters
    ----------
    length : int
        Positions of the run, known symbols or not.
    starts : (n,) float64
        Q_v, the sum of ``exp(-kappa d)`` over the symbols v, d their distance from the first position.
    ends : (n,) float64
        P_u, the sum of ``exp(-kappa d)`` over the symbols u, d their distance to the position after the last.
    counts : (n,) int64
        C_u, the number of symbols u.
    weights : (n, n) float64
        W, the sum of ``exp(-kappa d)`` over all pairs "u, d positions later v", at [v, u].
    pairs : (n, n) int64
        N, the number of such pairs, at [v, u].
    """

    length: int
    starts: Floats
    ends: Floats
    counts: Counts
    weights: Floats
    pairs: Counts


def frame(bases: Codes, params: SGTParams) -> Frame:
    """Statistics of the symbols of a run of bases, the first symbol at the first base."""
    from sgt_dna import _kernel  # numba takes half a second to import

    return Frame(*_kernel.statistics(bases, params.k, params.step, params.kappa))


def joined(a: Frame, b: Frame, kappa: float) -> Frame:
    """Statistics of the symbols of `a` followed by those of `b`: associative, exact but for rounding."""
    return Frame(
        length=a.length + b.length,
        starts=a.starts + _floored(np.exp(-kappa * a.length) * b.starts),
        ends=_floored(np.exp(-kappa * b.length) * a.ends) + b.ends,
        counts=a.counts + b.counts,
        weights=a.weights + b.weights + _floored(np.outer(b.starts, a.ends)),
        pairs=a.pairs + b.pairs + np.outer(b.counts, a.counts),
    )


def finish(forward: Frame, backward: Frame, params: SGTParams) -> Floats:
    """Vector of a whole sequence, shape (16**k,).

    Parameters
    ----------
    forward : Frame
        Symbols from the first base on.
    backward : Frame
        With ``strand="both"``: the frame whose last symbol ends at the last base. Its tables turned over are
        those of the reverse complement, where "u, later v" reads "v complemented, later u complemented".

    Raises
    ------
    ParameterError
        kappa is so small that the root of a length-sensitive value overflows.
    """
    from sgt_dna import _kernel

    weights, pairs, length = forward.weights, forward.pairs, float(forward.counts.sum())
    if params.strand == "both":
        turned = np.ix_(reverse_complements(params.k), reverse_complements(params.k))
        weights = weights + backward.weights.T[turned]
        pairs = pairs + backward.pairs.T[turned]
        length = (length + float(backward.counts.sum())) / 2
    vector = _kernel.finish(weights, pairs, length if params.length_sensitive else 1.0, params.kappa)
    if params.length_sensitive and not np.isfinite(vector).all():
        raise ParameterError(
            f"kappa = {params.kappa:g} is too small for a length-sensitive vector of {length:g} symbols: "
            "its root overflows; raise kappa, or choose length_sensitive=False"
        )
    return vector


def _floored(sums: Floats) -> Floats:
    return np.where(sums >= TINY, sums, 0.0)


class SGTState:
    """Sufficient statistics of a sequence: take it in piece by piece, merge parts, ask for the vector.

    The size of a state does not depend on the length: 5 kB with k = 2, 68 kB with k = 3. Side-by-side symbols
    are counted in all k reading frames, so that a sequence may be cut anywhere; that takes k times as much. A
    state can be pickled.

    Parameters
    ----------
    params : SGTParams
        Parameters of the transform; states can be merged where they are equal.

    Attributes
    ----------
    params : SGTParams
    n_bases : int
        Positions taken in.
    n_ambiguous : int
        Those that are not A, C, G, T or U.

    References
    ----------
    Ranjan, Ebrahimi and Paynabar 2016, arXiv:1608.03533, for the transform; the merge is derived in
    ``docs/sgt.md``.

    Examples
    --------
    >>> whole = SGTState().update("ACGTTGCA")
    >>> parts = SGTState().update("ACGT").merge(SGTState().update("TG").update("CA"))
    >>> parts
    SGTState: 8 bases (dinucleotides, overlapping, kappa=1)
    >>> np.allclose(parts.vector(), whole.vector(), rtol=1e-12, atol=0)
    True
    """

    _size: int
    """Bases held, which are fewer than `n_bases` where ambiguous ones are dropped."""
    _head: Codes
    _tail: Codes
    """First and last k - 1 of them: symbols across a cut are made of these."""
    _frames: list[Frame]
    """One for each base, of the first few, where a first symbol can stand."""

    def __init__(self, params: SGTParams = DEFAULT) -> None:
        self.params = params
        self.n_bases = self.n_ambiguous = 0
        self._hold(np.empty(0, np.uint8))

    def __repr__(self) -> str:
        return f"SGTState: {self.n_bases:,} bases ({self.params})"

    def update(self, sequence: str) -> Self:
        """Append a piece of sequence, in place, and return the state.

        Raises
        ------
        TypeError
            The piece is no str.
        AlphabetError
            A character is no nucleotide code, or is ambiguous where that is an error. The state is then as it
            was.
        """
        if not isinstance(sequence, str):
            raise TypeError(f"sequence must be a str, not {type(sequence).__name__}; take str(sequence)")
        piece = SGTState(self.params)
        bases, piece.n_ambiguous = encode_bases(sequence, self.params, start=self.n_bases)
        piece.n_bases = len(sequence)
        piece._hold(bases)
        return self.merge(piece)

    def merge(self, other: "SGTState") -> Self:
        """Append, in place, what another state took in, and return this state; the other stays as it is.

        Raises
        ------
        ParameterError
            The states have different parameters.
        """
        if other.params != self.params:
            raise ParameterError(f"states to merge differ in their parameters: {_difference(self, other)}")
        k, step = self.params.k, self.params.step
        bridge = np.concatenate([self._tail, other._head])
        frames = []
        for start, ours in enumerate(self._frames):
            complete = max(0, -(-(self._size - k + 1 - start) // step))
            opening = start + step * complete - self._size  # of the first symbol not whole, from the cut
            across = frame(bridge[opening + len(self._tail) :], self.params)
            theirs = other._frames[opening % step]
            frames.append(joined(joined(ours, across, self.params.kappa), theirs, self.params.kappa))
        self._frames = frames
        self._head = np.concatenate([self._head, other._head])[: k - 1]
        tail = np.concatenate([self._tail, other._tail])
        self._tail = tail[max(0, len(tail) - k + 1) :]
        self._size += other._size
        self.n_bases += other.n_bases
        self.n_ambiguous += other.n_ambiguous
        return self

    def vector(self) -> Floats:
        """Vector of the sequence so far, shape (16**k,); the state can take in more afterwards.

        Raises
        ------
        ParameterError
            kappa is so small that the root of a length-sensitive value overflows.
        """
        return finish(self._frames[0], self._frames[self._size % self.params.step], self.params)

    def _hold(self, bases: Codes) -> None:
        """Start from these bases."""
        edge = self.params.k - 1
        self._size = len(bases)
        self._head, self._tail = bases[:edge].copy(), bases[max(0, len(bases) - edge) :].copy()
        self._frames = [frame(bases[start:], self.params) for start in range(self.params.step)]


def _difference(a: SGTState, b: SGTState) -> str:
    mine, theirs = asdict(a.params), asdict(b.params)
    return ", ".join(
        f"{name} {mine[name]!r} and {theirs[name]!r}" for name in mine if mine[name] != theirs[name]
    )
