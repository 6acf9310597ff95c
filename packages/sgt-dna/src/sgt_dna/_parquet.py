"""The Parquet format: columns that pandas, polars, DuckDB and R read; nothing compressed, so that size is known.

Columns: ``id``, ``description``, ``ambiguous`` and one a feature, none with nulls; the metadata of the schema say
under ``sgt_dna`` how the vectors were made.
"""

from typing import IO, Any, Final

import numpy as np

from sgt_dna._extras import imported
from sgt_dna._table import Table, provenance, read_provenance
from sgt_dna.errors import FormatError

_COLUMNS: Final = ("id", "description", "ambiguous")
_KEY: Final = b"sgt_dna"
_ENCODINGS: Final = {"PLAIN", "RLE"}
"""Plain values take their full size. RLE is named for levels, which columns without nulls have none of."""


def arrow() -> Any:
    """The library, imported on first use.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    need = "files ending in .parquet need pyarrow"
    imported("pyarrow.parquet", "parquet", need)
    return imported("pyarrow", "parquet", need)


def write(table: Table, handle: IO[bytes]) -> None:
    """Write Parquet, uncompressed and with checksums."""
    pa = arrow()
    columns = [pa.array(table.ids, pa.string()), pa.array(table.descriptions, pa.string())]
    columns.append(pa.array(table.ambiguous))
    columns += [pa.array(column) for column in table.vectors.T]
    names = [*_COLUMNS, *table.feature_names]
    fields = [
        pa.field(name, column.type, nullable=False) for name, column in zip(names, columns, strict=True)
    ]
    schema = pa.schema(fields, metadata={_KEY: provenance(table)})
    pa.parquet.write_table(
        pa.Table.from_arrays(columns, schema=schema),
        handle,
        compression="none",
        use_dictionary=False,
        write_statistics=False,
        write_page_checksum=True,
    )


def read(handle: IO[bytes], size: int) -> Table:
    """Read a Parquet file of that many bytes; the footer is checked before any column is read.

    Raises
    ------
    FormatError
        Columns or metadata are not what `write` writes; it is compressed, or claims more than it holds.
    """
    pa = arrow()
    try:
        file = pa.parquet.ParquetFile(handle, page_checksum_verification=True, pre_buffer=False)
        params, kind = read_provenance((file.schema_arrow.metadata or {}).get(_KEY, b""))
        _check_columns(pa, file.schema_arrow)
        _check_size(file.metadata, size)
        stored = file.read(use_threads=False)  # threads of a pool would not survive a fork
    except pa.ArrowException as error:
        raise FormatError(f"not a .parquet file, or a damaged one ({error!s:.200}); write it anew") from error
    names = stored.column_names[3:]
    vectors = np.empty((stored.num_rows, len(names)))
    for column in range(len(names)):
        vectors[:, column] = stored.column(3 + column).to_numpy()
    ids, descriptions = (tuple(stored.column(column).to_pylist()) for column in (0, 1))
    ambiguous = stored.column(2).to_numpy().astype(np.int64)
    return Table(ids, vectors, tuple(names), params, descriptions, ambiguous, kind)


def _check_columns(pa: Any, schema: Any) -> None:
    names, types = schema.names, schema.types
    if tuple(names[:3]) != _COLUMNS:
        raise FormatError(
            f"the first columns must be {', '.join(_COLUMNS)}, found {names[:3]!s:.80}; write it anew"
        )
    expected = [pa.string(), pa.string(), pa.int64(), *[pa.float64()] * (len(types) - 3)]
    for field, type_ in zip(schema, expected, strict=True):
        if field.type != type_ or field.nullable:
            nulls = " with nulls" if field.nullable else ""
            raise FormatError(
                f"the column {field.name!r:.40} is {field.type!s:.40}{nulls}, expected {type_} without; "
                "write it anew"
            )


def _check_size(metadata: Any, size: int) -> None:
    """Refuse what would take more memory than the file has bytes."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    chunks = [group.column(column) for group in groups for column in range(metadata.num_columns)]
    for chunk in chunks:
        if chunk.compression != "UNCOMPRESSED" or not set(chunk.encodings) <= _ENCODINGS:
            raise FormatError(
                f"the column {chunk.path_in_schema!r:.40} is compressed or encoded as {chunk.compression}, "
                f"{', '.join(chunk.encodings):.80}; write it anew, with Embedding.save"
            )
    rows = metadata.num_rows
    numbers = rows * (metadata.num_columns - 2) * 8
    held = sum(chunk.total_uncompressed_size for chunk in chunks)
    if rows != sum(group.num_rows for group in groups) or rows < 0 or numbers > size or held > size:
        raise FormatError(f"it claims {rows} rows, which do not fit its {size} bytes; damaged or forged")
