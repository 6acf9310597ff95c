"""The compiled part, and the only one that imports numba: letters -> bases -> symbols -> sums -> vectors.

`texts` and `bases` read letters, `pairs` is the inner loop, `sums` has a run of symbols, `vectors` means and their
roots. Everything here releases the GIL, trusts its arguments, and leaves nothing changed in a thread.
"""

from sgt_dna._kernel.bases import AMBIGUOUS, KEPT, MARGIN, STOP, encode
from sgt_dna._kernel.sums import BLOCK, statistics
from sgt_dna._kernel.texts import read_fasta, read_texts
from sgt_dna._kernel.vectors import Plan, embed_bases, finish

__all__ = [
    "AMBIGUOUS",
    "BLOCK",
    "KEPT",
    "MARGIN",
    "STOP",
    "Plan",
    "embed_bases",
    "encode",
    "finish",
    "read_fasta",
    "read_texts",
    "statistics",
]
