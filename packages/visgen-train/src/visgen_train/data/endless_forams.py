"""The archive of the Endless Forams library: its 35 folders, however they are spelled, and the pictures in them."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath

from visgen_train.data.species import normalise
from visgen_train.errors import DataError

PAPER_IMAGES = 34_532
"""Pictures of the 32 species with DNA: 6,801 to test on and 27,731 to train on (Karaderi et al. 2024, sec. 5.1)."""
_FOLDER = re.compile(r"\s*(\d+)\s*-\s*(.+?)\s*")
_HOW = "A folder is named by its number and species, such as `12 - Globigerinoides sacculifer`."


@dataclass(frozen=True)
class Species:
    """One folder of the archive.

    Attributes
    ----------
    folder : int
        Its number, 0 to 34.
    name : str
        As the pictures are labelled.
    name_in_sequences : str
        As the 18S sequences of the paper are labelled, where that differs; else empty.
    paper_number : int, optional
        0 to 31 in the paper; None for the three species without sequences.
    """

    folder: int
    name: str
    name_in_sequences: str
    paper_number: int | None


@dataclass(frozen=True)
class Source:
    """A picture of the archive, and the species of its folder."""

    path: PurePosixPath
    species: Species

    @property
    def target(self) -> str:
        """Where its crop goes, `Genus_species/name.png`."""
        return f"{self.species.name.replace(' ', '_')}/{self.path.stem}.png"


def table() -> tuple[Species, ...]:
    """The 35 species in the order of their folders.

    >>> [species.name for species in table() if species.paper_number is None]
    ['Globigerinella adamsi', 'Globorotalia crassaformis', 'Turborotalita humilis']
    """
    text = files("visgen_train.data").joinpath("endless_forams.csv").read_text(encoding="utf-8")
    return tuple(
        Species(
            int(row["folder"]),
            row["species"],
            row["name_in_sequences"],
            int(row["paper_number"]) if row["paper_number"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    )


def species_of(folder: str) -> Species | None:
    """The species of a folder's name, whose number and words must agree; a word may be cut short.

    >>> species_of("6 - Globigerinella siph ").name
    'Globigerinella siphonifera'
    >>> species_of("7 - Globigerinella siph") is None
    True
    """
    found = _FOLDER.fullmatch(folder)
    species = {str(one.folder): one for one in table()}.get(found[1].lstrip("0") or "0") if found else None
    if found is None or species is None:
        return None
    words, known = normalise(found[2]).lower().split(), species.name.lower().split()
    short = all(len(word) >= 3 and whole.startswith(word) for word, whole in zip(words, known, strict=False))
    return species if len(words) == len(known) and short else None


def sources(paths: Iterable[PurePosixPath], archive: object) -> tuple[list[Source], list[Species]]:
    """The pictures of each species, and the species that have none.

    The 35 folders may stand in further folders. Where one has a sub-folder `images`, the pictures are there.

    Parameters
    ----------
    paths : iterable of PurePosixPath
        Of all pictures, relative to the archive.
    archive : path
        For messages.

    Raises
    ------
    DataError
        No pictures, folders of no known species, or names that meet in one crop.
    """
    held: dict[str, list[PurePosixPath]] = defaultdict(list)
    below = _without_wrappers(sorted(paths))
    if not below:
        raise DataError(
            f"{archive}: no pictures. Give the unpacked archive of Endless Forams, or its zip file."
        )
    for path, inner in below:
        held[inner.parts[0] if len(inner.parts) > 1 else ""].append(path)
    named = {folder: species_of(folder) for folder in held}
    unknown = sorted(folder for folder, species in named.items() if species is None)
    if unknown:
        told = ", ".join(repr(folder) if folder else "none at all" for folder in unknown)
        raise DataError(f"{archive}: folders of no known species: {told}. {_HOW} Rename or remove them.")
    found = []
    for folder, species in named.items():
        if species is not None:
            within = [path for path in held[folder] if path.parent.name == "images"]
            found += [Source(path, species) for path in within or held[folder]]
    _check_targets(found, archive)
    seen = {source.species for source in found}
    order = sorted(found, key=lambda source: (source.species.folder, source.path))
    return order, [species for species in table() if species not in seen]


def _without_wrappers(paths: Sequence[PurePosixPath]) -> list[tuple[PurePosixPath, PurePosixPath]]:
    """Each path, and what it is below the folders that all of them share."""
    below = [(path, path) for path in paths]
    while len({inner.parts[0] for _, inner in below}) == 1 and all(
        len(inner.parts) > 1 for _, inner in below
    ):
        if species_of(below[0][1].parts[0]) is not None:
            break
        below = [(path, PurePosixPath(*inner.parts[1:])) for path, inner in below]
    return below


def _check_targets(found: Sequence[Source], archive: object) -> None:
    first: dict[str, Source] = {}
    for source in found:
        other = first.setdefault(source.target.lower(), source)  # some file systems know no case
        if other is not source:
            raise DataError(
                f"{archive}: the crops of {str(other.path)!r} and {str(source.path)!r} would have one name. Rename one."
            )
