"""The findings as text: a verdict, and a paragraph a kind with its first examples."""

from typing import Final

from visgen_train.audit.findings import SEVERITIES, Audit, Finding, Kind, plural

EXAMPLES: Final = 10
_WORDS: Final = {"clean": "clean", "usable": "usable, with doubts", "not ready": "not ready"}


def verdict_line(audit: Audit) -> str:
    """`not ready: 3 errors, 12 warnings, 1 note in 320 images of 4 species and 91 sequences of 4 species`."""
    size, counts = audit.collection, audit.counts
    found = ", ".join(plural(counts[name], name) for name in SEVERITIES if counts[name]) or "nothing found"
    images = _of_species(size["images"], "image", size["species_with_images"])
    sequences = _of_species(size["sequences"], "sequence", size["species_with_sequences"])
    return f"{_WORDS[audit.verdict]}: {found} in {images} and {sequences}"


def _of_species(number: int, what: str, species: int) -> str:
    return f"{plural(number, what)} of {plural(species, 'species', 'species')}"


def lines(audit: Audit) -> list[str]:
    """All findings, a paragraph a kind, errors first; of each kind the first ten."""
    told: list[str] = []
    for kind, findings in audit.kinds().items():
        told += ["", *_paragraph(kind, findings)]
    return told


def _paragraph(kind: Kind, findings: list[Finding]) -> list[str]:
    rest = len(findings) - EXAMPLES
    return [
        f"{kind.severity}: {kind.title} ({len(findings):,})",
        *(f"  {finding.message}" for finding in findings[:EXAMPLES]),
        *([f"  and {rest:,} more (all with --json)"] if rest > 0 else []),
        f"  -> {kind.fix}",
    ]
