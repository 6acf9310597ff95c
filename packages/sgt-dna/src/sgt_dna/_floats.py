"""The two types of numbers that vectors are stored as."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import ParameterError

DTYPES: Final = ("float64", "float32")


def float_type(dtype: npt.DTypeLike) -> "np.dtype[Any]":
    """float64 or float32, of this machine's byte order.

    Raises
    ------
    ParameterError
        It is something else.

    Examples
    --------
    >>> float_type("float32")
    dtype('float32')
    """
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if dtype is None or found.name not in DTYPES:
        raise ParameterError(f"dtype must be 'float64' or 'float32', not {dtype!r}")
    return found


def narrowed(
    vectors: npt.NDArray[np.float64], ids: Sequence[str], dtype: "np.dtype[Any]"
) -> npt.NDArray[Any]:
    """Rows (n, d) of some ids as numbers of another type, C-contiguous.

    Raises
    ------
    ParameterError
        float32 holds no number so large, or none of a row that is not zero: they are all so small.
    """
    with np.errstate(over="ignore"):
        found = np.ascontiguousarray(vectors, dtype)
    if found.dtype.itemsize < vectors.dtype.itemsize:
        lost = np.isinf(found).any(axis=1) | (vectors.any(axis=1) & ~found.any(axis=1))
        if lost.any():
            id_ = ids[int(lost.argmax())]
            raise ParameterError(
                f"record {id_!r}: its vector is beyond float32, which reaches from 1e-45 to 3e38; take float64",
                record=id_,
            )
    return found
