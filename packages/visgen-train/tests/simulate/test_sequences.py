"""The evolved genes, against what the model expects of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from visgen_train.data.sequences import read_sequences
from visgen_train.simulate import BenchmarkParams, write_benchmark
from visgen_train.simulate.benchmark import species_tree
from visgen_train.simulate.sequences import GAP, SequenceParams, SequenceSet, evolve
from visgen_train.simulate.substitution import SiteParams, rate_matrix, site_classes, transition_matrices
from visgen_train.simulate.tree import yule_tree

PARAMS = SequenceParams()
PI = np.array(PARAMS.frequencies)
Q = rate_matrix(PARAMS.exchangeabilities, PARAMS.frequencies)
LONG = 60_000
#: two tips at depth 1, one individual each
PAIR = replace(PARAMS, regions=(LONG, LONG), indels=0.0, within=0.0, individuals=(1, 1))
SITES = {0: PARAMS.conserved, 1: replace(PARAMS.variable, invariant=0.1)}


def evolved(tips: int, params: SequenceParams, seed: int) -> SequenceSet:
    rng = np.random.default_rng(seed)
    return evolve(yule_tree(tips, rng, youngest=0.04), params, rng)


def expected_pairs(sites: SiteParams, time: float) -> NDArray[np.float64]:
    """Expected shares of the 16 pairs of bases at two tips a time apart, by GTR + gamma + invariant sites."""
    rates, shares = site_classes(sites, PARAMS.categories)
    return PI[:, None] * np.tensordot(shares, transition_matrices(Q, rates * time), 1)


@pytest.fixture(scope="module")
def pair() -> SequenceSet:
    return evolved(2, replace(PAIR, variable=SITES[1]), 2)


@pytest.fixture(scope="module")
def simulated() -> SequenceSet:
    return evolved(16, PARAMS, 11)


@pytest.mark.parametrize("region", [0, 1])
def test_pairs_of_bases_are_as_frequent_as_the_model_expects(pair: SequenceSet, region: int) -> None:
    """Frequencies, distance and exchangeabilities at once; within 4.5 standard errors of each of 16 shares."""
    first, second = pair.alignment[:, pair.regions == region]
    found = np.bincount(4 * first + second, minlength=16).reshape(4, 4) / LONG
    expected = expected_pairs(SITES[region], 2.0)
    assert (abs(found - expected) < 4.5 * np.sqrt(expected * (1 - expected) / LONG)).all()


@pytest.mark.parametrize("region", [0, 1])
def test_proportion_of_differing_sites_is_what_the_model_expects(pair: SequenceSet, region: int) -> None:
    first, second = pair.alignment[:, pair.regions == region]
    expected = 1 - np.trace(expected_pairs(SITES[region], 2.0))
    assert (first != second).mean() == pytest.approx(
        expected, abs=3.5 * np.sqrt(expected * (1 - expected) / LONG)
    )


def test_bases_are_as_frequent_as_the_model_expects_where_many_were_inserted() -> None:
    result = evolved(2, replace(PAIR, indels=0.3), 3)
    found = np.bincount([*map("ACGT".index, "".join(result.sequences))], minlength=4)
    assert len(result.sequences[0]) != 2 * LONG
    np.testing.assert_allclose(found / found.sum(), PI, atol=0.006)


def test_individuals_differ_as_the_exponential_age_of_their_ancestor_says() -> None:
    """The mean of exp(Q t) over exponential t of mean m is the inverse of I - m Q."""
    params = replace(PARAMS, regions=(300, 300), indels=0.0, within=0.02, individuals=(2, 2))
    result = evolved(200, params, 4)
    rates, shares = site_classes(PARAMS.variable, PARAMS.categories)
    means = np.linalg.inv(np.eye(4) - Q * (2 * 0.02 * rates)[:, None, None])
    variable = result.alignment[:, result.regions == 1]
    found = (variable[::2] != variable[1::2]).mean(1)
    assert found.mean() == pytest.approx(1 - shares @ (means.diagonal(axis1=1, axis2=2) @ PI), rel=0.25)
    assert found.std() > 0.7 * found.mean()


def test_as_many_bases_are_inserted_and_deleted_as_asked() -> None:
    """Rare indels in a long region, so that they do not meet: 200 of each kind a tip are expected, 5 bases each."""
    params = replace(PAIR, regions=(100, 100_000), indels=0.002)
    runs, bases = [], []
    for row in evolved(2, params, 5).alignment:
        gap = np.concatenate([[0], row == GAP, [0]])
        runs.append((np.diff(gap) == 1).sum())
        bases.append(gap.sum())
    assert all(abs(count - 400) < 4 * np.sqrt(400) for count in runs)
    assert all(abs(count - 2000) < 4 * np.sqrt(400 * (2 * 5**2 - 5)) for count in bases)


def test_indels_happen_in_variable_regions_only(simulated: SequenceSet) -> None:
    gaps = simulated.alignment == GAP
    variable = simulated.regions % 2 == 1
    assert not gaps[:, ~variable].any()
    assert (np.diff(simulated.regions) >= 0).all()
    for number, length in enumerate(PARAMS.regions):
        own = simulated.regions == number
        if number % 2:
            assert gaps[:, own].any()
        else:
            assert own.sum() == length


def test_variable_regions_differ_more(simulated: SequenceSet) -> None:
    first, last = simulated.alignment[0], simulated.alignment[-1]
    both = (first != GAP) & (last != GAP)
    variable = simulated.regions % 2 == 1
    assert (first != last)[both & variable].mean() > 3 * (first != last)[both & ~variable].mean()


def test_individuals_of_each_species(simulated: SequenceSet) -> None:
    counts = np.bincount(simulated.species, minlength=16)
    assert counts.min() >= 3
    assert counts.max() <= 8
    assert len(simulated.sequences) == len(simulated.species) == len(simulated.alignment)


def test_sequences_are_the_alignment_without_gaps(simulated: SequenceSet) -> None:
    assert (simulated.alignment != GAP).any(0).all()
    for text, row in zip(simulated.sequences, simulated.alignment, strict=True):
        assert text == "".join("ACGT"[state] for state in row if state >= 0)


def test_a_variable_region_may_vanish() -> None:
    result = evolved(8, replace(PARAMS, regions=(20, 3, 20), indels=2.0, indel_length=9.0), 1)
    assert min(map(len, result.sequences)) == 40


def test_without_indels_there_are_no_gaps() -> None:
    result = evolved(3, replace(PARAMS, indels=0.0), 4)
    assert result.alignment.shape[1] == sum(PARAMS.regions)
    assert (result.alignment != GAP).all()


def test_the_same_seed_gives_the_same_sequences() -> None:
    first, again, other = (evolved(5, PARAMS, seed).sequences for seed in (1, 1, 2))
    assert first == again != other


def test_visgen_reads_them_with_their_species(tmp_path: Path) -> None:
    params = BenchmarkParams(species=3, images_max=2, images_min=2, validation=1, test=1, size=16)
    write_benchmark(tmp_path / "set", params)
    records, labels = read_sequences(tmp_path / "set" / "sequences.fasta")
    assert 9 <= len(records) <= 24
    assert set(labels.values()) == set(species_tree(params).names)
