"""What is known of each vector, as a user brings it: ids, labels, groups and splits as lists, arrays or columns."""

from collections.abc import Mapping, Set
from typing import Any

from visgen_train.data.feature_vectors import rows_named
from visgen_train.data.species import normalise
from visgen_train.errors import DataError

_MISSING = {"", "None", "nan", "NaN", "NaT", "<NA>"}
"""What a missing value is as text, for instance after `np.array(labels, dtype=str)`."""

_WAY_OUT = {
    "ids": "Give each row an id of its own, or leave ids out",
    "labels": "Give each row its species, or leave the row out",
    "groups": "Give each row its group (its own id where it stands alone), or leave groups out",
    "splits": "Give each row train, validation or test, or leave splits out",
}


def texts(values: Any, what: str, source: str, names: list[str] | None) -> list[str]:
    """The values as texts, each with something in it that UTF-8 and NumPy can hold."""
    found = [_text(value) for value in _listed(values, what, source)]
    clean = normalise if what == "labels" else str.strip
    missing = [position for position, text in enumerate(found) if clean(text) in _MISSING]
    if missing:
        raise DataError(
            f"{source}: {len(missing)} of {len(found)} {what} are empty or missing: {rows_named(missing, names)}. "
            f"{_WAY_OUT[what]}."
        )
    odd = [position for position, text in enumerate(found) if not _storable(text)]
    if odd:
        raise DataError(
            f"{source}: {what} with a NUL or invalid Unicode: {rows_named(odd, names)}, "
            f"{found[odd[0]]!a}. Rename them."
        )
    return found


def _listed(values: Any, what: str, source: str) -> list[object]:
    dimensions = getattr(values, "ndim", 1)
    unordered = isinstance(values, str | bytes | Mapping | Set)
    if dimensions != 1 or unordered or not hasattr(values, "__iter__"):
        shape = f" of {dimensions} dimensions" if dimensions != 1 else ""
        raise DataError(
            f"{source}: {what} must be a list or column with one value a row, not {type(values).__name__}{shape}."
        )
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _text(value: object) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_order(given: Mapping[str, Any], source: str) -> None:
    """Refuse pandas objects of one index in different orders: by position, rows would get foreign labels."""
    indices: dict[str, Any] = {what: getattr(values, "index", None) for what, values in given.items()}
    indexed = [(what, index) for what, index in indices.items() if hasattr(index, "equals")]
    for what, index in indexed[1:]:
        first, other = indexed[0]
        if not index.equals(other) and len(index) == len(other) and set(index) == set(other):
            raise DataError(
                f"{source}: {first} and {what} have one index in two orders. Bring them into one order "
                f"({what}.loc[{first}.index]), or give {what}.to_numpy() if the rows do belong together."
            )


def check_lengths(columns: Mapping[str, list[str] | None], number: int, source: str) -> None:
    """Refuse columns that are not as long as there are vectors."""
    for what, column in columns.items():
        if column is not None and len(column) != number:
            raise DataError(f"{source}: {number} vectors, but {len(column)} {what}. Give one a vector.")


def check_unique(names: list[str], source: str) -> None:
    """Refuse an id on two rows."""
    rows: dict[str, list[int]] = {}
    for number, name in enumerate(names, start=1):
        rows.setdefault(name, []).append(number)
    repeated = {name: numbers for name, numbers in rows.items() if len(numbers) > 1}
    if repeated:
        name, numbers = next(iter(repeated.items()))
        raise DataError(
            f"{source}: {len(repeated)} ids stand on more than one row, the first is {name!r} "
            f"(rows {numbers[0]} and {numbers[1]}). {_WAY_OUT['ids']}."
        )
