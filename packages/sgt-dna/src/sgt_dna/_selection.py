"""Which rows a key in square brackets means."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import LabelError, listed
from sgt_dna.labels import by_id
from sgt_dna.records import is_mapping


def rows_of(key: Any, row_of: Mapping[str, int], where: str) -> int | slice | npt.NDArray[np.intp]:
    """The row of an id, or the rows of a slice, a mask, a list of ids or of numbers.

    Parameters
    ----------
    key : str, slice or array-like
    row_of : mapping
        Id -> row.
    where : str
        What the rows are, for messages.

    Raises
    ------
    KeyError, IndexError, TypeError, LabelError
        See `Embedding`.

    Examples
    --------
    >>> row_of = {"a": 0, "b": 1}
    >>> rows_of("b", row_of, ""), rows_of(["b", "a"], row_of, ""), rows_of([False, True], row_of, "")
    (1, array([1, 0]), array([1]))
    """
    if isinstance(key, str):
        return _rows([key], row_of, where)[0]
    if isinstance(key, slice):
        return key
    if is_mapping(key):
        key = _mask_by_id(by_id(key), row_of)
    asked = np.asarray(key)
    if asked.ndim != 1:
        raise TypeError(
            f"rows are taken by id, slice, mask or list, not by {key!r:.60}; `vectors` has them by number"
        )
    if asked.dtype == bool:
        if len(asked) != len(row_of):
            raise IndexError(f"the mask has {len(asked)} entries for {where}; give one each")
        return np.flatnonzero(asked)
    if np.issubdtype(asked.dtype, np.integer) or not len(asked):
        return asked.astype(np.intp)
    return np.array(_rows(list(asked.tolist()), row_of, where), np.intp)


def _mask_by_id(values: Mapping[str, Any], row_of: Mapping[str, int]) -> list[Any]:
    missing = [id_ for id_ in row_of if id_ not in values]
    if missing:
        raise LabelError(
            f"the index of the mask lacks {listed(missing)}; for one in the order of the rows take its to_numpy()"
        )
    return [values[id_] for id_ in row_of]


def _rows(ids: list[Any], row_of: Mapping[str, int], where: str) -> list[int]:
    for id_ in ids:
        if not isinstance(id_, str):
            raise TypeError(f"rows are taken by id, slice, mask or list, not by {id_!r:.60}")
        if id_ not in row_of:
            raise KeyError(f"no id {id_!r} among {where}")
    return [row_of[id_] for id_ in ids]
