"""Vectors of any kind of array, checked and made float32."""

import numbers
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from visgen_train.errors import DataError

_SHOWN = 3  # rows named in a message


def rows_named(positions: Iterable[int], ids: Sequence[str] | None) -> str:
    """The first rows, counted from 1 and with their ids if there are any, and how many more there are."""
    found = list(positions)
    named = [
        f"row {p + 1}" + (f" ({ids[p]!r})" if ids is not None and p < len(ids) else "")
        for p in found[:_SHOWN]
    ]
    rest = len(found) - _SHOWN
    return ", ".join(named) + (f" and {rest} more" if rest > 0 else "")


def as_vectors(values: Any, source: str, ids: Sequence[str] | None) -> np.ndarray:
    """(n, d) float32 of anything NumPy takes, C-contiguous and writeable; a copy only where it must be.

    Parameters
    ----------
    values : array-like
    source : str
        Where they come from, for messages.
    ids : sequence of str, optional
        To name rows by.

    Raises
    ------
    DataError
        Not two-dimensional, empty, not real numbers; NaN, infinite or beyond float32; rows all zero; rows all equal.
    """
    array = _array(values, source, ids)
    if array.ndim != 2:
        raise DataError(
            f"{source}: the vectors have the shape {array.shape}, expected two dimensions: a row an item, "
            "a column a feature."
        )
    if not array.size:
        raise DataError(f"{source}: no vectors, the shape is {array.shape}.")
    if array.dtype.kind not in "fiub":
        raise DataError(f"{source}: {_not_numbers(array, ids)}")
    return _float32(array, source, ids)


def _array(values: Any, source: str, ids: Sequence[str] | None) -> np.ndarray:
    if np.ma.is_masked(values):
        raise DataError(f"{source}: some vectors are masked. Leave those rows out, or fill them.")
    try:
        array = np.asarray(values)
        # a column of lists, and numbers kept as objects, are numbers after all
        return np.asarray(array.tolist()) if array.dtype.kind == "O" and array.ndim else array
    except (TypeError, ValueError, RuntimeError) as error:
        if hasattr(values, "detach"):
            raise DataError(
                f"{source}: NumPy cannot take the tensor ({str(error)[:100]}). "
                "Give it as tensor.detach().float().cpu().numpy()."
            ) from error
        problem = _ragged(values, ids) or f"NumPy makes no array of them ({str(error)[:200]})."
        raise DataError(f"{source}: the vectors are not one array: {problem}") from error


def _ragged(rows: Iterable[Any], ids: Sequence[str] | None) -> str:
    """A sentence on rows whose length is not the first one's, or nothing."""
    try:
        lengths = [len(row) for row in rows]
    except TypeError:
        return ""
    return differing(lengths, ids)


def differing(lengths: Sequence[int], ids: Sequence[str] | None) -> str:
    """A sentence on the lengths that are not as the first, or nothing if all are."""
    other = [position for position, length in enumerate(lengths) if length != lengths[0]]
    if not other:
        return ""
    return (
        f"row 1 has {lengths[0]} numbers, but {rows_named(other[:1], ids)} has {lengths[other[0]]}; "
        f"{len(other)} rows differ."
    )


def _not_numbers(array: np.ndarray, ids: Sequence[str] | None) -> str:
    if array.dtype.kind == "c":
        return "the vectors are complex. Give their real and imaginary parts as columns, or their absolute values."
    if array.dtype.kind != "O":
        return f"the vectors are {array.dtype}, not numbers. Give numbers alone, without ids or labels."
    odd = [
        position
        for position, row in enumerate(array.tolist())
        if not all(isinstance(value, numbers.Real) for value in row)
    ]
    if not odd:
        return "NumPy keeps the vectors as objects (fractions, whole numbers beyond 64 bits). Give them as floats."
    example = next(value for value in array[odd[0]] if not isinstance(value, numbers.Real))
    return f"{len(odd)} of {len(array)} vectors hold what is no number ({example!r:.40}): {rows_named(odd, ids)}."


def _float32(array: np.ndarray, source: str, ids: Sequence[str] | None) -> np.ndarray:
    _refuse(~np.isfinite(array).all(1), "NaN, empty or infinite values", source, ids)
    with np.errstate(over="ignore", under="ignore"):
        # writeable, since torch warns of what is not
        vectors: np.ndarray = np.require(array, np.float32, ["C", "W"])
    _refuse(~np.isfinite(vectors).all(1), "values beyond float32 (3.4e38)", source, ids)
    _refuse(~vectors.any(1), "nothing but zeros, which have no direction", source, ids)
    if len(vectors) > 1 and (vectors == vectors[0]).all():
        raise DataError(
            f"{source}: all {len(vectors)} vectors are equal, so nothing can be told apart. Look at what made them."
        )
    return vectors


def _refuse(bad: Any, what: str, source: str, ids: Sequence[str] | None) -> None:
    if bad.any():
        raise DataError(
            f"{source}: {bad.sum()} of {len(bad)} vectors hold {what}: {rows_named(np.flatnonzero(bad), ids)}. "
            "Make them anew, or leave the rows out."
        )
