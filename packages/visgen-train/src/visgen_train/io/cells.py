"""Texts in CSV cells: no spreadsheet runs them as formulas, and they come back as they were."""

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
