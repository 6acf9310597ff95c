"""The rules of docs/splits.md, on any collection: shared groups, equal pictures, rare species."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from visgen_train.data.manifest import Item
from visgen_train.data.splits import spanning, split, untested, whole
from visgen_train.errors import DataError

UNHURRIED = settings(deadline=None)  # other work on the machine is no fault of the split
SPECIES = ["Aus albus", "Aus niger", "Bus ruber"]
IMAGE = st.tuples(st.sampled_from(SPECIES), st.none() | st.integers(0, 5), st.integers(0, 60))
COLLECTIONS = st.lists(IMAGE, min_size=2, max_size=40)


def collection(images):
    """Items with their hashes; a number in place of None puts an image into a group, equal contents are one picture."""
    items = [
        Item(f"{number}.png", species, None if group is None else f"s{group}")
        for number, (species, group, _) in enumerate(images)
    ]
    return items, [f"{content:064x}" for _, _, content in images]


def sides_of(items, digests, seed, trained_only=()):
    try:
        return split(items, digests, 0.2, 0.1, np.random.default_rng(seed), trained_only)
    except DataError as error:
        nothing_to_test = "nothing is left for the test" in str(error)
        unused_species = any(f"{name}: no image is left" in str(error) for name in trained_only)
        assume(not nothing_to_test and not unused_species)
        raise


def held_by_unit(items, digests, sides, trained_only=()):
    """The sides of each group and of each picture; what is neither trained on nor scored does not count."""
    held = defaultdict(set)
    for item, digest, side in zip(items, digests, sides, strict=True):
        if item.species in trained_only and side != "train":
            continue
        held["picture", digest].add(side)
        if item.group is not None:
            held["group", item.group].add(side)
    return held


@UNHURRIED
@given(COLLECTIONS, st.integers(0, 99), st.sampled_from([(), SPECIES[:1]]))
def test_no_group_and_no_picture_stands_on_two_sides(images, seed, trained_only):
    items, digests = collection(images)
    sides = sides_of(items, digests, seed, trained_only)
    assert all(len(found) == 1 for found in held_by_unit(items, digests, sides, trained_only).values())
    assert not set(trained_only) & set(untested(items, digests, sides, trained_only))


@UNHURRIED
@given(COLLECTIONS, st.integers(0, 99), st.sampled_from([(), SPECIES[:1]]))
def test_a_split_given_back_is_kept(images, seed, trained_only):
    items, digests = collection(images)
    sides = sides_of(items, digests, seed, trained_only)
    given_back = [replace(item, split=side) for item, side in zip(items, sides, strict=True)]
    assert sides_of(given_back, digests, seed + 1, trained_only) == sides


@UNHURRIED
@given(COLLECTIONS, st.integers(0, 99), st.data())
def test_a_given_split_that_parts_what_belongs_together_is_refused(images, seed, data):
    items, digests = collection(images)
    sides = sides_of(items, digests, seed)
    units = whole(items, digests)
    several = [row for row, unit in enumerate(units) if units.count(unit) > 1]
    assume(several)
    turned = data.draw(st.sampled_from(several))
    sides[turned] = "train" if sides[turned] == "test" else "test"
    wrong = [replace(item, split=side) for item, side in zip(items, sides, strict=True)]
    with pytest.raises(DataError, match="belong together"):
        split(wrong, digests, 0.2, 0.1, np.random.default_rng(seed))


@UNHURRIED
@given(COLLECTIONS, st.integers(0, 99))
def test_every_species_is_trained_on_and_those_with_two_groups_of_their_own_are_tested(images, seed):
    items, digests = collection(images)
    sides = sides_of(items, digests, seed)
    units, members, found = defaultdict(set), defaultdict(set), defaultdict(Counter)
    for item, unit, side in zip(items, whole(items, digests), sides, strict=True):
        units[item.species].add(unit)
        members[unit].add(item.species)
        found[item.species][side] += 1
    never = untested(items, digests, sides)
    for species, held in units.items():
        assert found[species]["train"] >= 1
        assert (species in never) == (not found[species]["test"])
        if len(held) == 1:
            images_of = sum(found[species].values())
            one = (
                len({digest for item, digest in zip(items, digests, strict=True) if item.species == species})
                == 1
            )
            assert never[species] == (
                "1 image"
                if images_of == 1
                else f"its {images_of} images are {'equal' if one else 'one group'}"
            )
        elif all(len(members[unit]) == 1 for unit in held):
            assert found[species]["test"] >= 1
        elif species in never:
            assert never[species] == "its groups hold other species, too"


@UNHURRIED
@given(COLLECTIONS, st.integers(0, 99), st.randoms())
def test_neither_order_nor_names_of_files_matter(images, seed, random):
    """So neither does the file system; the seed does."""
    items, digests = collection(images)
    sides = sides_of(items, digests, seed)
    assert sides == sides_of(items, digests, seed)
    order = list(range(len(items)))
    random.shuffle(order)
    renamed = [
        Item(f"other-{place}.jpg", items[row].species, items[row].group) for place, row in enumerate(order)
    ]
    shuffled = sides_of(renamed, [digests[row] for row in order], seed)
    assert [sides[row] for row in order] == shuffled


@pytest.mark.parametrize(
    ("number", "sides"),
    [(1, (1, 0, 0)), (2, (1, 0, 1)), (3, (2, 0, 1)), (4, (2, 1, 1)), (10, (7, 1, 2)), (100, (70, 10, 20))],
)
def test_the_table_of_the_documentation(number, sides):
    items = [Item(f"{i}", "rare") for i in range(number)] + [Item(f"c{i}", "common") for i in range(9)]
    for seed in range(5):
        given_sides = split(items, [item.file for item in items], 0.2, 0.1, np.random.default_rng(seed))
        found = Counter(given_sides[:number])
        assert (found["train"], found["validation"], found["test"]) == sides


def test_an_image_that_is_of_no_use_ties_no_others_together():
    """It is of a species that is never scored, so it may follow one of the two it belongs to."""
    items = [
        Item("0", "a", "s", "train"),
        Item("1", "a", None, "test"),
        Item("2", "extra", "s", "test"),
        Item("3", "extra", None, "train"),
    ]
    digests = ["0", "same", "same", "3"]
    sides = ["train", "test", "test", "train"]
    assert split(items, digests, 0.2, 0.1, np.random.default_rng(0), ["extra"]) == sides
    with pytest.raises(DataError, match="'0' .train. and '2' .test. belong together"):
        split(items, digests, 0.2, 0.1, np.random.default_rng(0))


def test_a_given_split_without_a_test_of_a_species_is_told():
    items = [
        Item(str(n), name, None, side)
        for n, (name, side) in enumerate([("a", "train"), ("a", "test"), ("b", "train"), ("b", "validation")])
    ]
    digests = [item.file for item in items]
    sides = split(items, digests, 0.2, 0.1, np.random.default_rng(0))
    assert untested(items, digests, sides) == {"b": "the given split has none in test"}


def test_groups_of_several_species():
    items = [Item("1", "b", "s"), Item("2", "a", "s"), Item("3", "a", "t"), Item("4", "a"), Item("5", "b")]
    assert spanning(items) == {"s": ["a", "b"]}
