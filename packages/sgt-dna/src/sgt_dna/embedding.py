"""The result of a transform: ids and their vectors."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, Final, TextIO

import numpy as np
import numpy.typing as npt

from sgt_dna._table import Table
from sgt_dna.distance import pairwise
from sgt_dna.errors import ParameterError
from sgt_dna.params import SGTParams
from sgt_dna.storage import load, read_csv, save, write_csv

_BLOCK: Final = 2**14
"""Rows looked at in one go."""


@dataclass(frozen=True, eq=False, repr=False)
class Embedding:
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

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
        """Pairs of id and vector, so that ``dict(embedding)`` works."""
        return zip(self.ids, self.vectors, strict=True)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._rows

    def __getitem__(self, id_: str) -> npt.NDArray[np.float64]:
        """Vector of an id, shape (d,)."""
        try:
            row = self._rows[id_]
        except KeyError:
            raise KeyError(f"no id {id_!r} among {len(self)} {self.kind}") from None
        vector: npt.NDArray[np.float64] = self.vectors[row]
        return vector

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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file, whole or not at all; an existing one is replaced.

        The name says the format, and each brings everything back bit for bit: ``.npz`` (small and fast),
        ``.csv`` (spreadsheets, R), ``.parquet`` (data frames; needs pyarrow), or ``.sgt``: a folder, see `embed`.

        Raises
        ------
        ParameterError
            The name ends otherwise; pyarrow is missing; vectors are not finite; or CSV or Parquet cannot
            hold the ids or descriptions (half a surrogate pair; in CSV 131,072 characters, or no row at all).
        OSError
            The file cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile, sgt_dna
        >>> emb = sgt_dna.embed({"a": "ACGTTGCA", "b": "TTGACCAN"})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     emb.save(pathlib.Path(folder) / "vectors.csv")
        ...     Embedding.load(pathlib.Path(folder) / "vectors.csv")
        Embedding: 2 sequences x 256 features (dinucleotides, overlapping, kappa=1)
        """
        save(self._table, path)

    def write_csv(self, stream: TextIO) -> None:
        """Write to an open text stream, such as standard output, what `save` writes to a ``.csv`` file.

        Texts that a spreadsheet would run as formulas get a leading apostrophe, which `load` takes off.

        Raises
        ------
        ParameterError
            See `save`.
        OSError
            The stream cannot be written to.

        Examples
        --------
        >>> import io, sgt_dna
        >>> stream = io.StringIO()
        >>> sgt_dna.embed({"a": "ACGTTGCA"}).write_csv(stream)
        >>> stream.getvalue()[:48]
        '"id","description","ambiguous","sgt_dna","AA->AA'
        """
        write_csv(self._table, stream)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Embedding":
        """Read what `save` wrote. Files from strangers are safe: nothing in them is run, and nothing is read
        before it is known to fit the size of the file. Vectors of a folder are mapped: read where they are used,
        and not looked at before, for NaN say.

        Raises
        ------
        ParameterError
            The name ends otherwise than in ``.npz``, ``.csv``, ``.parquet`` or ``.sgt``; pyarrow is missing.
        FormatError
            The file is missing, damaged, or no embedding.
        """
        return cls(**load(path)._asdict())

    @classmethod
    def read_csv(cls, stream: IO[bytes]) -> "Embedding":
        """Read from an open binary stream, such as standard input, what `write_csv` wrote.

        Raises
        ------
        FormatError
            The content is damaged, or no embedding.

        Examples
        --------
        >>> import io, sgt_dna
        >>> stream = io.StringIO()
        >>> sgt_dna.embed({"a": "ACGTTGCA"}).write_csv(stream)
        >>> Embedding.read_csv(io.BytesIO(stream.getvalue().encode()))
        Embedding: 1 sequences x 256 features (dinucleotides, overlapping, kappa=1)
        """
        return cls(**read_csv(stream)._asdict())

    @property
    def _table(self) -> Table:
        return Table(*(getattr(self, name) for name in Table._fields))
