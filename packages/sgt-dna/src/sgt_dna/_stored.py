"""Saving and loading, as methods of an `Embedding`."""

import os
from typing import IO, Any, Self, TextIO, cast

from sgt_dna._table import Table
from sgt_dna.storage import load, read_csv, save, write_csv


class Stored:
    """What has the fields of a `Table`, and can be made of them."""

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
        ...     sgt_dna.Embedding.load(pathlib.Path(folder) / "vectors.csv")
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
    def load(cls, path: str | os.PathLike[str]) -> Self:
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
        made: Any = cls
        return cast(Self, made(**load(path)._asdict()))

    @classmethod
    def read_csv(cls, stream: IO[bytes]) -> Self:
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
        >>> sgt_dna.Embedding.read_csv(io.BytesIO(stream.getvalue().encode()))
        Embedding: 1 sequences x 256 features (dinucleotides, overlapping, kappa=1)
        """
        made: Any = cls
        return cast(Self, made(**read_csv(stream)._asdict()))

    @property
    def _table(self) -> Table:
        return Table(*(getattr(self, name) for name in Table._fields))
