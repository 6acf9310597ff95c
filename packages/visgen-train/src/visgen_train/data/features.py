"""Embeddings of any model, as a user brings them: checked once, here, whether they come from a file or from Python."""

import hashlib
import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from visgen_train.data.feature_columns import check_lengths, check_order, check_unique, texts
from visgen_train.data.feature_vectors import as_vectors, rows_named
from visgen_train.data.image_rows import side_named
from visgen_train.data.manifest import SPLITS, Item
from visgen_train.data.species import canonical
from visgen_train.data.splits import split
from visgen_train.errors import DataError, near

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """One vector an item; two tables are equal if they are so bit for bit.

    Attributes
    ----------
    items : tuple of Item
        `file` is the id; `group` and `split` are None where none were given.
    vectors : numpy.ndarray
        (n, d) float32, C-contiguous; finite, no row all zero.
    """

    items: tuple[Item, ...]
    vectors: np.ndarray

    @property
    def sha256(self) -> str:
        """Hash of ids, labels, groups, splits and vectors."""
        rows = [(item.file, item.species, item.group, item.split) for item in self.items]
        digest = hashlib.sha256(json.dumps([self.vectors.shape, rows]).encode())
        digest.update(self.vectors.astype("<f4", copy=False).tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FeatureTable) and self.sha256 == other.sha256


def feature_table(
    vectors: Any,
    labels: Any,
    *,
    ids: Any = None,
    groups: Any = None,
    splits: Any = None,
    source: str = "features",
) -> FeatureTable:
    """Check embeddings and what is known of them, and put them together.

    Parameters
    ----------
    vectors : array-like
        (n, d) numbers: array, lists, data frame, tensor in main memory. Kept as float32.
    labels : sequence
        (n,) species names; case, underscores, blanks and authorities make no difference.
    ids : sequence, optional
        (n,) unique names; "1", "2", ... without.
    groups : sequence, optional
        (n,) what must stay on one side of the split: specimen, locality.
    splits : sequence, optional
        (n,) "train", "validation" (also "val", "valid") or "test".
    source : str
        Where they come from, for messages.

    Raises
    ------
    DataError
        Anything that cannot be used as it is; it names the rows, counted from 1, and their ids.

    Examples
    --------
    >>> table = feature_table([[0, 1], [1, 0], [1, 1]], ["Aus_albus", "Aus albus", "Bus ruber"])
    >>> table.vectors.shape, [item.species for item in table.items]
    ((3, 2), ['Aus albus', 'Aus albus', 'Bus ruber'])
    """
    given = {"ids": ids, "labels": labels, "groups": groups, "splits": splits}
    check_order({"vectors": vectors, **given}, source)
    names = None if ids is None else texts(ids, "ids", source, None)
    array = as_vectors(vectors, source, names)
    columns = {"ids": names, "labels": texts(labels, "labels", source, names)}
    for what in ("groups", "splits"):
        columns[what] = None if given[what] is None else texts(given[what], what, source, names)
    check_lengths(columns, len(array), source)
    if names is None:
        names = [str(number) for number in range(1, len(array) + 1)]
    check_unique(names, source)
    items = _items(names, columns, source)
    _warn_of_duplicates(items, array, source)
    return FeatureTable(items, array)


def split_features(
    table: FeatureTable,
    test: float,
    validation: float,
    rng: np.random.Generator,
    trained_only: Collection[str] = (),
) -> list[str]:
    """Side of each item, as `splits.split` gives it; groups stay whole, and so do exactly equal vectors.

    Parameters
    ----------
    table : FeatureTable
    test, validation : float
        Fractions of a species' groups.
    rng : numpy.random.Generator
    trained_only : collection of str
        Species that are never scored.
    """
    return split(table.items, row_digests(table.vectors), test, validation, rng, trained_only)


def _items(names: list[str], columns: Mapping[str, list[str] | None], source: str) -> tuple[Item, ...]:
    nothing: list[None] = [None] * len(names)
    species = [canonical(label) for label in columns["labels"] or ()]
    if len(set(species)) < 2:
        raise DataError(
            f"{source}: all {len(species)} rows are of one species, {species[0]!r}; a classifier needs two."
        )
    groups = columns["groups"] and [group.strip() for group in columns["groups"]]
    sides = columns["splits"] and [side_named(side) for side in columns["splits"]]
    _check_sides(sides or [], names, source)
    rows = zip(names, species, groups or nothing, sides or nothing, strict=True)
    return tuple(Item(*row) for row in rows)


def _check_sides(sides: Sequence[str], names: list[str], source: str) -> None:
    unknown = [position for position, side in enumerate(sides) if side not in SPLITS]
    if unknown:
        name = sides[unknown[0]]
        raise DataError(
            f"{source}: unknown split {name!r} ({rows_named(unknown, names)}); it must be one of "
            f"{', '.join(SPLITS)}{near(name.lower(), SPLITS)}."
        )


def row_digests(vectors: np.ndarray) -> list[str]:
    """A hash of each row; 0 and -0 are equal."""
    return [hashlib.sha256((row + 0.0).tobytes()).hexdigest() for row in vectors]


def _warn_of_duplicates(items: Sequence[Item], vectors: np.ndarray, source: str) -> None:
    first: dict[str, Item] = {}
    pairs = [
        (first.setdefault(digest, item), item)
        for item, digest in zip(items, row_digests(vectors), strict=True)
    ]
    pairs = [(a, b) for a, b in pairs if a.species != b.species]
    for a, b in pairs[:1]:
        log.warning(
            "%s: %d rows have the vector of a row of another species, the first are %r (%s) and %r (%s)",
            *(source, len(pairs), a.file, a.species, b.file, b.species),
        )
