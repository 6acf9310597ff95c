"""Reading a Parquet file of embeddings: a column of lists, or a column a feature."""

import logging
from typing import IO, Any

import numpy as np

from visgen_train.data.feature_vectors import differing, rows_named
from visgen_train.errors import DataError, UsageError

log = logging.getLogger(__name__)

_ROLES = {
    "ids": ("id", "ids"),
    "labels": ("label", "labels", "species"),
    "groups": ("group", "groups"),
    "splits": ("split", "splits"),
}
_VECTORS = ("vector", "vectors", "feature", "features", "embedding", "embeddings")


def read_parquet(handle: IO[bytes], source: str, limit: int) -> dict[str, Any]:
    """The columns by the names of `feature_table`.

    Parameters
    ----------
    handle : binary file
    source : str
        Its name, for messages.
    limit : int
        Bytes that what is read may take.

    Raises
    ------
    UsageError
        pyarrow is not installed.
    DataError
        It is damaged, lacks a column, has lists of different lengths, or claims more than the limit.
    """
    pa = _arrow(source)
    try:
        file = pa.parquet.ParquetFile(handle, pre_buffer=False)
        roles = _roles(file.schema_arrow.names, source)
        columns = _vector_columns(pa, file.schema_arrow, set(roles.values()), source)
        _check_size(file.metadata, {*roles.values(), *columns}, source, limit)
        table = file.read([*roles.values(), *columns])
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{source}: not a Parquet file, or a damaged one ({str(error)[:200]}). Write it anew."
        ) from error
    found = {role: table.column(name).to_pylist() for role, name in roles.items()}
    stored = [table.column(name) for name in columns]
    if pa.types.is_nested(stored[0].type):
        return {**found, "vectors": _from_lists(stored[0], columns[0], source, found.get("ids"))}
    return {**found, "vectors": np.column_stack([column.to_numpy() for column in stored])}


def _arrow(source: str) -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise UsageError(
            f"{source}: Parquet needs pyarrow: pip install 'visgen-train[parquet]'. Files ending in .npz do without."
        ) from error
    return pyarrow


def _roles(names: list[str], source: str) -> dict[str, str]:
    """The column of each role that has one."""
    roles: dict[str, str] = {}
    for role, known in _ROLES.items():
        found = [name for name in names if name in known]
        if len(found) > 1:
            raise DataError(
                f"{source}: the columns {' and '.join(found)} could each be the {role}. Leave one in the file."
            )
        roles |= dict.fromkeys([role], found[0]) if found else {}
    if "labels" not in roles:
        raise DataError(
            f"{source}: no column {', '.join(_ROLES['labels'])}; the columns are {', '.join(names[:20]) or 'none'}"
            f"{', ...' if len(names) > 20 else ''}."
        )
    return roles


def _vector_columns(pa: Any, schema: Any, taken: set[str], source: str) -> list[str]:
    """The column of lists, or the columns of numbers."""
    others = [field for field in schema if field.name not in taken | _index(schema)]
    lists = [field.name for field in others if _is_list(pa, field.type)]
    chosen = [name for name in lists if name in _VECTORS] if len(lists) > 1 else lists
    if len(lists) > 1 and len(chosen) != 1:
        raise DataError(
            f"{source}: the columns {', '.join(lists[:5])} hold lists. Call the vectors' column `vector` alone."
        )
    numbers = [field.name for field in others if _is_number(pa, field.type)]
    columns = chosen or numbers
    if not columns:
        raise DataError(
            f"{source}: no column of numbers or of lists of numbers besides {', '.join(sorted(taken))}."
        )
    if len(set(columns)) < len(columns):
        raise DataError(f"{source}: several columns have one name. Rename them.")
    unread = [field.name for field in others if field.name not in columns]
    if unread:
        log.warning("%s: columns that are not read: %s", source, ", ".join(map(repr, unread[:20])))
    log.info("%s: vectors from %d columns, %s to %s", source, len(columns), columns[0], columns[-1])
    return columns


def _index(schema: Any) -> set[str]:
    """The index that pandas stores as a column is no feature."""
    index = (schema.pandas_metadata or {}).get("index_columns", [])
    return {name for name in index if isinstance(name, str)}


def _is_number(pa: Any, kind: Any) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _is_list(pa: Any, kind: Any) -> bool:
    types = pa.types
    of_some_kind = types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
    return bool(of_some_kind) and _is_number(pa, kind.value_type)


def _check_size(metadata: Any, wanted: set[str], source: str, limit: int) -> None:
    """Refuse what would take far more memory than the file has bytes."""
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    chunks = [chunk for chunk in chunks if chunk.path_in_schema.split(".")[0] in wanted]
    claimed = sum(max(chunk.total_uncompressed_size, 8 * chunk.num_values) for chunk in chunks)
    if claimed > limit:
        raise DataError(
            f"{source}: it unpacks to {claimed} bytes, more than the {limit} allowed for a file of its size. "
            "If that is right, write it uncompressed."
        )


def _from_lists(column: Any, name: str, source: str, ids: list[Any] | None) -> np.ndarray:
    """(n, d) of a column of n lists."""
    empty = np.flatnonzero(column.is_null().to_numpy())
    names = None if ids is None else [str(key) for key in ids]
    if len(empty):
        raise DataError(
            f"{source}: {len(empty)} rows have nothing in the column {name!r}: {rows_named(empty, names)}."
        )
    lengths = [length for chunk in column.chunks for length in _lengths(chunk)]
    if problem := differing(lengths, names):
        raise DataError(f"{source}: the column {name!r} holds lists of several lengths: {problem}")
    parts = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return np.concatenate(parts).reshape(len(lengths), lengths[0]) if lengths else np.empty((0, 0))


def _lengths(chunk: Any) -> list[int]:
    import pyarrow.compute

    lengths: list[int] = pyarrow.compute.list_value_length(chunk).to_pylist()
    return lengths
