"""Which species have both images and sequences; for the others, what may have been meant."""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from visgen_train.data.species import is_open, parse

_ENDING = re.compile(r"(?:us|um|is|er|ra|rum|os|on|a|e)$")
"""Of an adjective: it goes with the gender of the genus (tenella, tenellus), so it changes with the genus."""


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

    def table(self, pictured: bool = True) -> str:
        """The species without a partner, a line each, with near names of the other side.

        Parameters
        ----------
        pictured : bool
            Those with images alone, too.
        """
        rows = [("species", "images", "sequences", "perhaps meant")]
        for name, count in self.images_only.items() if pictured else ():
            rows.append((name, str(count), "-", self._meant(name, self.sequences_only)))
        for name, count in self.sequences_only.items():
            rows.append((name, "-", str(count), self._meant(name, self.images_only)))
        width = max(len(row[0]) for row in rows)
        return "\n".join(f"  {a:<{width}}  {b:>6}  {c:>9}  {d}".rstrip() for a, b, c, d in rows)

    def _meant(self, name: str, others: Mapping[str, int]) -> str:
        found = _nearest(name, [*others, *self.species])
        return found.other if found else ""


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
    images, sequences, both = (
        [name for name in names if name not in settled]
        for names in (match.images_only, match.sequences_only, match.species)
    )
    pictured = _suggested(images, [*sequences, *both])
    meant = {found.other for found in pictured}
    return pictured + _suggested([name for name in sequences if name not in meant], [*images, *both])


def _suggested(names: Iterable[str], others: list[str]) -> list[Suggestion]:
    nearest = (_nearest(name, others) for name in names)
    return [found for found in nearest if found is not None]


def _nearest(name: str, others: list[str]) -> Suggestion | None:
    """The name that may be meant: the nearest spelling, else the one that alone fits by one of the reasons."""
    if is_open(name):
        return None
    known = {other.casefold(): other for other in others if not is_open(other)}
    for near in difflib.get_close_matches(name.casefold(), known, n=5, cutoff=0.8):
        if _spelt_alike(name.casefold(), near):
            return Suggestion(name, known[near], "near spelling")
    for why, fits in _REASONS.items():
        fitting = [other for other in known.values() if fits(name, other)]
        if len(fitting) == 1:
            return Suggestion(name, fitting[0], why)
    return None


def _spelt_alike(name: str, other: str) -> bool:
    """Word by word, since species of one long genus have most letters in common."""
    a, b = name.split(), other.split()
    pairs = zip(a, b, strict=True) if len(a) == len(b) else [(name, other)]
    return all(difflib.SequenceMatcher(None, *pair).ratio() >= 0.8 for pair in pairs)


def _abbreviated(name: str, other: str) -> bool:
    """`G. bulloides`, `Globigerinella siph`."""
    short, full = (text.casefold().replace(".", "").split() for text in (name, other))
    begins = len(short) == len(full) == 2 and all(map(str.startswith, full, short))
    return begins and not other.startswith(f"{name}-")


def _begins_alike(name: str, other: str) -> bool:
    return len(other.split()) > 1 and name.startswith((f"{other} ", f"{other}-"))


def _same_epithet(name: str, other: str) -> bool:
    a, b = parse(name), parse(other)
    return bool(a and b and a.epithet and b.epithet and _stem(a.epithet) == _stem(b.epithet))


def _stem(epithet: str) -> str:
    return _ENDING.sub("", epithet)


_REASONS = {
    "an abbreviation": _abbreviated,
    "the same species, with more words": _begins_alike,
    "the same epithet, but for genus or ending": _same_epithet,
}
