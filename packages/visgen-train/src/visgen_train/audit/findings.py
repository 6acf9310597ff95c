"""What a check reports: findings, each of a kind that says how bad it is and what to do."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from visgen_train.data.matching import Suggestion

SEVERITIES: Final = ("error", "warning", "note")
AUDIT_VERSION: Final = 1  # of the JSON
_LISTED: Final = 3  # names within one sentence


@dataclass(frozen=True)
class Kind:
    """A way in which a collection can be wrong.

    Attributes
    ----------
    name : str
        For programs: `unreadable-image`.
    severity : {"error", "warning", "note"}
        `visgen run` refuses it (becomes a warning where an option leaves it out); it may spoil the result; worth
        knowing.
    title : str
        Heading of its findings.
    fix : str
        What to do.
    """

    name: str
    severity: str
    title: str
    fix: str


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes
    ----------
    kind : Kind
    about : tuple of str
        The files, records or species it concerns, all of them.
    message : str
        One sentence, which names the first of them.
    """

    kind: Kind
    about: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Audit:
    """All findings of a collection, the worst first.

    Attributes
    ----------
    findings : tuple of Finding
    collection : mapping
        How much was checked: images, sequences, species.
    suggested : tuple of Suggestion
        Names without a partner, and what they may mean; for a person to confirm.
    options : tuple of str
        Options that `visgen run` needs besides those that were given; none where it refuses all the same.
    """

    findings: tuple[Finding, ...]
    collection: Mapping[str, int]
    suggested: tuple[Suggestion, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of findings of each severity."""
        found = Counter(finding.kind.severity for finding in self.findings)
        return {severity: found[severity] for severity in SEVERITIES}

    @property
    def clean(self) -> bool:
        """Neither errors nor warnings; notes are no fault."""
        return not (self.counts["error"] or self.counts["warning"])

    @property
    def verdict(self) -> str:
        """`clean`, `usable` (warnings alone) or `not ready` (errors)."""
        if self.clean:
            return "clean"
        return "not ready" if self.counts["error"] else "usable"

    def kinds(self) -> dict[Kind, list[Finding]]:
        """The findings by kind, errors first."""
        grouped: dict[Kind, list[Finding]] = {}
        for finding in self.findings:
            grouped.setdefault(finding.kind, []).append(finding)
        return grouped


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings, errors first, else in their order."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.kind.severity)))


def to_json(audit: Audit, follow: str) -> dict[str, Any]:
    """The findings for programs; `docs/check.md` describes it.

    Parameters
    ----------
    follow : str
        The next command to type.
    """
    return {
        "schema_version": AUDIT_VERSION,
        "verdict": audit.verdict,
        "counts": audit.counts,
        "collection": dict(audit.collection),
        "findings": [
            {
                "kind": finding.kind.name,
                "severity": finding.kind.severity,
                "about": list(finding.about),
                "message": finding.message,
                "fix": finding.kind.fix,
            }
            for finding in audit.findings
        ],
        "suggested_names": [
            {"synonym": one.name, "accepted": one.other, "reason": one.why} for one in audit.suggested
        ],
        "next": follow,
    }


def some(names: Iterable[str]) -> str:
    """The first few names, and how many more there are.

    >>> some(["a", "b"]), some("abcde")
    ('a, b', 'a, b, c and 2 more')
    """
    listed = list(names)
    rest = len(listed) - _LISTED
    return ", ".join(listed[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def plural(number: int, singular: str, several: str | None = None) -> str:
    """`1 error`, `2 errors`.

    >>> plural(1, "error"), plural(2, "error"), plural(2, "species", "species")
    ('1 error', '2 errors', '2 species')
    """
    return f"{number:,} {singular if number == 1 else several or singular + 's'}"
