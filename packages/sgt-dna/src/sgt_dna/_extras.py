"""Libraries that come with an extra: imported on first use, or one line with the command that installs them."""

from importlib import import_module
from typing import Any

from sgt_dna.errors import MissingExtraError


def imported(module: str, extra: str, need: str) -> Any:
    """A module of an extra.

    Parameters
    ----------
    module : str
        Name to import.
    extra : str
        Of sgt-dna, that brings it.
    need : str
        How the message begins: what needs what.

    Raises
    ------
    MissingExtraError
        It is not installed.

    Examples
    --------
    >>> imported("absent", "pandas", "tables need pandas")
    Traceback (most recent call last):
    sgt_dna.errors.MissingExtraError: tables need pandas: pip install "sgt-dna[pandas]"
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(f'{need}: pip install "sgt-dna[{extra}]"') from error
