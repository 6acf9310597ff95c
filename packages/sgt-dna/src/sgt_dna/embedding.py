"""The result of a transform: ids and their vectors."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import FormatError, ParameterError, in_file
from sgt_dna.params import SGTParams
from sgt_dna.storage import read_arrays, write_arrays


@dataclass(frozen=True, eq=False, repr=False)
class Embedding:
    """Vectors of sequences, or of labels, with what is needed to read them.

    Parameters
    ----------
    ids : tuple of str, length n
        Unique.
    vectors : (n, d) float64
        One row an id, C-contiguous.
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
        object.__setattr__(self, "vectors", np.ascontiguousarray(self.vectors, np.float64))
        object.__setattr__(self, "ambiguous", np.asarray(self.ambiguous, np.int64))
        n, d = len(self.ids), len(self.feature_names)
        if self.vectors.shape != (n, d):
            raise ParameterError(
                f"vectors have shape {self.vectors.shape}, expected {(n, d)} (ids, features)"
            )
        if len(self.descriptions) != n or self.ambiguous.shape != (n,):
            raise ParameterError(f"descriptions and ambiguous must have one entry for each of {n} ids")
        if len(self._rows) != n:
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
            raise ValueError(f"vectors are float64; as {np.dtype(dtype)} they need a copy")
        return np.array(self.vectors, dtype) if copy else np.asarray(self.vectors, dtype)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.ids)}

    @property
    def zero_ids(self) -> tuple[str, ...]:
        """Ids whose vector is zero: no two symbols to pair."""
        return tuple(self.ids[row] for row in np.flatnonzero(~self.vectors.any(axis=1)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an npz file, whole or not at all; an existing file is replaced.

        Raises
        ------
        ParameterError
            The name does not end in ``.npz``.
        OSError
            The file cannot be written.
        """
        metadata = {"params": asdict(self.params), "kind": self.kind, "descriptions": self.descriptions}
        arrays = {
            "ids": np.array(self.ids, np.str_),
            "vectors": self.vectors,
            "feature_names": np.array(self.feature_names, np.str_),
            "ambiguous": self.ambiguous,
            "metadata": np.frombuffer(json.dumps(metadata).encode("ascii"), np.uint8),
        }
        write_arrays(path, arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Embedding":
        """Read what `save` wrote.

        Raises
        ------
        FormatError
            The file is missing, damaged, or no embedding.
        """
        arrays = read_arrays(path, ("ids", "vectors", "feature_names", "ambiguous", "metadata"))
        with in_file(os.fspath(path)):
            try:
                metadata = json.loads(arrays["metadata"].tobytes())
                return cls(
                    ids=tuple(arrays["ids"].tolist()),
                    vectors=arrays["vectors"],
                    feature_names=tuple(arrays["feature_names"].tolist()),
                    params=SGTParams(**metadata["params"]),
                    descriptions=tuple(metadata["descriptions"]),
                    ambiguous=arrays["ambiguous"],
                    kind=metadata["kind"],
                )
            except (ValueError, TypeError, KeyError) as error:
                raise FormatError(f"the stored arrays do not fit each other: {error}") from error
