"""Sequences that do not belong where they stand: reversed, of another marker, or of another species."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import sgt_dna

from visgen_train.audit.findings import Finding, Kind
from visgen_train.genetics.outlying import apart
from visgen_train.genetics.words import bases, nearest, reverse_complement, strands

NEIGHBOURS: Final = 3
SURELY: Final = 0.7
"""Likeness to another species from which a sequence may be one of its own; sister species are seldom so near."""
NEARER: Final = 0.02
"""How much less its likeness to its own species must be. docs/check.md says what was measured."""

REVERSED = Kind(
    "reversed-sequence",
    "warning",
    "sequences stand the wrong way round",
    "Replace them by their reverse complement: an anchor depends on the direction.",
)
OTHER_MARKER = Kind(
    "other-marker",
    "warning",
    "sequences have nothing in common with the others",
    "Look whether they are another gene, or not DNA of this group; then remove them. A species far from all others may "
    "look so, too.",
)
OTHER_SPECIES = Kind(
    "other-species",
    "warning",
    "sequences are nearer to another species than to their own",
    "Check the label against its source; correct it, or remove the sequence.",
)


def stranger_findings(records: Sequence[sgt_dna.Record], labels: Mapping[str, str]) -> list[Finding]:
    """All of this module's findings.

    Parameters
    ----------
    labels : mapping
        Record id -> species.
    """
    codes = [bases(record.sequence) for record in records]
    named = [f"{record.id} ({labels[record.id]})" for record in records]
    species = np.array([labels[record.id] for record in records])
    turned = strands(codes)
    upright = [reverse_complement(one) if back else one for one, back in zip(codes, turned, strict=True)]
    foreign = apart(upright, species)
    found = [
        Finding(REVERSED, (records[row].id,), f"{named[row]}: the reverse complement of others like it")
        for row in np.flatnonzero(turned).tolist()
    ]
    found += [
        Finding(
            OTHER_MARKER, (records[row].id,), f"{named[row]}: shares no word of 16 letters with the others"
        )
        for row in np.flatnonzero(foreign).tolist()
    ]
    rows, values, own = nearest(upright, species, NEIGHBOURS)
    for row in np.flatnonzero(~foreign).tolist():
        other = _other_species(row, rows, values, own, species)
        if other is not None:
            near = ", ".join(records[place].id for place in rows[row].tolist() if species[place] == other)
            text = (
                f"{named[row]}: nearest are {other} ({near}), sharing {values[row, 0]:.0%} of its words; "
                f"its own species {own[row]:.0%}"
            )
            found.append(Finding(OTHER_SPECIES, (records[row].id,), text))
    return found


def _other_species(
    row: int, rows: np.ndarray, values: np.ndarray, own: np.ndarray, species: np.ndarray
) -> str | None:
    """The species that all of the nearest sequences are of (three, or as many as it has), if not its own."""
    if own[row] < 0 or values[row, 0] < SURELY or values[row, 0] < own[row] + NEARER:
        return None
    other = species[rows[row, 0]]
    number = min(NEIGHBOURS, int((species == other).sum()))
    return str(other) if (species[rows[row, :number]] == other).all() else None
