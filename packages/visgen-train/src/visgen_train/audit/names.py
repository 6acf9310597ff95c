"""Species that stand on one side only, and which name of the other side they may mean."""

import csv
import difflib
import io
from collections.abc import Iterable, Sequence
from typing import Final

from visgen_train.audit.findings import Finding, Kind, Suggested, plural
from visgen_train.data.labels import Match

_NEAR: Final = 0.85

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


def name_findings(match: Match, suggested: Sequence[Suggested], matched_only: bool) -> list[Finding]:
    """Findings on species without a partner.

    Parameters
    ----------
    match : Match
    suggested : sequence of Suggested
        From `suggestions`; these names are reported once, with their partner.
    matched_only : bool
        Species on one side only are left out on purpose.
    """
    found = [
        Finding(
            NEAR_MISS,
            (one.synonym, one.accepted),
            f"{one.synonym} (images): perhaps {one.accepted}, {one.reason}",
        )
        for one in suggested
    ]
    told = {name for one in suggested for name in (one.synonym, one.accepted)}
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


def suggestions(match: Match) -> tuple[Suggested, ...]:
    """For each species with images alone the name of the sequences that it may mean."""
    found = []
    known = {name.casefold(): name for name in (*match.sequences_only, *match.species)}
    for name in match.images_only:
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=_NEAR)
        if near:
            found.append(Suggested(name, known[near[0]], "near spelling"))
    return tuple(found)


def synonym_table(suggested: Iterable[Suggested]) -> str:
    """The suggestions as a CSV for --synonyms."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("synonym", "accepted", "reason"))
    table.writerows((one.synonym, one.accepted, one.reason) for one in suggested)
    return text.getvalue()
