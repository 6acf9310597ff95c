"""The model of evolution and the sequences it gives."""

import numpy as np
import pytest
from numpy.typing import NDArray
from visgen_train.simulate.sequences import (
    GAP,
    SequenceParams,
    SequenceSet,
    evolve,
    gamma_rates,
    rate_matrix,
    transition_matrices,
)
from visgen_train.simulate.tree import covariance, yule_tree

PARAMS = SequenceParams()
PI = np.array(PARAMS.frequencies)
TIMES = np.array([0.0, 0.001, 0.1, 1.0, 200.0])
P = transition_matrices(rate_matrix(PARAMS), TIMES)


def identities(alignment: NDArray[np.int8]) -> NDArray[np.float64]:
    """Share of equal bases among columns where both have one, by plain loops."""
    n = len(alignment)
    result = np.ones((n, n))
    for i in range(n):
        for j in range(n):
            both = (alignment[i] != GAP) & (alignment[j] != GAP)
            result[i, j] = (alignment[i] == alignment[j])[both].mean()
    return result


@pytest.fixture(scope="module")
def simulated() -> SequenceSet:
    rng = np.random.default_rng(11)
    return evolve(yule_tree(16, rng, youngest=0.04), PARAMS, rng)


def test_generator_is_one_substitution_a_unit_and_prefers_transitions() -> None:
    q = rate_matrix(PARAMS)
    np.testing.assert_allclose(q.sum(1), 0, atol=1e-12)
    assert -(PI @ np.diag(q)) == pytest.approx(1)
    assert q[0, 2] / PI[2] == pytest.approx(PARAMS.kappa * q[0, 1] / PI[1])


def test_transition_rows_sum_to_one() -> None:
    np.testing.assert_allclose(P.sum(2), 1)
    assert (P >= 0).all()


def test_frequencies_are_stationary_and_the_limit() -> None:
    np.testing.assert_allclose(PI @ P, np.tile(PI, (len(TIMES), 1)))
    np.testing.assert_allclose(P[-1], np.tile(PI, (4, 1)), atol=1e-9)


def test_detailed_balance() -> None:
    flow = PI[:, None] * P
    np.testing.assert_allclose(flow, flow.transpose(0, 2, 1), atol=1e-12)


def test_identity_at_small_times_falls_by_the_time() -> None:
    assert PI @ np.diag(P[0]) == pytest.approx(1)
    assert PI @ np.diag(P[1]) == pytest.approx(1 - 0.001, abs=2e-6)


def test_gamma_rates_are_those_of_yang_1994() -> None:
    """The paper prints these four rates for a shape of 0.5."""
    np.testing.assert_allclose(gamma_rates(0.5, 4), [0.0334, 0.2519, 0.8203, 2.8944], atol=5e-5)
    assert gamma_rates(0.6, 8).mean() == pytest.approx(1)


def test_root_to_tip_divergence_is_what_the_model_expects() -> None:
    """Without rate classes or gaps, two tips of a cherry differ as P(2 t) says."""
    params = SequenceParams(length=40_000, shape=1e6, invariant=0, indels=0, within=0, height=0.2)
    result = evolve(yule_tree(2, np.random.default_rng(1)), params, np.random.default_rng(2))
    first, second = result.alignment[result.species == 0][0], result.alignment[result.species == 1][0]
    expected = PI @ np.diag(transition_matrices(rate_matrix(params), np.array([0.4]))[0])
    assert (first == second).mean() == pytest.approx(expected, abs=0.01)


def test_individuals_of_each_species(simulated: SequenceSet) -> None:
    counts = np.bincount(simulated.species, minlength=16)
    assert counts.min() >= 3
    assert counts.max() <= 8
    assert len(simulated.sequences) == len(simulated.species) == len(simulated.alignment)


def test_sequences_are_the_alignment_without_gaps(simulated: SequenceSet) -> None:
    for text, row in zip(simulated.sequences, simulated.alignment, strict=True):
        assert text == "".join("ACGT"[state] for state in row if state >= 0)


def test_insertions_and_deletions_change_lengths(simulated: SequenceSet) -> None:
    lengths = [len(text) for text in simulated.sequences]
    assert min(lengths) < 1000 < max(lengths)
    assert min(lengths) > 850
    assert max(lengths) < 1150


def test_without_indels_there_are_no_gaps() -> None:
    rng = np.random.default_rng(4)
    result = evolve(yule_tree(3, rng), SequenceParams(indels=0), rng)
    assert result.alignment.shape[1] == 1000
    assert (result.alignment != GAP).all()


@pytest.mark.parametrize("seed", range(5))
def test_identities_between_and_within_species(seed: int) -> None:
    rng = np.random.default_rng(seed)
    result = evolve(yule_tree(24, rng, youngest=0.04), PARAMS, rng)
    identity = identities(result.alignment)
    same = result.species[:, None] == result.species
    between, within = identity[~same], identity[same]
    assert between.min() >= 0.55
    assert between.max() <= 0.98
    assert within.min() > between.max()


def test_divergence_follows_the_tree() -> None:
    rng = np.random.default_rng(6)
    tree = yule_tree(20, rng)
    result = evolve(tree, PARAMS, rng)
    first = np.searchsorted(result.species, np.arange(20))
    pairs = np.triu_indices(20, 1)
    identity = identities(result.alignment[first])[pairs]
    assert np.corrcoef(identity, covariance(tree)[pairs])[0, 1] > 0.85
