"""Groups of pictures, such as specimens: on two sides of a given split, and under two species."""

from collections import defaultdict
from collections.abc import Iterable

from visgen_train.audit.findings import Finding, Kind, plural, some
from visgen_train.data.manifest import Item

TWO_SIDES = Kind(
    "group-two-sides",
    "error",
    "groups stand on two sides of the given split",
    "Give all rows of a group one value in the column `split`: else the test is too easy.",
)
TWO_SPECIES = Kind(
    "group-two-species",
    "warning",
    "groups stand under two species",
    "If a group is a specimen, one of its labels is wrong; if it is a place, nothing is.",
)


def group_findings(items: Iterable[Item]) -> list[Finding]:
    """Groups on two sides of the given split, and groups of two species."""
    groups = defaultdict[str, list[Item]](list)
    for item in items:
        if item.group is not None:
            groups[item.group].append(item)
    found = []
    for name, members in groups.items():
        files = tuple(item.file for item in members)
        for kind, values in (
            (TWO_SIDES, {item.split for item in members if item.split is not None}),
            (TWO_SPECIES, {item.species for item in members}),
        ):
            if len(values) > 1:
                listed = " and ".join(sorted(values))
                text = f"{name}: {plural(len(files), 'image')}, {listed} ({some(files)})"
                found.append(Finding(kind, files, text))
    return found
