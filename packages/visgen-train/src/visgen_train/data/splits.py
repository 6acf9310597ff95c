"""Train, validation and test: stratified by species, whole groups on one side."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

import networkx
import numpy as np

from visgen_train.data.manifest import SPLITS, Item
from visgen_train.errors import DataError


def split(
    items: Sequence[Item],
    digests: Sequence[str],
    test: float,
    validation: float,
    rng: np.random.Generator,
    trained_only: Collection[str] = (),
) -> list[str]:
    """Give each image to train, validation or test; groups, and images of equal content, stay whole.

    Within a species the groups are shared out by the two fractions, but at least one goes to the test (if there
    are two) and to the validation (if there are four), and train is never empty. A species whose images all
    belong to one group is never tested. The images of scored species are split as if there were no others: those of
    species that are trained only go to train, but for what shares a group with a test or validation image, which
    goes there and is of no use. A split given with the items is kept as it stands.

    Parameters
    ----------
    items : sequence of Item
    digests : sequence of str
        For each image a hash of its content.
    test, validation : float
        Fractions of a species' groups.
    rng : numpy.random.Generator
    trained_only : collection of str
        Species that are never scored.

    Returns
    -------
    list of str
        "train", "validation" or "test" for each image.

    Raises
    ------
    DataError
        A given split that parts a group, or leaves a species without training images, or tests nothing.
    """
    if items and items[0].split is not None:
        sides = [item.split or "train" for item in items]
        _check_whole(items, digests, sides, trained_only)
    else:
        sides = _drawn(items, digests, test, validation, rng, trained_only)
    _check(items, sides, trained_only)
    return sides


def _drawn(
    items: Sequence[Item],
    digests: Sequence[str],
    test: float,
    validation: float,
    rng: np.random.Generator,
    trained_only: Collection[str],
) -> list[str]:
    scored = [row for row, item in enumerate(items) if item.species not in trained_only]
    shared = [items[row] for row in scored]
    groups = whole(shared, [digests[row] for row in scored])
    side = _share_out(shared, groups, test, validation, rng)
    sides = {row: side[group] for row, group in zip(scored, groups, strict=True)}
    linked = whole(items, digests)
    held = defaultdict[str, set[str]](set)
    for row, taken in sides.items():
        held[linked[row]].add(taken)
    for row in range(len(items)):
        follows = (other for other in ("test", "validation") if other in held[linked[row]])
        sides.setdefault(row, next(follows, "train"))
    return [sides[row] for row in range(len(items))]


def _share_out(
    items: Sequence[Item],
    groups: Sequence[str],
    test: float,
    validation: float,
    rng: np.random.Generator,
) -> dict[str, str]:
    members: defaultdict[str, set[str]] = defaultdict(set)
    for item, group in zip(items, groups, strict=True):
        members[group].add(item.species)
    number = Counter(species for held in members.values() for species in held)
    quota = {species: _quota(count, test, validation) for species, count in number.items()}
    side: dict[str, str] = {}
    names = sorted(members)
    for position in rng.permutation(len(names)):
        group = names[position]
        side[group] = next(
            (s for s in ("test", "validation") if all(quota[species][s] > 0 for species in members[group])),
            "train",
        )
        for species in members[group]:
            quota[species][side[group]] -= 1
    return side


def _quota(count: int, test: float, validation: float) -> dict[str, int]:
    tested = min(max(1, round(count * test)), count - 1) if count >= 2 else 0
    validated = (
        min(max(1, round(count * validation)), (count - tested) // 2) if count >= 4 and validation else 0
    )
    return {"test": tested, "validation": validated, "train": count}


def _check_whole(
    items: Sequence[Item], digests: Sequence[str], sides: Sequence[str], trained_only: Collection[str]
) -> None:
    first: dict[str, tuple[str, str]] = {}
    for item, digest, side in zip(items, digests, sides, strict=True):
        if item.species in trained_only and side != "train":
            continue  # it is neither trained on nor scored
        for key in _keys(item, digest):
            other, file = first.setdefault(key, (side, item.file))
            if other != side:
                raise DataError(
                    f"{file!r} ({other}) and {item.file!r} ({side}) belong together (one specimen, or one picture "
                    "twice) but stand on two sides of the given split. Correct the column `split`."
                )


def _check(items: Sequence[Item], sides: Sequence[str], trained_only: Collection[str]) -> None:
    trained = {item.species for item, side in zip(items, sides, strict=True) if side == "train"}
    for species in sorted({item.species for item in items} - trained):
        if items[0].split is None:
            way_out = (
                "All share a group, or are equal, with images of others that are kept out of it. Remove them."
            )
        else:
            way_out = "Give it some in the column `split`."
        raise DataError(f"{species}: no image is left for training. {way_out}")
    tested = {item.species for item, side in zip(items, sides, strict=True) if side == "test"}
    if not tested.difference(trained_only):
        if items and items[0].split is not None:
            raise DataError(
                "The given split has no image of a species to be scored in test. Give it some in the column `split`."
            )
        raise DataError(
            "No species to be scored has two images (or groups), so nothing is left for the test. Add images."
        )


def _keys(item: Item, digest: str) -> list[str]:
    """What an image has in common with those it must not be parted from."""
    return [digest] if item.group is None else [digest, f"group {item.group}"]


def whole(items: Sequence[Item], digests: Sequence[str]) -> list[str]:
    """For each image what must not be parted: images linked by one group or by equal content, however indirectly.

    Parameters
    ----------
    items : sequence of Item
    digests : sequence of str
        For each image a hash of its content.
    """
    keys = [_keys(item, digest) for item, digest in zip(items, digests, strict=True)]
    graph = networkx.Graph()
    for linked in keys:
        networkx.add_path(graph, linked)
    name = {key: min(part) for part in networkx.connected_components(graph) for key in part}
    return [name[linked[0]] for linked in keys]


def untested(
    items: Sequence[Item],
    digests: Sequence[str],
    sides: Sequence[str],
    trained_only: Collection[str] = (),
) -> dict[str, str]:
    """Scored species without a test image, and why there is none.

    Parameters
    ----------
    items, digests, trained_only
        As `split` takes them.
    sides : sequence of str
        What it gave.

    Returns
    -------
    dict
        Species -> reason, by name.
    """
    groups, tested = defaultdict[str, list[str]](list), set[str]()
    content = defaultdict[str, set[str]](set)
    for item, digest, group, side in zip(items, digests, whole(items, digests), sides, strict=True):
        groups[item.species].append(group)
        content[item.species].add(digest)
        if side == "test":
            tested.add(item.species)
    given = bool(items) and items[0].split is not None
    return {
        species: _why_untested(groups[species], len(content[species]), given)
        for species in sorted(groups.keys() - tested - set(trained_only))
    }


def _why_untested(groups: Sequence[str], contents: int, given: bool) -> str:
    if len(groups) == 1:
        return "1 image"
    if contents == 1:
        return f"its {len(groups)} images are equal"
    if len(set(groups)) == 1:
        return f"its {len(groups)} images are one group"
    return "the given split has none in test" if given else "its groups hold other species, too"


def spanning(items: Sequence[Item]) -> dict[str, list[str]]:
    """Groups with images of several species: {group: species}, by name."""
    held = defaultdict[str, set[str]](set)
    for item in items:
        if item.group is not None:
            held[item.group].add(item.species)
    return {group: sorted(held[group]) for group in sorted(held) if len(held[group]) > 1}


def counts(species: Sequence[str], sides: Sequence[str]) -> dict[str, dict[str, int]]:
    """Number of images of each species on each side: {species: {"train": n, "validation": n, "test": n}}."""
    table = {name: dict.fromkeys(SPLITS, 0) for name in sorted(set(species))}
    for name, side in zip(species, sides, strict=True):
        table[name][side] += 1
    return table
