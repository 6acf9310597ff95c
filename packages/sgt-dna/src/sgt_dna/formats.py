"""What Biopython reads besides FASTA: GenBank, EMBL, FASTQ, alignments and many more."""

import difflib
import io
from collections.abc import Iterator
from typing import Any, Final

from sgt_dna.errors import FastaError, ParameterError, SgtError
from sgt_dna.records import Checker, Limits, Record
from sgt_dna.streams import DAMAGED, as_text

MAX_ENDS: Final = 1000
"""How often a parser may ask for a line after the last one."""


def format_mode(name: object) -> str:
    """Check the name of a format: "t" where its files are text, "b" where they are binary.

    Raises
    ------
    ParameterError
        Biopython reads no such format.

    Examples
    --------
    >>> format_mode("genbank"), format_mode("snapgene")
    ('t', 'b')
    """
    from Bio import SeqIO, StreamModeError  # a tenth of a second that FASTA need not wait for

    known = _format_names()
    if name not in known:
        near = difflib.get_close_matches(str(name).lower(), known, n=3)
        hint = (
            f"near names are {', '.join(map(repr, near))}" if near else "'genbank', 'embl', 'fastq' are some"
        )
        raise ParameterError(f"format must be a name that Biopython's SeqIO knows, not {name!r}; {hint}")
    try:
        next(iter(SeqIO.parse(io.StringIO(), name)), None)
    except StreamModeError:
        return "b"
    except Exception:  # an empty file is an error in some formats
        return "t"
    return "t"


def parse_format(stream: io.BufferedReader, name: str, limits: Limits) -> Iterator[Record | SgtError]:
    """Each record of an opened file in a format of Biopython's, or the error about it.

    A record is checked when Biopython has read it, its length included. What ends the file is raised.
    """
    checker = Checker(limits, "record")
    for number, found in enumerate(_parsed(stream, name), 1):
        checker.admit()
        try:
            record = record_of(found, "record", number)
        except SgtError as error:
            yield error
        else:
            yield checker.check(record, number)
    if not checker.count:
        raise FastaError(f"no records: the file is empty, or not in the format {name!r}")


def record_of(found: Any, unit: str, number: int) -> Record:
    """The Record of a Biopython SeqRecord, or of anything with id, description and seq.

    One without an id, as in a SnapGene file without accession, gets its number, as plain sequences do.

    Raises
    ------
    FastaError
        There is no sequence, as in a GenBank record that only says what to join.

    Examples
    --------
    >>> from Bio.SeqRecord import SeqRecord
    >>> from Bio.Seq import Seq
    >>> record_of(SeqRecord(Seq("ACGT"), id="MK1", description="Candeina nitida"), "entry", 1).description
    'MK1 Candeina nitida'
    """
    id_ = str(number) if found.id in (None, "<unknown id>") else str(found.id)
    description = str(found.description or "").strip()
    if description in ("", "<unknown description>"):
        description = id_
    elif (
        description.split(maxsplit=1)[0] != id_
    ):  # FASTA headers begin with the id, other descriptions do not
        description = f"{id_} {description}"
    try:
        if found.seq is not None:
            return Record(id_, description, str(found.seq), organism=_organism(found))
        cause = None
    except ValueError as error:  # Bio.Seq.UndefinedSequenceError
        cause = error
    raise FastaError(
        f"record {id_!r} at {unit} {number} has no sequence, though it may have a length; "
        "fetch it with its sequence, or remove it",
        record=id_,
    ) from cause


def _organism(found: Any) -> str | None:
    text = str(getattr(found, "annotations", {}).get("organism") or "").strip()
    return text if text.strip(".") else None


def _parsed(stream: io.BufferedReader, name: str) -> Iterator[Any]:
    """Biopython's records; whatever it raises becomes a FastaError."""
    from Bio import SeqIO

    # binary parsers jump to and fro, which a decompressed stream cannot
    handle = io.BytesIO(stream.read()) if format_mode(name) == "b" else as_text(stream, _Text)
    number = 0
    try:
        for found in SeqIO.parse(handle, name):
            number += 1
            yield found
    except (SgtError, MemoryError, *DAMAGED):
        raise
    except Exception as error:  # its parsers raise nearly anything, and warnings may be errors
        raise FastaError(
            f"record {number + 1} cannot be read as {name!r}: {_reason(error)}; "
            "mend it, or give the format it has"
        ) from error


class _Text(io.TextIOWrapper):
    """Text that some parsers would read for ever: they wait for a line, past the end of a file that was cut short."""

    ends = 0

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # as documented; typeshed differs
        line = super().readline(size)
        self.ends += not line
        if self.ends > MAX_ENDS:
            raise EOFError("the file ends within a record")
        return line


def _reason(error: Exception) -> str:
    """One line without control characters, which Biopython quotes from the file as they stand."""
    try:
        text = str(error).replace("\n", " ").strip(" .")
    except UnicodeError:  # quoting bytes that are no UTF-8
        text = ""
    printable = (character if character.isprintable() else ascii(character)[1:-1] for character in text)
    return "".join(printable) or type(error).__name__


def _format_names() -> set[str]:
    from Bio import AlignIO, SeqIO

    return {*SeqIO._FormatToIterator, *AlignIO._FormatToIterator}
