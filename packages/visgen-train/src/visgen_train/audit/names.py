"""Species that stand on one side only, what they may mean, and names that are read as others."""

import csv
import io
from collections.abc import Iterable, Sequence

from visgen_train.audit.findings import Finding, Kind, plural
from visgen_train.data.matching import Match, Suggestion
from visgen_train.data.species import is_open
from visgen_train.data.synonyms import Reading
from visgen_train.io.cells import neutralised

NEAR_MISS = Kind(
    "near-miss-name",
    "error",
    "names differ a little between images and sequences",
    "If they mean one species: write a table of names by --suggest-names OUT.csv, take out what is wrong in it, and "
    "pass it by --synonyms OUT.csv.",
)
NO_SEQUENCES = Kind(
    "no-sequences",
    "error",
    "species have images but no sequences",
    "Add sequences, make the names agree, or leave these species out by --matched-only.",
)
NO_IMAGES = Kind(
    "no-images",
    "error",
    "species have sequences but no images",
    "Add images, make the names agree, or leave these species out by --matched-only.",
)
LEFT_OUT = Kind(
    "left-out",
    "note",
    "species are left out, since they stand on one side only",
    "This is what --matched-only asks for.",
)
TOO_FEW = Kind(
    "too-few-species",
    "error",
    "there is nothing to tell apart",
    "A classifier needs two species that have both images and sequences.",
)


READ_AS = Kind(
    "read-as",
    "note",
    "names are read as others",
    "Correct what is wrong by --synonyms CSV: a row with the same name in both columns leaves it as it is.",
)
OPEN = Kind(
    "open-name",
    "warning",
    "species of the same open name are taken for one",
    "`sp.` and `cf.` do not say that images and sequences are of one species; make sure that they are, or rename one.",
)


def name_findings(
    match: Match, suggested: Sequence[Suggestion], readings: Sequence[Reading], matched_only: bool
) -> list[Finding]:
    """Findings on species without a partner, and on how names are read.

    Parameters
    ----------
    match : Match
    suggested : sequence of Suggestion
        These names are reported once, with what they may mean.
    readings : sequence of Reading
    matched_only : bool
        Species on one side only are left out on purpose.
    """
    found = [
        Finding(NEAR_MISS, (one.name, one.other), f"{one.name}: perhaps {one.other}, {one.why}")
        for one in suggested
    ]
    told = {name for one in suggested for name in (one.name, one.other)}
    found += [Finding(READ_AS, (one.name, one.accepted), str(one)) for one in readings]
    found += [Finding(OPEN, (name,), name) for name in match.species if is_open(name)]
    sides = ((NO_SEQUENCES, match.images_only, "image"), (NO_IMAGES, match.sequences_only, "sequence"))
    for kind, names, what in sides:
        for name, number in names.items():
            if name not in told:
                text = f"{name}: {plural(number, what)}"
                found.append(Finding(LEFT_OUT if matched_only else kind, (name,), text))
    if len(match.species) < 2:
        both = plural(len(match.species), "species has", "species have")
        found.append(Finding(TOO_FEW, match.species, f"{both} both images and sequences"))
    return found


def synonym_table(suggested: Iterable[Suggestion]) -> str:
    """The suggestions as a CSV for --synonyms."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("synonym", "accepted", "reason"))
    table.writerows([neutralised(cell) for cell in (one.name, one.other, one.why)] for one in suggested)
    return text.getvalue()
