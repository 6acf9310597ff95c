"""What can be wrong with a sequence by itself, and equal sequences under two species."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import sgt_dna

from visgen_train.audit.findings import Finding, Kind, plural, some
from visgen_train.config import AlignConfig
from visgen_train.errors import DataError
from visgen_train.genetics.anchors import species_anchors
from visgen_train.genetics.outlying import TIMES
from visgen_train.genetics.words import bases

AMBIGUOUS: Final = 0.05

SHORT = Kind(
    "short-sequence",
    "warning",
    "sequences are much shorter than the others",
    f"Under a {TIMES}rd of the median length there is little to count; take a longer one, or remove it.",
)
LONG = Kind(
    "long-sequence",
    "note",
    "sequences are much longer than the others",
    "They hold more than the barcode of the others; cut them to the same region if you can.",
)
UNCERTAIN = Kind(
    "ambiguous-sequence",
    "warning",
    "sequences hold many letters other than A, C, G and T",
    f"Over {AMBIGUOUS:.0%} of the letters count for nothing; take a better read, or remove it.",
)
EQUAL = Kind(
    "same-sequence-two-species",
    "warning",
    "the same sequence stands under two species",
    "Either a label is wrong, or this barcode cannot tell these species apart, and alignment to it cannot help there.",
)
ANCHORS = Kind(
    "bad-anchor",
    "error",
    "species cannot be told apart by their sequences",
    "Add sequences that differ, or leave one of the species out.",
)


def sequence_findings(records: Sequence[sgt_dna.Record], labels: Mapping[str, str]) -> list[Finding]:
    """Lengths, letters, and equal sequences.

    Parameters
    ----------
    labels : mapping
        Record id -> species.
    """
    codes = [bases(record.sequence) for record in records]
    middle = float(np.median([len(found) for found in codes])) if codes else 0
    found = []
    same = defaultdict[bytes, list[str]](list)
    for record, found_codes in zip(records, codes, strict=True):
        named = f"{record.id} ({labels[record.id]})"
        same[found_codes.tobytes()].append(record.id)
        length = len(found_codes)
        text = f"{named}: {length:,} bases, the median is {middle:,.0f}"
        if length * TIMES < middle:
            found.append(Finding(SHORT, (record.id,), text))
        elif length > TIMES * middle:
            found.append(Finding(LONG, (record.id,), text))
        unknown = float((found_codes == 4).mean()) if length else 0.0
        if unknown > AMBIGUOUS:
            text = f"{named}: {unknown:.0%} of {length:,} letters"
            found.append(Finding(UNCERTAIN, (record.id,), text))
    return [*found, *_equal(same, labels)]


def _equal(same: Mapping[bytes, list[str]], labels: Mapping[str, str]) -> list[Finding]:
    found = []
    for ids in same.values():
        species = sorted({labels[one] for one in ids})
        if len(species) > 1:
            text = f"{' = '.join(species)}: {plural(len(ids), 'record')}, {some(ids)}"
            found.append(Finding(EQUAL, tuple(ids), text))
    return found


def anchor_findings(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str], species: Sequence[str], config: AlignConfig
) -> list[Finding]:
    """The anchors of these species by the settings of a run: two that are equal, or one that is no use."""
    try:
        species_anchors(records, labels, species, config)
    except (sgt_dna.SgtError, DataError) as error:
        return [Finding(ANCHORS, tuple(species), str(error))]
    return []
