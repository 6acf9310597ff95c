"""The images a user brings in folders, one a species."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from visgen_train.data.species import canonical
from visgen_train.errors import DataError
from visgen_train.io.images import SUFFIXES
from visgen_train.io.places import is_folder, leaves

log = logging.getLogger(__name__)
SPLITS = ("train", "validation", "test")
_SIDES = frozenset({*SPLITS, "training", "val", "valid", "dev", "testing"})
"""Names of folders, in small letters, that share pictures out instead of saying what they show."""


@dataclass(frozen=True)
class Item:
    """One image: its path relative to the images folder, and what is known of it."""

    file: str
    species: str
    group: str | None = None
    split: str | None = None


def in_order(items: Iterable[Item]) -> list[Item]:
    """Items by species and path, whatever the order they were found or listed in."""
    return sorted(items, key=lambda item: (item.species, item.file))


def scan(images: Path) -> list[Item]:
    """Every image below the sub-folders of `images`; a sub-folder's name is the species.

    `images` may itself be a link; what is below it may be links that stay below it.

    Returns
    -------
    list of Item
        Sorted by species and path.

    Raises
    ------
    DataError
        No such folder, no sub-folders, no images, two folders for one species, folders that are sides of a split
        (train, test), or a link that leads elsewhere.
    """
    if not is_folder(images):
        raise DataError(
            f"{images}: no such folder. IMAGES is a folder with one sub-folder a species, or a CSV with the columns "
            "file and species."
        )
    folders = sorted(path for path in images.iterdir() if path.is_dir() and not path.name.startswith("."))
    _check_folders(images, folders)
    if beside := loose(images):
        log.warning(
            "%s: %d pictures lie beside the folders of species, not in one, and are passed over: %s. %s",
            *(images, len(beside), ", ".join(beside[:3]), LOOSE_WAY_OUT),
        )
    owner: dict[str, Path] = {}
    items: list[Item] = []
    for folder in folders:
        _check_name(folder)
        _check_link(folder, images)
        species = canonical(folder.name)
        if species in owner:
            raise DataError(
                f"{images}: the folders {owner[species].name!r} and {folder.name!r} are one species."
            )
        owner[species] = folder
        found, others = _pictures(folder, images)
        if others:
            log.warning("%s: %d files passed over (%s)", folder, sum(others.values()), _listed(others))
        if not found:
            log.warning("%s: no images", folder)
        for path in found:
            _check_name(path)
        items += [Item(path.relative_to(images).as_posix(), species) for path in found]
    if not items:
        raise DataError(
            f"{images}: no images ({', '.join(sorted(SUFFIXES))}) in its {len(folders)} sub-folders."
        )
    return in_order(items)


LOOSE_WAY_OUT = (
    "Move them into the folder of their species, or list all pictures in a CSV (columns file and species) and give it "
    "as IMAGES."
)


def loose(images: Path) -> list[str]:
    """Names of the pictures that lie directly in a folder, and so are of no species."""
    return sorted(
        path.name
        for path in images.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _check_folders(images: Path, folders: Sequence[Path]) -> None:
    if not folders:
        raise DataError(f"{images}: no sub-folders. Put each species' images into a folder `Genus_species`.")
    if all(folder.name.lower() in _SIDES for folder in folders):
        raise DataError(
            f"{images}: its sub-folders ({', '.join(folder.name for folder in folders)}) are sides of a split, not "
            f"species. Give as IMAGES a CSV with the columns file, species and split instead, such as "
            f"{images.name}.csv beside the folder with rows like `{images.name}/{folders[0].name}/Genus_species/1.png,"
            "Genus species,train`."
        )


def _check_link(path: Path, images: Path) -> None:
    if path.is_symlink() and leaves(images, path):
        raise DataError(
            f"{path}: a link that leads out of {images}, to {path.readlink()}. Put the pictures themselves there; or "
            "leave them, and give as IMAGES a CSV beside them that lists them (columns file and species)."
        )


def _check_name(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise DataError(f"{str(path)!a}: the name is not valid UTF-8. Rename it.") from error


def _listed(endings: Counter[str]) -> str:
    return ", ".join(f"{number} {ending or 'without ending'}" for ending, number in sorted(endings.items()))


def _pictures(folder: Path, images: Path) -> tuple[list[Path], Counter[str]]:
    found: list[Path] = []
    others: Counter[str] = Counter()
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in folders):
            _check_link(path, images)
            if path.is_symlink():  # os.walk does not enter it
                others["link to a folder"] += 1
        for name in sorted(name for name in names if not name.startswith(".")):
            if Path(name).suffix.lower() in SUFFIXES:
                found.append(Path(parent, name))
                _check_link(found[-1], images)
            else:
                others[Path(name).suffix] += 1
    return found, others


def _refuse(error: OSError) -> None:
    """What cannot be listed is not passed over."""
    raise DataError(f"{error.filename}: cannot be read ({error.strerror}).") from error
