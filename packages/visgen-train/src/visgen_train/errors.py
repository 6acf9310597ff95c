"""Errors a user can act on: each message names what is wrong, where, and the way out."""

import difflib
from collections.abc import Iterable


def near(name: object, known: Iterable[str]) -> str:
    """`; perhaps NAME`, the known name nearest to a mistyped one, or nothing.

    >>> near("hardset", ("all", "hardest"))
    '; perhaps hardest'
    """
    found = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; perhaps {found[0]}" if found else ""


def first_line(error: BaseException) -> str:
    """The first line of what an error of a library says, or its name where it says nothing.

    >>> first_line(ValueError("no number\\nat all")), first_line(EOFError())
    ('no number', 'EOFError()')
    """
    return next(iter(str(error).splitlines()), "") or repr(error)


class VisgenError(Exception):
    """Base of every error raised on purpose; `exit_code` is what the command line returns for it."""

    exit_code = 1


class DataError(VisgenError):
    """The images, sequences or tables cannot be used as they are (exit code 1)."""


class TrainingError(VisgenError):
    """Training cannot go on, for instance because the loss is no longer finite (exit code 1)."""


class UsageError(VisgenError):
    """The call itself is wrong: an unknown name, a folder that is not empty (exit code 2)."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting is unknown or out of range (exit code 2)."""


class WeightsError(UsageError):
    """Weights could not be found, downloaded or fitted to the backbone (exit code 2)."""
