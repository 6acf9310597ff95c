"""Which species a sequence belongs to: limits, parts of a barcode, the other strand."""

import numpy as np
import pytest
from visgen_train.genetics.belonging import Limits, limits, nearest_distances
from visgen_train.genetics.words import bases


def text(rng, length):
    return "".join(rng.choice(list("ACGT"), length))


def changed(sequence, places):
    letters = list(sequence)
    for place in places:
        letters[place] = "ACGT"[("ACGT".index(letters[place]) + 1) % 4]
    return "".join(letters)


@pytest.fixture
def three():
    """Three species, two sequences each that differ in one letter of 400; two species are 8 letters apart."""
    rng = np.random.default_rng(0)
    first = text(rng, 400)
    species = [first, changed(first, range(20, 380, 50)), text(rng, 400)]
    return [bases(one) for root in species for one in (root, changed(root, [5]))], np.repeat([0, 1, 2], 2)


def test_limits_lie_between_what_species_hold_and_what_parts_them(three):
    sequences, species = three
    found = limits(sequences, species)
    words = 394
    assert found.same == pytest.approx(6 / words, abs=0.004)  # letter 5 is in six words of seven letters
    assert found.same < 7 * 8 / words < found.related  # eight letters in seven words each
    assert [found.verdict(at) for at in (found.same, found.related, 1.0)] == ["species", "relative", "none"]


def test_parts_and_the_other_strand_are_at_no_distance(three):
    sequences, _ = three
    backward = (3 - sequences[4])[::-1]
    distances, turned = nearest_distances([sequences[2][100:200], backward], sequences)
    assert distances[0, 2] == 0
    assert distances[1, 4] == 0
    assert turned.tolist() == [False, True]


def test_where_no_species_has_two_only_equal_words_are_the_species(three):
    sequences, species = three
    found = limits(sequences[::2], species[::2])
    assert found.same == 0
    assert Limits(0, 0.5).verdict(0.0) == "species"


def test_species_with_nothing_in_common_make_no_stranger_a_relative():
    rng = np.random.default_rng(1)
    sequences = [bases(text(rng, 600)) for _ in range(40)]
    found = limits(sequences, np.arange(40))
    strangers = [bases(text(rng, 600)) for _ in range(200)]
    distances = nearest_distances(strangers, sequences)[0].min(1)
    assert 0.88 < found.related < np.quantile(distances, 0.05)
    assert [found.verdict(at) for at in distances].count("none") > 190
