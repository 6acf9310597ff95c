"""Synonyms: tables of names that stand for a species, and what is read as what in a collection, by name and count."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from visgen_train.data.labels import read_table
from visgen_train.data.species import canonical, species_of
from visgen_train.errors import DataError
from visgen_train.io.cells import restored

SHIPPED = "planktic_foraminifera.csv"


@dataclass(frozen=True)
class Row:
    """A row of a table: what a name stands for, and where that is said."""

    accepted: str
    place: str
    shipped: bool


@dataclass(frozen=True)
class Reading:
    """A name of the collection that is read as another.

    Attributes
    ----------
    name, accepted : str
    images, sequences : int
        How many bear the name.
    why : str
        "shipped table", the user's table and its row, or "a subspecies".
    """

    name: str
    accepted: str
    images: int
    sequences: int
    why: str

    def __str__(self) -> str:
        counts = ((self.images, "image"), (self.sequences, "sequence"))
        told = " and ".join(f"{count} {what}{'s' * (count != 1)}" for count, what in counts if count)
        return f"read {told} of {self.name!r} as {self.accepted!r} ({self.why})"


def load(path: Path | None = None) -> dict[str, Row]:
    """The shipped table, and a user's over it.

    Parameters
    ----------
    path : Path, optional
        CSV with columns synonym and accepted, one row a synonym. It wins over the shipped table: a synonym in both is
        what it says, one that is its own accepted name stays as it is (no subspecies is read as its species then, and
        nothing else is suggested for it), and shipped rows that would close a circle with its rows do not count.

    Returns
    -------
    dict
        Synonym -> Row with the accepted name at the end of the chain, or itself; all names as
        `species.canonical` spells them.

    Raises
    ------
    DataError
        An empty cell, two accepted names for one synonym, or synonyms in a circle; it names file and row.
    """
    with as_file(files("visgen_train.data") / SHIPPED) as shipped:
        rows = _read(shipped, shipped=True)
    own = _read(path, shipped=False) if path is not None else {}
    kept = {name: row for name, row in own.items() if row.accepted == name}
    rows = {name: row for name, row in {**rows, **own}.items() if name not in kept}
    for name in list(rows):
        _open_circle(name, rows)
    return kept | {name: Row(_end(name, rows), row.place, row.shipped) for name, row in rows.items()}


def readings(images: Iterable[str], sequences: Iterable[str], table: Mapping[str, Row]) -> list[Reading]:
    """What is read as what in a collection: synonyms as their accepted names, then subspecies as their species.

    A subspecies that stands on one side only is read as its species if that is on the other side. What both
    sides have is what they mean.

    Parameters
    ----------
    images, sequences : iterable of str
        The name of every image, and of every sequence.
    table : mapping
        From `load`.

    Returns
    -------
    list of Reading
        In alphabetical order; no name stands twice.
    """
    pictured, sequenced = Counter(images), Counter(sequences)
    accepted = {name: table[name].accepted if name in table else name for name in pictured + sequenced}
    on_side = [{accepted[name] for name in side} for side in (pictured, sequenced)]
    found = []
    for name in sorted(accepted):
        now, why = accepted[name], _why(table.get(name))
        here = [now in side for side in on_side]
        species = None if name in table and now == name else species_of(now)
        if species and not all(here) and species in on_side[here.index(False)]:
            now, why = species, "a subspecies"
        if now != name:
            found.append(Reading(name, now, pictured[name], sequenced[name], why))
    return found


def settled(table: Mapping[str, Row]) -> frozenset[str]:
    """Names of which a table says that they are no other's."""
    return frozenset(name for name, row in table.items() if row.accepted == name)


def in_force(table: Mapping[str, Row], found: Iterable[Reading]) -> dict[str, str]:
    """Each name that is read as another: all of a table, whether the collection has them or not, and its readings."""
    return {name: row.accepted for name, row in table.items()} | {one.name: one.accepted for one in found}


def _why(row: Row | None) -> str:
    return "" if row is None else "shipped table" if row.shipped else row.place


def _read(path: Path, shipped: bool) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for cells in read_table(path, ("synonym", "accepted")):
        place = f"{path}, row {cells.line}"
        name, accepted = (canonical(restored(cells[column])) for column in ("synonym", "accepted"))
        if not name or not accepted:
            raise DataError(
                f"{place}: an empty cell; write `synonym,accepted`, a name in each, or leave it out."
            )
        if rows.setdefault(name, Row(accepted, place, shipped)).accepted != accepted:
            raise DataError(
                f"{place}: {name!r} is {accepted!r} here and {rows[name].accepted!r} in {rows[name].place}. Keep one."
            )
    return rows


def _open_circle(name: str, rows: dict[str, Row]) -> None:
    """Take shipped rows out of the circle that begins at a name; refuse one of the user's own rows alone."""
    circle = [name, *_chain(name, rows)]
    if name not in circle[1:]:
        return
    members = [member for member in circle[:-1] if rows[member].shipped]
    if not members:
        places = "; ".join(f"{rows[member].place}: {member!r}" for member in circle[:-1])
        raise DataError(f"{places}: these are synonyms of each other in a circle. Take out one of the rows.")
    for member in members:
        del rows[member]


def _chain(name: str, rows: Mapping[str, Row]) -> Iterator[str]:
    """What a name stands for, what that stands for, and so on to the end, or to the first name that comes again."""
    seen = set()
    while name in rows and name not in seen:
        seen.add(name)
        name = rows[name].accepted
        yield name


def _end(name: str, rows: Mapping[str, Row]) -> str:
    return [*_chain(name, rows)][-1]
