"""Species cut to a few images, against a naive loop that krigs them one by one."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import t
from visgen_train.evaluation.kriging import Problem, fit, posterior, whitened
from visgen_train.evaluation.whitening import unit
from visgen_train.experiment.signal import Settings, few_shot, learning
from visgen_train.genetics.distances import SpeciesDistances

S2 = 0.7


def first_images(sample, species, number, rng):
    rows = np.flatnonzero(sample.labels == species)
    return rows[:number], rows[number:]


def naive(sample, species, number, matrix):
    """One cell by the public door of kriging: (recall by the fitted signal, recall at lambda = 0)."""
    distances = SpeciesDistances(sample.species, matrix, "naive")
    others = sample.labels != species
    problem, whitening = whitened(
        sample.vectors[others], sample.labels[others], sample.species, distances, S2
    )
    found = fit(problem)
    known, left = first_images(sample, species, number, None)
    white = unit(sample.vectors) @ whitening
    means, counts = problem.means.copy(), problem.counts.copy()
    means[species], counts[species] = white[known].mean(0), number
    cut = Problem(sample.species, means, counts, matrix, S2)
    return [
        (cdist(white[left], posterior(cut, signal).means).argmin(1) == species).mean()
        for signal in (found.signal, found.independent)
    ]


def test_the_loop_is_what_kriging_says_image_by_image(sample, monkeypatch):
    few = sample([2, 4, 5, 3, 12, 3], share=0.9)
    monkeypatch.setattr("visgen_train.experiment.signal.few_shot.drawn", first_images)
    monkeypatch.setattr(learning, "noise_variance", lambda *_: S2)
    rows = few_shot.few_shot(few, Settings(repeats=2, seed=3))
    assert [(row["images"], row["species"], row["images_asked"]) for row in rows] == [
        (1, 6, 1 + 3 + 4 + 2 + 11 + 2),
        (3, 3, 1 + 2 + 9),
    ]  # 8 images are there of one species alone
    for row in rows:
        real, shuffled, without = [], [], []
        for species in np.flatnonzero(few.counts > row["images"]):
            matrix, rng = few.distances.matrix, np.random.default_rng((3, 1, species))
            recalls = naive(few, species, row["images"], matrix)
            real.append(recalls[0])
            without.append(recalls[1])
            orders = [rng.permutation(6) for _ in range(learning.SHUFFLES)]
            dealt = [naive(few, species, row["images"], matrix[np.ix_(order, order)])[0] for order in orders]
            shuffled.append(np.mean(dealt))
        for name, values in (("real", real), ("shuffled", shuffled), ("independent", without)):
            assert row[name]["mean"] == pytest.approx(np.mean(values)), (row["images"], name)
        gains = np.subtract(real, shuffled)
        half = t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / len(gains) ** 0.5
        assert row["real_minus_shuffled"]["low"] == pytest.approx(gains.mean() - half)


def test_what_is_asked_about_teaches_nothing_else(sample):
    """Left-out images of a species change its own figures alone: neither space nor s2 nor signal of its cell."""
    one = sample([6, 6, 6, 6, 6])
    vectors = one.vectors.copy()
    vectors[one.labels == 2] = np.random.default_rng(9).normal(size=(6, 12))
    other = dataclasses.replace(one, vectors=vectors)
    first, second = (
        learning.space_without(held, np.array([2]), np.random.default_rng(0)) for held in (one, other)
    )
    assert first.s2 == second.s2
    np.testing.assert_array_equal(first.means, second.means)
    np.testing.assert_array_equal(first.whitening, second.whitening)
    assert first.counts.tolist() == [6, 6, 0, 6, 6]


def test_specimens_are_not_parted_and_known_images_are_of_different_ones(sample):
    units = np.array(["a", "a", "b", "b", "b", "c", *"defghij"])
    held = sample([6, 3, 2, 2], units=units)
    assert held.unit_counts.tolist() == [3, 3, 2, 2]
    seen = set()
    for seed in range(30):
        known, left = few_shot.drawn(held, 0, 2, np.random.default_rng(seed))
        assert len(set(units[known])) == 2
        assert not set(units[known]) & set(units[left])
        assert set(units[left]) == set("abc") - set(units[known])
        assert len(left) == np.isin(units[:6], list(set(units[left]))).sum()
        seen |= set(known.tolist())
    assert seen == set(range(6))  # any of its images, of any specimen
    assert few_shot.few_shot(held, Settings(repeats=1))[0]["species"] == 4


def test_too_few_species_are_not_cut(sample):
    assert few_shot.few_shot(sample([5, 5, 5]), Settings()) == []
    assert few_shot.few_shot(sample([5, 1, 1, 1]), Settings()) == []
