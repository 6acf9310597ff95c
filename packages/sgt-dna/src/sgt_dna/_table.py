"""What a stored embedding consists of, whatever the file format, and what must hold of it."""

import json
from dataclasses import asdict
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sgt_dna.errors import FormatError, ParameterError, listed
from sgt_dna.params import SGTParams

VERSION: Final = 1
"""Version of the file formats. Every file states it."""


class Table(NamedTuple):
    """The fields of an `Embedding`, under their names."""

    ids: tuple[str, ...]
    vectors: npt.NDArray[np.float64]
    feature_names: tuple[str, ...]
    params: SGTParams
    descriptions: tuple[str, ...]
    ambiguous: npt.NDArray[np.int64]
    kind: str


def provenance(table: Table) -> str:
    """Format version, kind and parameters as compact JSON in ASCII: the part that every format stores alike."""
    content = {"version": VERSION, "kind": table.kind, "params": asdict(table.params)}
    return json.dumps(content, separators=(",", ":"))


def read_provenance(text: str | bytes) -> tuple[SGTParams, str]:
    """Parameters and kind from what `provenance` wrote.

    Raises
    ------
    FormatError
        It is something else, or of another version.
    """
    try:
        content = json.loads(text)
        version = content["version"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FormatError(
            "not an embedding written by sgt_dna: it does not say its format version"
        ) from error
    if version != VERSION:
        raise FormatError(f"format version {version!r:.20} is unknown, expected {VERSION}; update sgt-dna")
    try:
        params, kind = SGTParams(**content["params"]), content["kind"]
    except (ParameterError, TypeError, KeyError) as error:
        raise FormatError(f"the stored parameters are unknown ({error!s:.200}); update sgt-dna") from error
    if not isinstance(kind, str):
        raise FormatError(f"the stored kind is {kind!r:.40}, expected text; write the file anew")
    return params, kind


def check_storable(table: Table) -> None:
    """Refuse to write what could not be read back.

    Raises
    ------
    ParameterError
        Vectors are not finite.
    """
    if bad := _not_finite(table):
        raise ParameterError(
            f"the vectors of {listed(bad)} hold NaN or infinity and are not stored; leave them out"
        )


def check_stored(table: Table) -> None:
    """Refuse contents that no `Embedding` has; shapes are checked by the format, before it reads.

    Raises
    ------
    FormatError
        Ids stand twice; vectors are not finite.
    """
    check_unique(table)
    if bad := _not_finite(table):
        raise FormatError(f"the vectors of {listed(bad)} hold NaN or infinity; write the file anew")


def check_unique(table: Table) -> None:
    """Refuse ids that stand twice.

    Raises
    ------
    FormatError
        They do.
    """
    if len(set(table.ids)) != len(table.ids):
        seen: set[str] = set()
        twice = [id_ for id_ in table.ids if id_ in seen or seen.add(id_)]  # type: ignore[func-returns-value]
        raise FormatError(f"ids stand more than once: {listed(twice)}; write the file anew with unique ids")


def check_counts(lengths: dict[str, int], rows: int) -> None:
    """Refuse a file whose parts have not one entry for each of the rows.

    Raises
    ------
    FormatError
        A part is longer or shorter.
    """
    for name, length in lengths.items():
        if length != rows:
            raise FormatError(f"{length} {name} for {rows} vectors; write the file anew")


def texts(content: Any, name: str) -> tuple[str, ...]:
    """The list of texts that a JSON part of a file must be."""
    if not isinstance(content, list) or not all(isinstance(item, str) for item in content):
        raise FormatError(f"{name} are not a list of texts; write the file anew")
    return tuple(content)


def _not_finite(table: Table) -> list[str]:
    return [table.ids[row] for row in np.flatnonzero(~np.isfinite(table.vectors).all(axis=1))]
