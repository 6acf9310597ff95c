"""Alignments: made by FAMSA, or given.

FAMSA: Deorowicz, Debudaj-Grabysz and Gudys, "Fast and accurate multiple sequence alignment of huge protein families",
Scientific Reports 6: 33964, 2016. For DNA it takes the scores of NUC.4.4 (match 5, mismatch -4) in place of a
protein's.
"""

from collections.abc import Sequence

import numpy as np
import sgt_dna

from visgen_train.errors import ConfigError, DataError
from visgen_train.genetics.words import letters

_LETTERS = str.maketrans({"U": "T", "-": None, ".": None})


def align(records: Sequence[sgt_dna.Record]) -> np.ndarray:
    """Align sequences of DNA by pyfamsa (the extra `phylo`).

    Returns
    -------
    numpy.ndarray
        (n, columns) codes of `words.letters`, rows in the order of the records.

    Raises
    ------
    ConfigError
        pyfamsa is not installed.
    """
    try:
        import pyfamsa
        from scoring_matrices import ScoringMatrix
    except ImportError as error:
        raise ConfigError(
            "Distances of an alignment need pyfamsa: pip install 'visgen-train[phylo]'. Without it, give an alignment "
            "made elsewhere, or take method kmer."
        ) from error
    given = [
        pyfamsa.Sequence(str(row).encode(), record.sequence.upper().translate(_LETTERS).encode())
        for row, record in enumerate(records)
    ]
    # with other scores than a protein's, refinement (pyfamsa 0.7.0) now and then gives another alignment
    aligner = pyfamsa.Aligner(scoring_matrix=ScoringMatrix.from_name("NUC.4.4"), refine=False)
    found = {int(one.id): letters(one.sequence.decode()) for one in aligner.align(given)}
    return np.stack([found[row] for row in range(len(given))])


def aligned(records: Sequence[sgt_dna.Record]) -> np.ndarray:
    """Codes of sequences that are aligned already: (n, columns).

    Raises
    ------
    DataError
        Their lengths differ; it names the first that does.
    """
    length = len(records[0].sequence)
    for record in records:
        if len(record.sequence) != length:
            raise DataError(
                f"The alignment's record {record.id} has {len(record.sequence)} columns and {records[0].id} {length}; "
                "the rows of an alignment, gaps and all, are of one length."
            )
    return np.stack([letters(record.sequence) for record in records])
