"""The rate matrix and the classes of sites, against closed forms."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from visgen_train.simulate.sequences import SequenceParams
from visgen_train.simulate.substitution import (
    SiteParams,
    gamma_rates,
    rate_matrix,
    site_classes,
    transition_matrices,
)

PARAMS = SequenceParams()
PI = np.array(PARAMS.frequencies)
Q = rate_matrix(PARAMS.exchangeabilities, PARAMS.frequencies)
TIMES = np.array([0.0, 0.001, 0.1, 1.0, 200.0])
P = transition_matrices(Q, TIMES)
PURINES = (0, 2)


def hky_by_hand(kappa: float, frequencies: tuple[float, ...], time: float) -> NDArray[np.float64]:
    """P(t) of Hasegawa, Kishino & Yano 1985 in closed form (Felsenstein 2004, Inferring Phylogenies, chapter 13)."""
    a, c, g, t = frequencies
    beta = 1 / (2 * (a + g) * (c + t) + 2 * kappa * (a * g + c * t))
    fast = np.exp(-beta * time)
    p = np.empty((4, 4))
    for i, j in product(range(4), range(4)):
        own = a + g if j in PURINES else c + t
        slow = np.exp(-beta * time * (1 + own * (kappa - 1)))
        pi = frequencies[j]
        if (i in PURINES) != (j in PURINES):
            p[i, j] = pi * (1 - fast)
        elif i == j:
            p[i, j] = pi + pi * (1 / own - 1) * fast + (1 - pi / own) * slow
        else:
            p[i, j] = pi + pi * (1 / own - 1) * fast - pi / own * slow
    return p


def test_generator_is_one_substitution_a_unit_and_has_the_exchangeabilities() -> None:
    np.testing.assert_allclose(Q.sum(1), 0, atol=1e-12)
    assert -(PI @ np.diag(Q)) == pytest.approx(1)
    exchanged = (Q / PI)[np.triu_indices(4, 1)]
    np.testing.assert_allclose(exchanged / exchanged[-1], PARAMS.exchangeabilities)


def test_detailed_balance() -> None:
    flow = PI[:, None] * np.array([Q, *P])
    np.testing.assert_allclose(flow, flow.transpose(0, 2, 1), atol=1e-12)


@pytest.mark.parametrize("time", [0.01, 0.3, 2.0])
def test_equal_rates_are_jukes_cantor(time: float) -> None:
    q = rate_matrix((3, 3, 3, 3, 3, 3), (0.25, 0.25, 0.25, 0.25))
    changed = 0.25 - 0.25 * np.exp(-4 / 3 * time)
    expected = np.full((4, 4), changed) + np.eye(4) * (1 - 4 * changed)
    np.testing.assert_allclose(transition_matrices(q, np.array([time]))[0], expected)


@pytest.mark.parametrize("time", [0.01, 0.3, 2.0])
def test_one_rate_of_transitions_is_hky(time: float) -> None:
    frequencies, kappa = (0.1, 0.2, 0.3, 0.4), 3.5
    q = rate_matrix((1, kappa, 1, 1, kappa, 1), frequencies)
    p = transition_matrices(q, np.array([time]))[0]
    np.testing.assert_allclose(p, hky_by_hand(kappa, frequencies, time))


def test_frequencies_are_stationary_and_the_limit() -> None:
    np.testing.assert_allclose(P.sum(2), 1)
    np.testing.assert_allclose(PI @ P, np.tile(PI, (len(TIMES), 1)))
    np.testing.assert_allclose(P[-1], np.tile(PI, (4, 1)), atol=1e-9)


def test_identity_at_small_times_falls_by_the_time() -> None:
    assert PI @ np.diag(P[0]) == pytest.approx(1)
    assert PI @ np.diag(P[1]) == pytest.approx(1 - 0.001, abs=3e-6)


def test_gamma_rates_are_those_of_yang_1994() -> None:
    """The paper prints these four rates for a shape of 0.5."""
    np.testing.assert_allclose(gamma_rates(0.5, 4), [0.0334, 0.2519, 0.8203, 2.8944], atol=5e-5)
    assert gamma_rates(0.6, 8).mean() == pytest.approx(1)


def test_classes_have_the_mean_rate_and_the_share_of_invariant_sites() -> None:
    rates, shares = site_classes(SiteParams(height=0.7, shape=0.5, invariant=0.4), 4)
    assert shares.sum() == pytest.approx(1)
    assert rates @ shares == pytest.approx(0.7)
    assert (rates[-1], shares[-1]) == (0, 0.4)
    np.testing.assert_allclose(rates[:-1] / rates[0], gamma_rates(0.5, 4) / gamma_rates(0.5, 4)[0])
