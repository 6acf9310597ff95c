"""The result of a transform: ids and their vectors."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, overload

import numpy as np
import numpy.typing as npt

from sgt_dna import _html, _plot
from sgt_dna._extras import imported
from sgt_dna._selection import rows_of
from sgt_dna._stored import Stored
from sgt_dna.alphabet import symbols
from sgt_dna.distance import pairwise
from sgt_dna.errors import ParameterError
from sgt_dna.labels import Labels, in_order
from sgt_dna.params import SGTParams

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

_BLOCK: Final = 2**14
"""Rows looked at in one go."""


@dataclass(frozen=True, eq=False, repr=False)
class Embedding(Stored):
    """Vectors of sequences, or of labels, with what is needed to read them.

    Parameters
    ----------
    ids : tuple of str, length n
        Unique.
    vectors : (n, d) float64
        One row an id, C-contiguous. float32 if they were given, or written, as such.
    feature_names : tuple of str, length d
        "AA->CG" is how strongly AA is followed by CG.
    params : SGTParams
        What the vectors were made with.
    descriptions : tuple of str, length n
        Whole FASTA header of each sequence.
    ambiguous : (n,) int64
        Positions of each sequence that are not A, C, G, T or U.
    kind : str
        What a row stands for.

    Examples
    --------
    >>> import sgt_dna
    >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAN"})
    >>> emb
    Embedding: 2 sequences x 256 features (dinucleotides, overlapping, kappa=1)
    >>> emb["a"].shape, emb.ambiguous.tolist()
    ((256,), [0, 1])
    """

    ids: tuple[str, ...]
    vectors: npt.NDArray[np.float64]
    feature_names: tuple[str, ...]
    params: SGTParams
    descriptions: tuple[str, ...]
    ambiguous: npt.NDArray[np.int64]
    kind: str = "sequences"

    def __post_init__(self) -> None:
        kind = np.float32 if getattr(self.vectors, "dtype", None) == np.float32 else np.float64
        object.__setattr__(self, "vectors", np.ascontiguousarray(self.vectors, kind))
        object.__setattr__(self, "ambiguous", np.asarray(self.ambiguous, np.int64))
        n, d = len(self.ids), len(self.feature_names)
        if self.vectors.shape != (n, d):
            raise ParameterError(
                f"vectors have shape {self.vectors.shape}, expected {(n, d)} (ids, features)"
            )
        if len(self.descriptions) != n or self.ambiguous.shape != (n,):
            raise ParameterError(f"descriptions and ambiguous must have one entry for each of {n} ids")
        if len(set(self.ids)) != n:
            raise ParameterError("ids must be unique")

    def __repr__(self) -> str:
        return f"Embedding: {len(self)} {self.kind} x {len(self.feature_names)} features ({self.params})"

    def _repr_html_(self) -> str:
        """The first rows as a table, for notebooks; all texts are escaped."""
        return _html.table(repr(self), self.ids, self.ambiguous, self.feature_names, self.vectors)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
        """Pairs of id and vector, so that ``dict(embedding)`` works."""
        return zip(self.ids, self.vectors, strict=True)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._rows

    @overload
    def __getitem__(self, key: str) -> npt.NDArray[np.float64]: ...
    @overload
    def __getitem__(self, key: Any) -> "Embedding": ...
    def __getitem__(self, key: Any) -> "npt.NDArray[np.float64] | Embedding":
        """The vector of an id, shape (d,); or an embedding: rows of a slice, a mask, a list of ids or of numbers.

        A mask that is a pandas Series goes by its index, which holds the ids.

        Raises
        ------
        KeyError
            There is no such id.
        IndexError
            A mask is not as long as the embedding, or there is no such row.
        TypeError
            The key is none of these; a single number is not.

        Examples
        --------
        >>> import sgt_dna
        >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAN", "c": "GGCATTAC"})
        >>> emb[1:].ids, emb[["c", "a"]].ids, emb[emb.ambiguous == 0].ids
        (('b', 'c'), ('c', 'a'), ('a', 'c'))
        """
        rows = rows_of(key, self._rows, f"{len(self)} {self.kind}")
        if isinstance(rows, int):
            vector: npt.NDArray[np.float64] = self.vectors[rows]
            return vector
        return self._part(rows)

    def _part(self, rows: slice | npt.NDArray[np.intp]) -> "Embedding":
        numbers = np.arange(len(self))[rows].tolist()
        return replace(
            self,
            ids=tuple(self.ids[row] for row in numbers),
            vectors=self.vectors[rows],
            descriptions=tuple(self.descriptions[row] for row in numbers),
            ambiguous=self.ambiguous[rows],
            kind=self.kind.partition(" (shard")[0],  # part of a shard is none, and must not be joined as one
        )

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False and dtype is not None and np.dtype(dtype) != self.vectors.dtype:
            raise ValueError(f"vectors are {self.vectors.dtype}; as {np.dtype(dtype)} they need a copy")
        return np.array(self.vectors, dtype) if copy else np.asarray(self.vectors, dtype)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.ids)}

    @cached_property
    def zero_ids(self) -> tuple[str, ...]:
        """Ids whose vector is zero: no two symbols in reach of each other."""
        blocks = range(0, len(self), _BLOCK)  # vectors that are mapped from a file need not fit the memory
        zero = (start + np.flatnonzero(~self.vectors[start : start + _BLOCK].any(axis=1)) for start in blocks)
        return tuple(self.ids[row] for rows in zero for row in rows)

    @cached_property
    def equal_ids(self) -> tuple[tuple[str, ...], ...]:
        """Groups of ids whose vectors are the same to the last bit, such as those of one sequence."""
        found = defaultdict(list)
        for id_, vector in self:
            found[vector.tobytes()].append(id_)
        return tuple(tuple(ids) for ids in found.values() if len(ids) > 1)

    def matrix(self, id_: str) -> npt.NDArray[np.float64]:
        """Vector of an id as a matrix, 4**k by 4**k: row u, column v is how closely v follows u.

        Symbols are in alphabetical order, AA, AC, ... TT. The matrix is a view of `vectors`.

        Raises
        ------
        KeyError
            There is no such id.
        ParameterError
            There are not 16**k features.

        Examples
        --------
        >>> import sgt_dna
        >>> emb = sgt_dna.embed({"a": "AACG"})
        >>> emb.matrix("a").shape, round(emb.matrix("a")[0, 6].item(), 3)  # AA, later CG
        ((16, 16), 0.135)
        """
        side = 4**self.params.k
        if len(self.feature_names) != side**2:
            raise ParameterError(
                f"{len(self.feature_names)} features make no matrix; k={self.params.k} has {side**2}"
            )
        return self[id_].reshape(side, side)

    def to_pandas(self) -> "DataFrame":
        """A data frame of the vectors, (n, d): the ids are its index, the feature names its columns.

        Raises
        ------
        MissingExtraError
            pandas is not installed.

        Examples
        --------
        >>> import sgt_dna
        >>> sgt_dna.embed({"a": "AACG"}).to_pandas()["AA->CG"].round(3)
        id
        a    0.135
        Name: AA->CG, dtype: float64
        """
        pandas = imported("pandas", "pandas", "data frames need pandas")
        index = pandas.Index(self.ids, name="id")
        frame: DataFrame = pandas.DataFrame(self.vectors, index, self.feature_names, copy=True)
        return frame

    def plot(self, labels: Labels | None = None, *, ax: "Axes | None" = None) -> "Axes":
        """Draw one row as a heatmap, with symbols as axes; several as points on their first two principal components.

        Parameters
        ----------
        labels : mapping id -> label, or sequence of n labels, optional
            As for `anchors`: each has a colour and a marker. Without them up to 50 points have their ids beside them.
        ax : matplotlib Axes, optional
            To draw on; a new figure if None.

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        ParameterError
            There are no rows.
        TypeError, LabelError
            The labels do not fit.

        Examples
        --------
        >>> import sgt_dna
        >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAN"})
        >>> emb.plot({"a": "nitida", "b": "ruber"})  # doctest: +SKIP
        >>> emb[["a"]].plot()  # doctest: +SKIP
        """
        if not len(self):
            raise ParameterError("no rows to draw")
        if len(self) == 1:
            return _plot.heatmap(self.matrix(self.ids[0]), symbols(self.params.k), self.ids[0], ax)
        named = None if labels is None else in_order(self.ids, labels)
        return _plot.scatter(self.vectors, self.ids, named, f"{len(self)} {self.kind}: {self.params}", ax)

    def distance(self, metric: str = "cosine") -> npt.NDArray[np.float64]:
        """Distance of every row to every other.

        Parameters
        ----------
        metric : {"cosine", "euclidean", "hellinger", "braycurtis"}
            For rows x and y: ``1 - x.y / (|x| |y|)``; ``|x - y|``;
            ``sqrt(1/2) |sqrt(x / sum(x)) - sqrt(y / sum(y))|``; ``sum(|x - y|) / sum(x + y)``.

        Returns
        -------
        (n, n) float64
            In the order of `ids`; symmetric, zero on the diagonal, not negative.

        Raises
        ------
        ParameterError
            The metric is unknown; a vector is zero (all but euclidean) or has negative values (hellinger,
            braycurtis), as centred anchors have.

        Examples
        --------
        >>> import sgt_dna
        >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAN", "c": "ACGTTGCA"})
        >>> emb.distance().shape, float(emb.distance("euclidean")[0, 2])
        ((3, 3), 0.0)
        """
        return pairwise(self.vectors, self.ids, metric)
