"""Errors of sgt_dna: what is wrong, where, and the way out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class SgtError(Exception):
    """Base of every error that sgt_dna raises on bad data or bad parameters.

    Attributes
    ----------
    problem : str
        What is wrong and what to do about it.
    file : str or None
        The file at fault. It is filled in on the way up, by `in_file`.
    record : str or None
        Id of the record at fault.
    line : int or None
        Line of the file, counted from 1.

    Examples
    --------
    >>> print(SgtError("no records", file="empty.fasta"))
    empty.fasta: no records
    """

    def __init__(
        self, problem: str, *, file: str | None = None, record: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.file = file
        self.record = record
        self.line = line

    def __str__(self) -> str:
        return f"{self.file}: {self.problem}" if self.file else self.problem


class FastaError(SgtError, ValueError):
    """The input is not a readable set of sequence records."""


class AlphabetError(SgtError, ValueError):
    """A sequence holds a character that cannot be embedded."""


class ParameterError(SgtError, ValueError):
    """An argument is out of its range, or arguments do not fit each other."""


class FormatError(SgtError, ValueError):
    """A stored embedding cannot be read back."""


class LabelError(SgtError, ValueError):
    """Labels cannot be read, do not fit the sequences, or give anchors that cannot be used."""


class MissingExtraError(ParameterError, ImportError):
    """What was asked for needs a library that is not installed; the message has the command that installs it."""


class AnchorWarning(UserWarning):
    """Anchors that can be used, but say less than they seem to: of one sequence alone, or equal to another."""


@contextmanager
def in_file(name: str | None) -> Iterator[None]:
    """Give errors raised inside the block the name of the file, unless they have one already."""
    try:
        yield
    except SgtError as error:
        error.file = error.file or name
        raise


@contextmanager
def in_record(id_: str, line: int | None) -> Iterator[None]:
    """Give errors raised inside the block the record they are about, unless they have one already."""
    try:
        yield
    except SgtError as error:
        if error.record is None:
            error.problem = f"record {id_!r}, {error.problem}"
            error.record, error.line = id_, line
        raise


def listed(names: Sequence[str]) -> str:
    """The first five names, for a message.

    Examples
    --------
    >>> listed(["a", "b"]), listed("abcdefgh")
    ("'a', 'b'", "'a', 'b', 'c', 'd', 'e' and 3 more")
    """
    text = ", ".join(map(repr, names[:5]))
    return text if len(names) <= 5 else f"{text} and {len(names) - 5} more"
