"""Letters -> bases, and what is no base: ambiguity codes, gaps, strange letters."""

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types

from sgt_dna._kernel.compiled import compiled, intrinsic
from sgt_dna.alphabet import Codes

BASE: Final = np.uint8(7)
KEPT: Final = np.uint8(8)
AMBIGUOUS: Final = np.uint8(16)
STOP: Final = np.uint8(128)
"""What a table says of a character: its base (4 if unknown), and whether it takes a position, counts as ambiguous, or
ends the reading. 0 is passed over."""

MARGIN: Final = 32
"""Letters that are looked at in one go, and so much room the bases need at their end."""


@intrinsic
def _leading(typing: Any, text: Any, bases: Any) -> Any:
    """Turn 32 letters at an address into bases at another; how many of them, up to the first that is no ACGTU.

    Of their codes in ASCII, in either case, ``(code >> 1 ^ code >> 2) & 3`` is 0, 1, 2, 3 and 3.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        letters = ir.VectorType(ir.IntType(8), MARGIN)
        from_, to = (builder.inttoptr(address, letters.as_pointer()) for address in arguments)
        each = {n: ir.Constant(letters, [n] * MARGIN) for n in (1, 2, 3, 0xDF, *b"ACGTU")}
        text = builder.load(from_, align=1)
        upper = builder.and_(text, each[0xDF])
        known = builder.icmp_unsigned("==", upper, each[ord("A")])
        for letter in b"CGTU":
            known = builder.or_(known, builder.icmp_unsigned("==", upper, each[letter]))
        folded = builder.xor(builder.lshr(text, each[1]), builder.lshr(text, each[2]))
        builder.store(builder.and_(folded, each[3]), to, align=1)
        mask = builder.zext(builder.bitcast(builder.not_(known), ir.IntType(MARGIN)), ir.IntType(64))
        ended = builder.or_(mask, ir.IntType(64)(1 << MARGIN))
        return builder.cttz(ended, ir.IntType(1)(1))

    return types.int64(types.uintp, types.uintp), generate


@compiled
def encode(text: Codes, start: int, stop: int, table: Codes, bases: Codes, end: int) -> tuple[int, int, int]:
    """Append the bases of ``text[start:stop]``, up to the first character that ends the reading, to `end` bases.

    `bases` has room for 32 more than there are. What `_leading` does not know, the table tells.

    Returns
    -------
    place, end, n_ambiguous : int
        Where the reading and the bases end, and how many of the characters are ambiguous.
    """
    n_ambiguous, place = 0, start
    from_, to = text.ctypes.data, bases.ctypes.data
    while place < stop:
        if place + MARGIN <= stop:
            known = _leading(from_ + place, to + end)
            if (
                known == MARGIN
            ):  # a branch that is foreseen, so that the next letters need not wait for this sum
                place += MARGIN
                end += MARGIN
                continue
            place += known
            end += known
        found = table[text[place]]
        if found & STOP:
            break
        bases[end] = found & BASE
        end += (found & KEPT) >> 3
        n_ambiguous += (found & AMBIGUOUS) >> 4
        place += 1
    return place, end, n_ambiguous
