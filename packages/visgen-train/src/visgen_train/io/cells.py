"""Texts from outside in CSV cells, which no spreadsheet runs as formulas and which come back, and on a terminal."""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r]")


def neutralised(text: str) -> str:
    """A text for a CSV cell, such that no spreadsheet runs it as a formula.

    >>> neutralised("=1+1"), neutralised("Aus albus")
    ("'=1+1", 'Aus albus')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def restored(cell: str) -> str:
    """The text that `neutralised` made a cell of.

    >>> restored(neutralised("=1+1")), restored("Aus albus")
    ('=1+1', 'Aus albus')
    """
    return cell[1:] if _NEUTRALISED.match(cell) else cell


def visible(text: str) -> str:
    """A text for a line on a terminal: what does not print, or turns the direction of writing, as an escape.

    >>> visible("a\\nb \u00e4")
    'a\\\\nb \u00e4'
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text
    )
