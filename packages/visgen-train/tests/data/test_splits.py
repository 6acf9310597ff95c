"""Training, validation and test: stratified, groups whole, the same by the same seed."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from visgen_train.data.manifest import Item
from visgen_train.data.splits import counts, split
from visgen_train.errors import DataError


def items_of(numbers):
    return [Item(f"{name}/{i}", name) for name, number in numbers.items() for i in range(number)]


def split_of(items, groups=None, seed=0):
    groups = groups or [item.file for item in items]
    return split(items, groups, 0.2, 0.1, np.random.default_rng(seed))


def test_shares_are_stratified_and_small_species_follow_the_rules():
    items = items_of({"twenty": 20, "four": 4, "three": 3, "two": 2, "one": 1})
    table = counts([item.species for item in items], split_of(items))
    assert table == {
        "four": {"train": 2, "validation": 1, "test": 1},
        "one": {"train": 1, "validation": 0, "test": 0},
        "three": {"train": 2, "validation": 0, "test": 1},
        "twenty": {"train": 14, "validation": 2, "test": 4},
        "two": {"train": 1, "validation": 0, "test": 1},
    }


@given(st.lists(st.integers(1, 40), min_size=2, max_size=6).filter(lambda n: max(n) > 1), st.integers(0, 99))
def test_train_is_never_empty_and_validation_never_exceeds_it(numbers, seed):
    items = items_of({str(i): number for i, number in enumerate(numbers)})
    for held in counts([item.species for item in items], split_of(items, seed=seed)).values():
        assert held["train"] >= 1
        assert held["validation"] <= held["train"]
        assert held["test"] >= (sum(held.values()) > 1)


@given(st.integers(0, 200))
def test_no_group_stands_on_two_sides(seed):
    rng = np.random.default_rng(seed)
    items = items_of({"a": 30, "b": 12})
    groups = [f"{item.species}{rng.integers(6)}" for item in items]
    sides = defaultdict(set)
    for group, side in zip(groups, split_of(items, groups, seed), strict=True):
        sides[group].add(side)
    assert all(len(found) == 1 for found in sides.values())
    assert {"train", "test"} <= set().union(*sides.values())


def test_the_same_seed_gives_the_same_split_and_another_another():
    items = items_of({"a": 50, "b": 50})
    assert split_of(items) == split_of(items)
    assert split_of(items) != split_of(items, seed=1)


def test_a_given_split_is_kept_and_checked():
    given_sides = ["train", "train", "test", "validation"]
    items = [Item(str(i), "a", None, side) for i, side in enumerate(given_sides)]
    assert split_of(items) == given_sides
    with pytest.raises(DataError, match="'1' .train. and '2' .test. belong together"):
        split_of(items, ["g0", "g1", "g1", "g2"])


def test_a_species_without_training_images_is_named():
    items = [Item("0", "a", None, "train"), Item("1", "b", None, "test")]
    with pytest.raises(DataError, match="b: no image is left for training"):
        split_of(items)


def test_groups_shared_by_all_leave_nothing_to_test():
    items = items_of({"a": 5, "b": 5})
    with pytest.raises(DataError, match="nothing is left for the test"):
        split_of(items, ["one group"] * 10)


def test_species_that_are_never_scored_do_not_change_the_split_of_the_others():
    """They go to training, but for an image that shares a group with one that is tested: it follows, unused."""
    items = items_of({"scored": 10, "extra": 10})
    groups = [item.file for item in items]
    groups[0] = groups[10]
    for seed in range(10):
        sides = split(items, groups, 0.4, 0.2, np.random.default_rng(seed), ["extra"])
        alone = split(items[:10], groups[:10], 0.4, 0.2, np.random.default_rng(seed))
        assert sides[:10] == alone
        assert Counter(alone) == {"test": 4, "validation": 2, "train": 4}
        assert sides[10] == sides[0]
        assert set(sides[11:]) == {"train"}
    with pytest.raises(DataError, match="No species to be scored has two images"):
        split(
            items_of({"scored": 1, "extra": 10}), groups[:11], 0.4, 0.2, np.random.default_rng(0), ["extra"]
        )
    given = [
        Item("a", "scored", None, "train"),
        Item("b", "extra", None, "train"),
        Item("c", "extra", None, "test"),
    ]
    with pytest.raises(DataError, match="The given split has no image of a species to be scored in test"):
        split(given, ["a", "b", "c"], 0.4, 0.2, np.random.default_rng(0), ["extra"])


def test_counts_cover_every_image():
    items = items_of({"a": 11, "b": 7})
    table = counts([item.species for item in items], split_of(items))
    assert sum(sum(held.values()) for held in table.values()) == 18
    assert Counter(split_of(items))["train"] == sum(held["train"] for held in table.values())
