"""The same picture twice: equal files, and pictures that look the same though their files differ."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from visgen_train.audit.findings import Finding, Kind, some
from visgen_train.audit.image_faults import FLAT
from visgen_train.audit.pictures import Pictures
from visgen_train.data.manifest import Item

ALIKE: Final = 0.995
"""Correlation of two grey copies from which pictures count as nearly the same; docs/check.md says what was measured."""
_BLOCK: Final = 512  # rows compared with all others at a time: at 30,000 pictures 60 MB

_REMOVE = "Remove all but one"
SAME_TWO_SPECIES = Kind(
    "same-file-two-species",
    "warning",
    "the same picture stands under two species",
    "Find out which species it is and remove the other copy.",
)
SAME_TWO_SIDES = Kind(
    "same-file-two-sides",
    "error",
    "the same picture stands on two sides of the given split",
    f"{_REMOVE}, or give all copies one value in the column `split`.",
)
SAME = Kind("same-file", "warning", "the same picture stands there more than once", f"{_REMOVE}.")
ALIKE_TWO_SPECIES = Kind(
    "alike-two-species",
    "warning",
    "pictures under two species look the same",
    "Look at them: if they show one specimen, find out which species it is and remove the other.",
)
ALIKE_TWO_SIDES = Kind(
    "alike-two-sides",
    "warning",
    "pictures on two sides of the given split look the same",
    "Look at them: if they show one specimen, give them one value in the column `split`, else the test is too easy.",
)
LOOK_ALIKE = Kind(
    "alike",
    "warning",
    "pictures look the same",
    f"Look at them: if they show one specimen, give them one value in a column of a table and pass --metadata CSV "
    f"--group COLUMN, so that they stay on one side of the split. If they are copies: {_REMOVE.lower()}.",
)


def duplicate_findings(items: Sequence[Item], pictures: Pictures) -> list[Finding]:
    """Equal files, and pictures that look the same but for those of one group, which belong together anyway."""
    same = _equal(pictures)
    return [
        *(_judged(items, rows, (SAME_TWO_SPECIES, SAME_TWO_SIDES, SAME)) for rows in same),
        *_alike_findings(items, pictures, {row for rows in same for row in rows[1:]}),
    ]


def _equal(pictures: Pictures) -> list[list[int]]:
    rows = defaultdict[str, list[int]](list)
    for row, picture in enumerate(pictures.seen):
        if picture.sha256 and not picture.problem:
            rows[picture.sha256].append(row)
    return [found for found in rows.values() if len(found) > 1]


def _alike_findings(items: Sequence[Item], pictures: Pictures, copies: set[int]) -> list[Finding]:
    rows = [row for row, picture in enumerate(pictures.seen) if not picture.problem and row not in copies]
    first, second = (np.array(rows, np.int64)[found] for found in alike(pictures.thumbs[rows]))
    groups = [item.group for item in items]
    keep = [groups[a] is None or groups[a] != groups[b] for a, b in zip(first, second, strict=True)]
    linked = clusters(first[keep], second[keep], len(items))
    kinds = (ALIKE_TWO_SPECIES, ALIKE_TWO_SIDES, LOOK_ALIKE)
    found = [_judged(items, cluster, kinds) for cluster in linked]
    given = any(item.split is not None for item in items)
    return [finding for finding in found if not (given and finding.kind is LOOK_ALIKE)]


def _judged(items: Sequence[Item], rows: Sequence[int], kinds: tuple[Kind, Kind, Kind]) -> Finding:
    about = tuple(items[row].file for row in rows)
    species = {items[row].species for row in rows}
    sides = {items[row].split for row in rows} - {None}
    kind = kinds[0] if len(species) > 1 else kinds[1] if len(sides) > 1 else kinds[2]
    return Finding(kind, about, some(about))


def alike(thumbs: np.ndarray, least: float = ALIKE) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of pictures that look the same: their grey values, less their mean, are correlated by `least` or more.

    Brightness and contrast make no difference. Every picture is compared with every other, as products of matrices.

    Parameters
    ----------
    thumbs : numpy.ndarray
        (n, size, size) uint8.

    Returns
    -------
    first, second : numpy.ndarray
        (pairs,) int64 rows, first < second. Pictures that show nothing are in no pair.

    Examples
    --------
    >>> ramp = np.arange(16, dtype=np.uint8).reshape(4, 4)
    >>> alike(np.stack([ramp, ramp.T, 3 * ramp + 20]))
    (array([0]), array([2]))
    """
    values = thumbs.reshape(len(thumbs), int(np.prod(thumbs.shape[1:]))).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    shown = np.flatnonzero(values.std(axis=1) >= FLAT)
    values = values[shown]
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    pairs = [np.empty((2, 0), np.int64)]
    for start in range(0, len(values), _BLOCK):
        close = values[start : start + _BLOCK] @ values[start:].T >= least
        rows, columns = np.nonzero(np.triu(close, 1))
        pairs.append(np.stack([rows, columns]) + start)
    first, second = shown[np.concatenate(pairs, axis=1)]
    return first, second


def clusters(first: np.ndarray, second: np.ndarray, number: int) -> list[list[int]]:
    """Rows that are linked by pairs, however indirectly; only those with a partner."""
    links = coo_array((np.ones(len(first), bool), (first, second)), (number, number))
    _, name = connected_components(links, directed=False)
    members = defaultdict[int, list[int]](list)
    for row in sorted({*first.tolist(), *second.tolist()}):
        members[int(name[row])].append(row)
    return list(members.values())
