"""Text of many sequences -> their bases, without a Python object a record."""

from typing import Final

import numpy as np
import numpy.typing as npt

from sgt_dna._kernel.bases import KEPT, encode
from sgt_dna._kernel.compiled import compiled, inlined
from sgt_dna.alphabet import Codes

Places = npt.NDArray[np.int64]

END: Final = np.uint8(10)
BEGIN: Final = np.uint8(62)
SPACE: Final = np.uint8(32)
TAB: Final = np.uint8(9)
PRINTABLE: Final = np.uint8(94)
"""Line end, '>', the white space a header may have, and how many printable characters follow the space in ASCII.
Headers with others are left to Python."""


@compiled
def read_texts(
    text: Codes, stops: Places, table: Codes, bases: Codes, ends: Places, ambiguous: Places
) -> int:
    """Fill in the bases of n sequences that stand one after another.

    Parameters
    ----------
    text : (length,) uint8
    stops : (n,) int64
        Where each sequence ends in the text.
    table : (256,) uint8
        See `encode`.
    bases : (length + MARGIN,) uint8
        Filled in, and with it where each sequence `ends` (n,), and how many characters are `ambiguous` (n,).

    Returns
    -------
    int
        The first sequence that is not clean, or n.
    """
    start, end = 0, 0
    for row in range(stops.size):
        start, end, ambiguous[row] = encode(text, start, stops[row], table, bases, end)
        if start < stops[row]:
            return row
        ends[row] = end
    return stops.size


@compiled
def read_fasta(
    text: Codes,
    table: Codes,
    max_length: int,
    bases: Codes,
    ends: Places,
    ambiguous: Places,
    lines: Places,
    ids: Codes,
    headers: Codes,
) -> tuple[int, int, int, int]:
    """Fill in the bases of whole records of FASTA, of which the first begins the text.

    Parameters
    ----------
    text, table, bases, ends, ambiguous
        As for `read_texts`; n may be more than there are records.
    max_length : int
        Characters of a sequence.
    lines : (n,) int64
        Filled in with the line of each header, the first of the text being 0.
    ids, headers : (length + 1,) uint8
        Filled in with a line for each id, and for each header without the blanks around it.

    Returns
    -------
    n_records, n_lines, size_of_ids, size_of_headers : int
        The first is -1 if anything is not clean: an error, or what is better left to Python.
    """
    place = line = row = end = ids_end = headers_end = 0
    while place < text.size:
        body = _body(text, place)
        if body < 0:
            return -1, 0, 0, 0
        first, last = _trimmed(text, place + 1, body - 1)
        ids_end = _copy(text, first, _first_blank(text, first, last), ids, ids_end)
        headers_end = _copy(text, first, last, headers, headers_end)
        before = end
        place, end, n_ambiguous = encode(text, body, text.size, table, bases, before)
        length = end - before + (0 if table[ord("N")] & KEPT else n_ambiguous)
        next_begins = place == text.size or (text[place] == BEGIN and text[place - 1] == END)
        if not next_begins or first == last or length == 0 or length > max_length:
            return -1, 0, 0, 0
        ends[row], ambiguous[row], lines[row] = end, n_ambiguous, line
        line += 1 + place - body - length  # what was passed over are line ends
        row += 1
    return row, line, ids_end, headers_end


@inlined
def _body(text: Codes, place: int) -> int:
    """Where the line after a header begins; -1 if there is none, or the header holds unusual characters."""
    for i in range(place, text.size):
        if text[i] == END:
            return i + 1
        if np.uint8(text[i] - SPACE) > PRINTABLE and text[i] != TAB:  # a difference below 0 is a large one
            return -1
    return -1


@inlined
def _trimmed(text: Codes, first: int, last: int) -> tuple[int, int]:
    while first < last and (text[first] == SPACE or text[first] == TAB):
        first += 1
    while first < last and (text[last - 1] == SPACE or text[last - 1] == TAB):
        last -= 1
    return first, last


@inlined
def _first_blank(text: Codes, first: int, last: int) -> int:
    for i in range(first, last):
        if text[i] == SPACE or text[i] == TAB:
            return i
    return last


@inlined
def _copy(text: Codes, first: int, last: int, to: Codes, end: int) -> int:
    """Append a line; its end."""
    for i in range(last - first):
        to[end + i] = text[first + i]
    end += last - first
    to[end] = END
    return end + 1
