"""Species that stand on one side only, what they may mean, and names that are read as others."""

import csv
import io
from collections import Counter
from collections.abc import Collection as Names
from collections.abc import Iterable, Sequence

from visgen_train.audit.findings import Finding, Kind, plural
from visgen_train.audit.reading import Collection
from visgen_train.data.matching import Suggestion, match
from visgen_train.data.species import is_open
from visgen_train.io.cells import neutralised

NEAR_MISS = Kind(
    "near-miss-name",
    "error",
    "names differ a little between images and sequences",
    "Write a table of names by --suggest-names OUT.csv and look through it: where a row is right, leave it; where its "
    "two names are two species, write the first in both columns. Then pass it by --synonyms OUT.csv.",
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
    collection: Collection,
    bad: Names[str],
    suggested: Sequence[Suggestion],
    matched_only: bool,
    played: Names[str],
) -> list[Finding]:
    """Findings on species without a partner, and on how names are read.

    Parameters
    ----------
    collection : Collection
    bad : collection of str
        Pictures that cannot be read: a species that has no others is on one side only.
    suggested : sequence of Suggestion
        These names are reported once, with what they may mean.
    matched_only : bool
        Species on one side only are left out on purpose.
    played : collection of str
        Species that a run trains on: with pictures alone they are no fault.
    """
    found = [
        Finding(NEAR_MISS, (one.name, one.other), f"{one.name}: perhaps {one.other}, {one.why}")
        for one in suggested
    ]
    told = {name for one in suggested for name in (one.name, one.other)}
    found += [Finding(READ_AS, (one.name, one.accepted), str(one)) for one in collection.readings]
    lost = Counter(item.species for item in collection.items if item.file in bad)
    readable = (item.species for item in collection.items if item.file not in bad)
    both = match(readable, collection.labels.values())
    found += [Finding(OPEN, (name,), name) for name in both.species if is_open(name)]
    for name, number in both.images_only.items():
        if name not in told and name not in played:
            text = f"{name}: {plural(number, 'image')}"
            found.append(Finding(LEFT_OUT if matched_only else NO_SEQUENCES, (name,), text))
    for name, number in both.sequences_only.items():
        if name not in told:
            text = f"{name}: {plural(number, 'sequence')}"
            text += f"; its {plural(lost[name], 'image')} cannot be read" if lost[name] else ""
            found.append(Finding(LEFT_OUT if matched_only else NO_IMAGES, (name,), text))
    if len(both.species) < 2:
        some = plural(len(both.species), "species has", "species have")
        found.append(Finding(TOO_FEW, both.species, f"{some} both images and sequences"))
    return found


def synonym_table(suggested: Iterable[Suggestion]) -> str:
    """The suggestions as a CSV for --synonyms."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("synonym", "accepted", "reason"))
    table.writerows([neutralised(cell) for cell in (one.name, one.other, one.why)] for one in suggested)
    return text.getvalue()
