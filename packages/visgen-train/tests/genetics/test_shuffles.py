"""Shuffled anchors: every species another's, uniform, and within genera."""

from collections import Counter

import numpy as np
import pytest
from visgen_train.genetics.shuffles import genus, shuffled, shuffled_within_genus

SPECIES = ["Aus albus", "Bus niger", "Aus ruber", "Cus unus", "Bus primus", "Aus minor"]


def orders(found):
    """Row numbers, where the anchors were [[0.], [1.], ...]."""
    return [tuple(vectors[:, 0].astype(int)) for vectors in found]


def numbered(size):
    return np.arange(size, dtype=float)[:, None]


@pytest.mark.parametrize(("size", "exist"), [(1, 0), (2, 1), (3, 2), (4, 9), (5, 44)])
def test_all_derangements_where_more_are_asked_for(size, exist):
    found = orders(shuffled(numbered(size), 50, np.random.default_rng(0)))
    assert len(set(found)) == len(found) == exist


@pytest.mark.parametrize("size", [6, 7, 32, 300])
def test_every_species_has_anothers_dna(size):
    found = orders(shuffled(numbered(size), 5, np.random.default_rng(size)))
    assert len(set(found)) == 5
    for order in found:
        assert sorted(order) == list(range(size))
        assert all(given != own for own, given in enumerate(order))


def test_derangements_are_uniform():
    """Nine for four species, 1,800 draws: 200 each; chi-square with 8 degrees of freedom is below 26.1 in 99.9 %."""
    rng = np.random.default_rng(0)
    drawn = Counter(orders(shuffled(numbered(4), 1, rng))[0] for _ in range(1800))
    assert len(drawn) == 9
    assert sum((number - 200) ** 2 / 200 for number in drawn.values()) < 26.1


def test_anchors_move_whole_and_stay_as_they_were():
    anchors = np.random.default_rng(0).normal(size=(6, 4))
    before = anchors.copy()
    for vectors in shuffled(anchors, 5, np.random.default_rng(1)):
        assert sorted(map(tuple, vectors)) == sorted(map(tuple, before))
    np.testing.assert_array_equal(anchors, before)


def test_within_genus_each_row_stays_in_its_genus():
    """Aus has three species (2 derangements), Bus two (1), Cus one: 2 together."""
    found = orders(shuffled_within_genus(numbered(6), SPECIES, 5, np.random.default_rng(0)))
    assert sorted(found) == [(2, 4, 5, 3, 1, 0), (5, 4, 0, 3, 1, 2)]


def test_genera_are_shuffled_independently():
    """Two genera of three species: 2 x 2 permutations, all of them alike often; 800 draws, sd of each 12.2."""
    rng, species = np.random.default_rng(0), ["A a", "A b", "A c", "B a", "B b", "B c"]
    drawn = Counter(orders(shuffled_within_genus(numbered(6), species, 1, rng))[0] for _ in range(800))
    assert len(drawn) == 4
    assert all(abs(number - 200) < 4 * 12.2 for number in drawn.values())


def test_without_congeners_there_is_no_shuffle_within_genus():
    assert shuffled_within_genus(numbered(3), ["A a", "B b", "C c"], 5, np.random.default_rng(0)) == []


def test_the_same_generator_gives_the_same():
    first, again = (orders(shuffled(numbered(20), 3, np.random.default_rng(7))) for _ in range(2))
    assert first == again
    assert first != orders(shuffled(numbered(20), 3, np.random.default_rng(8)))


def test_a_genus_is_the_first_word():
    assert genus("Globigerinoides ruber albus") == "Globigerinoides"
