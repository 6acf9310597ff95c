"""Files of embeddings: read by their ending, written as npz."""

from pathlib import Path

import numpy as np

from visgen_train.data.feature_npz import read_npz
from visgen_train.data.feature_parquet import read_parquet
from visgen_train.data.features import FeatureTable, feature_table
from visgen_train.errors import DataError, UsageError
from visgen_train.io import places
from visgen_train.io.atomic import replacing

_READERS = {".npz": read_npz, ".parquet": read_parquet}
_ALWAYS = 2**30
_RATIO = 100
"""A file may unpack to 1 GiB, or to 100 times its size; real features shrink 20-fold at most."""


def read_features(path: Path) -> FeatureTable:
    """Read embeddings with their labels.

    An npz file holds the arrays `vectors` (n, d) and `labels` (n,), and may hold `ids`, `groups` and `splits`. A
    Parquet file has columns of these names, or `id`, `label` or `species`, `group`, `split`; the vectors are its
    column of lists, or else all its other columns of numbers, in their order.

    Parameters
    ----------
    path : Path
        Ends in .npz or .parquet.

    Raises
    ------
    UsageError
        Another ending, or Parquet without pyarrow.
    DataError
        The file is damaged, lacks something, or is forged to fill the memory; or what `feature_table` refuses.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"{path}: features are read from files ending in {' or '.join(_READERS)}.")
    try:
        with places.opened(path) as handle:
            size = path.stat().st_size
            columns = reader(handle, str(path), max(_ALWAYS, _RATIO * size))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return feature_table(**columns, source=str(path))


def write_features(path: Path, table: FeatureTable) -> None:
    """Write an npz file, whole or not at all, from which `read_features` reads an equal table.

    Where some items have a group and others none, the id stands in for the group.

    Raises
    ------
    UsageError
        `path` does not end in .npz.
    DataError
        `read_features` would refuse it.
    """
    if path.suffix.lower() != ".npz":
        raise UsageError(f"{path}: features are written to files ending in .npz.")
    columns = {
        "ids": [item.file for item in table.items],
        "labels": [item.species for item in table.items],
        "groups": _groups(table, path),
        "splits": [item.split for item in table.items] if any(item.split for item in table.items) else None,
    }
    feature_table(table.vectors, **columns, source=str(path))
    arrays = {name: np.array(column, dtype=str) for name, column in columns.items() if column is not None}
    with replacing(path) as temporary, temporary.open("wb") as handle:
        np.savez(handle, allow_pickle=False, vectors=table.vectors, **arrays)


def _groups(table: FeatureTable, path: Path) -> list[str] | None:
    known = {item.group for item in table.items} - {None}
    if not known:
        return None
    alone = [item.file for item in table.items if item.group is None]
    shared = known.intersection(alone)
    if shared:
        raise DataError(
            f"{path}: {min(map(str, shared))!r} is the id of an item without a group, and a group of others. "
            "Give every item a group."
        )
    return [item.file if item.group is None else item.group for item in table.items]
