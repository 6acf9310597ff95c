"""Which species have both images and sequences; for the others, what may have been meant."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from visgen_train.data.species import is_open, parse

_ENDING = re.compile(r"(?:us|um|is|er|ra|rum|os|on|a|e)$")
"""Of an adjective: it goes with the gender of the genus (tenella, tenellus), so it changes with the genus."""
_ALIKE: Final = 0.8
"""difflib's ratio from which spellings are near."""
_ROWS: Final = 40  # of the table in a message


@dataclass(frozen=True)
class Suggestion:
    """A species without a partner, one of the other side that may be the same, and why."""

    name: str
    other: str
    why: str


@dataclass(frozen=True)
class Match:
    """Species on both sides, and those on one side only with their counts."""

    species: tuple[str, ...]
    images_only: Mapping[str, int]
    sequences_only: Mapping[str, int]

    @property
    def complete(self) -> bool:
        """Whether every species has both images and sequences."""
        return not self.images_only and not self.sequences_only

    def table(self, pictured: bool = True, settled: Collection[str] = ()) -> str:
        """The species without a partner, a line each, with near names of the other side; those with one come first.

        Parameters
        ----------
        pictured : bool
            Those with images alone, too.
        settled : collection of str
            Names that mean no other name, nor does another mean them.
        """
        sides = [(self.images_only, self.sequences_only)] if pictured else []
        rows: list[tuple[str, ...]] = []
        for side, others in (*sides, (self.sequences_only, self.images_only)):
            meant = _near(side, [*others, *self.species], settled)
            for name, count in sorted(side.items(), key=lambda one: one[0] not in meant):
                counts = (str(count), "-") if side is self.images_only else ("-", str(count))
                rows.append((name, *counts, meant[name].other if name in meant else ""))
        return _listing(("species", "images", "sequences", "perhaps meant"), rows)


def _listing(heading: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    shown = [heading, *rows[:_ROWS]]
    width = max(len(row[0]) for row in shown)
    lines = [f"  {a:<{width}}  {b:>6}  {c:>9}  {d}".rstrip() for a, b, c, d in shown]
    return "\n".join([*lines, *([f"  and {len(rows) - _ROWS:,} more"] if len(rows) > _ROWS else [])])


def match(images: Iterable[str], sequences: Iterable[str]) -> Match:
    """Match the species of images with those of sequences, by equal names alone.

    Parameters
    ----------
    images, sequences : iterable of str
        The species of every image, and of every sequence, as `species.canonical` spells them.
    """
    pictured, sequenced = Counter(images), Counter(sequences)
    return Match(
        species=tuple(sorted(pictured.keys() & sequenced.keys())),
        images_only={name: pictured[name] for name in sorted(pictured.keys() - sequenced.keys())},
        sequences_only={name: sequenced[name] for name in sorted(sequenced.keys() - pictured.keys())},
    )


def suggestions(match: Match, settled: Collection[str] = ()) -> list[Suggestion]:
    """What may be meant by the species on one side only, for a person to confirm; nothing is matched by it.

    Names that are `settled` mean no other name, nor does another mean them.

    Read as rows (synonym, accepted) they make a table for `synonyms.load`: no name stands for two, none for itself.

    >>> found = suggestions(Match(("Aus albus",), {"Bus rubra": 3}, {"Cus ruber": 2, "Zus niger": 1}))
    >>> [(row.name, row.other, row.why) for row in found]
    [('Bus rubra', 'Cus ruber', 'the same epithet, but for genus or ending')]
    """
    images, sequences, both = match.images_only, match.sequences_only, match.species
    pictured = _near(images, [*sequences, *both], settled).values()
    meant = {found.other for found in pictured}
    left = [name for name in sequences if name not in meant]
    return [*pictured, *_near(left, [*images, *both], settled).values()]


def _near(names: Iterable[str], others: Iterable[str], settled: Collection[str]) -> dict[str, Suggestion]:
    """What each of some names may mean among the others, of those that may mean something."""
    known = _Names(name for name in others if name not in settled)
    found = ((name, known.meant_by(name)) for name in names if name not in settled)
    return {name: meant for name, meant in found if meant is not None}


class _Names:
    """Names by what a misspelt or shortened one has in common with them: of many, few are then to be compared."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {name.casefold(): name for name in names if not is_open(name)}
        self._spelt = list(self._names)
        self._letters = _letters(self._spelt)
        self._stems, self._initials = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for name in self._names.values():
            self._stems[_stem(name)].append(name)
            self._initials[_initials(name)].append(name)

    def meant_by(self, name: str) -> Suggestion | None:
        """The name that may be meant: the nearest spelling, else the one that alone fits by one of the reasons."""
        if is_open(name):
            return None
        spelt = name.casefold()
        for near in difflib.get_close_matches(spelt, self._with_letters_of(spelt), n=5, cutoff=_ALIKE):
            if _spelt_alike(spelt, near):
                return Suggestion(name, self._names[near], "near spelling")
        short = [other for other in self._initials[_initials(name)] if _abbreviated(name, other)]
        begun = [other for other in _beginnings(name) if self._names.get(other.casefold()) == other]
        alike = self._stems[_stem(name)] if _stem(name) else []
        for why, fitting in zip(_REASONS, (short, begun, alike), strict=True):
            if len(fitting) == 1:
                return Suggestion(name, fitting[0], why)
        return None

    def _with_letters_of(self, spelt: str) -> list[str]:
        """Those that have enough letters in common, in any order (difflib's `quick_ratio`, of all at once)."""
        shared = np.minimum(self._letters, _letters([spelt])).sum(axis=1)
        lengths = self._letters.sum(axis=1) + len(spelt)
        return [self._spelt[row] for row in np.flatnonzero(2 * shared >= _ALIKE * lengths)]


def _letters(names: Collection[str]) -> np.ndarray:
    """(n, 64) how often each letter stands in a name; rare letters share a column."""
    found = np.zeros((len(names), 64), np.int16)
    for row, name in enumerate(names):
        np.add.at(found[row], [ord(letter) % 64 for letter in name], 1)
    return found


def _spelt_alike(name: str, other: str) -> bool:
    """Word by word, since species of one long genus have most letters in common."""
    a, b = name.split(), other.split()
    pairs = zip(a, b, strict=True) if len(a) == len(b) else [(name, other)]
    return all(difflib.SequenceMatcher(None, *pair).ratio() >= _ALIKE for pair in pairs)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.casefold().replace(".", "").split())


def _abbreviated(name: str, other: str) -> bool:
    """`G. bulloides`, `Globigerinella siph`."""
    short, full = (text.casefold().replace(".", "").split() for text in (name, other))
    begins = len(short) == len(full) == 2 and all(map(str.startswith, full, short))
    return begins and not other.startswith(f"{name}-")


def _beginnings(name: str) -> list[str]:
    """The name up to each blank or hyphen behind its second word."""
    ends = [at for at, letter in enumerate(name) if letter in " -" and " " in name[:at]]
    return [name[:at] for at in ends]


def _stem(name: str) -> str:
    """Of the epithet, without its ending; empty if there is none."""
    found = parse(name)
    return _ENDING.sub("", found.epithet) if found and found.epithet else ""


_REASONS = (
    "an abbreviation",
    "the same species, with more words",
    "the same epithet, but for genus or ending",
)
