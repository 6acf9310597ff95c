"""The images a user brings in folders, one a species, and what a metadata table adds to each picture."""

import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from visgen_train.data.labels import read_table
from visgen_train.data.species import canonical
from visgen_train.errors import DataError
from visgen_train.io.images import SUFFIXES
from visgen_train.io.places import is_folder, leaves

log = logging.getLogger(__name__)
SPLITS = ("train", "validation", "test")
_SHORT = {"val": "validation", "valid": "validation"}


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


def side_named(text: str) -> str:
    """The side of the split that a cell names, `val` and `valid` written out; it may be an unknown one.

    >>> side_named(" val"), side_named("test"), side_named("dev")
    ('validation', 'test', 'dev')
    """
    return _SHORT.get(text.strip(), text.strip())


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
        No such folder, no sub-folders, no images, two folders for one species, or a link that leads elsewhere.
    """
    if not is_folder(images):
        raise DataError(
            f"{images}: no such folder. IMAGES is a folder with one sub-folder a species, or a CSV with the columns "
            "file and species."
        )
    folders = sorted(path for path in images.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not folders:
        raise DataError(f"{images}: no sub-folders. Put each species' images into a folder `Genus_species`.")
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


def with_metadata(items: list[Item], images: Path, metadata: Path, group: str | None = None) -> list[Item]:
    """Add what a CSV says of each image: the group that must stay on one side of the split, and a given split.

    Parameters
    ----------
    items : list of Item
        From `scan(images)`.
    metadata : Path
        CSV with a column `file` (paths relative to the CSV), the column named by `group`, and, if the split is
        given, a column `split` of train, validation and test.
    group : str, optional
        Column whose equal values must not be parted: specimen, locality.

    Raises
    ------
    DataError
        A missing column, an image without a row or with two, a path that is absolute or leads elsewhere, an empty
        group, an unknown split.
    """
    rows = read_table(metadata, ["file", *([group] if group else [])])
    by_path: dict[Path, dict[str, str]] = {}
    for row in rows:
        path = Path(row["file"].strip())
        if path.is_absolute():
            raise DataError(
                f"{metadata}: row {row.line} has the path {row['file']!r}; write it relative to the CSV."
            )
        path = Path(os.path.realpath(metadata.parent / path))
        if path in by_path:
            raise DataError(f"{metadata}: row {row.line} repeats the file {row['file']!r}.")
        by_path[path] = row
    paths = [Path(os.path.realpath(images / item.file)) for item in items]
    missing = [item.file for item, path in zip(items, paths, strict=True) if path not in by_path]
    if missing:
        raise DataError(
            f"{metadata}: {len(missing)} of {len(items)} images have no row, the first is {missing[0]!r}. "
            "The column `file` holds paths relative to the CSV, with forward slashes."
        )
    _check_rest(metadata, images, by_path, set(paths))
    if group is None and "split" not in rows[0]:
        others = ", ".join(column for column in rows[0] if column != "file") or "none"
        log.warning(
            "%s has no column split, and --group names none (other columns: %s): it does nothing",
            metadata,
            others,
        )
    return [described(item, by_path[path], metadata, group) for item, path in zip(items, paths, strict=True)]


def _check_rest(
    metadata: Path, images: Path, by_path: Mapping[Path, Mapping[str, str]], pictured: set[Path]
) -> None:
    """Warn of rows without a picture; refuse those that lead elsewhere."""
    rest = [path for path in by_path if path not in pictured]
    for path in rest:
        if leaves(metadata.parent, path) and leaves(images, path):
            raise DataError(
                f"{metadata}: {by_path[path]['file']!r} leads out of the folders of the CSV and of the images. Correct "
                "or remove this row."
            )
    if rest:
        log.warning("%s: %d rows name files that are not among the images", metadata, len(rest))


def described(item: Item, row: Mapping[str, str], source: Path, group: str | None) -> Item:
    """An item with the group and the split that a row of a table says, by the columns `group` names and `split`.

    Raises
    ------
    DataError
        An empty group, or an unknown split.
    """
    if group is not None:
        if not row[group].strip():
            raise DataError(f"{source}: {item.file!r} has an empty {group!r}.")
        item = replace(item, group=row[group].strip())
    if "split" in row:
        split = side_named(row["split"])
        if split not in SPLITS:
            raise DataError(
                f"{source}: {item.file!r} has split {split!r}; it must be one of {', '.join(SPLITS)}."
            )
        item = replace(item, split=split)
    return item
