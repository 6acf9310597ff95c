"""Does DNA inform looks? The gain in likelihood against that of species-shuffled distances."""

from dataclasses import dataclass

import numpy as np

from visgen_train.evaluation.kriging.fitting import best_independent, fit_marginal
from visgen_train.evaluation.kriging.likelihood import Marginal
from visgen_train.evaluation.kriging.problem import Problem
from visgen_train.evaluation.threads import FEW_SPECIES, few_threads

LEVEL = 0.05
LEAST_SPECIES = 6
"""Fewer have few permutations."""
_TIE = 1e-6
"""Gains this close are equal: both are 0, or two permutations of alike species."""


@dataclass(frozen=True, eq=False)
class GainTest:
    """A permutation test.

    Attributes
    ----------
    gain : float
        Of the distances as they are, see `Fit.gain`.
    permuted : numpy.ndarray
        (B,) with each species given the distances of another.
    p : float
        (1 + number of permuted >= gain) / (1 + B), from 1 / (1 + B) to 1.
    """

    gain: float
    permuted: np.ndarray
    p: float


def finding(p: float, low: float, species: int) -> str:
    """What the test says, by a rule that was fixed before any figure was seen.

    Parameters
    ----------
    p : float
        Of `gain_test`.
    low : float
        Lower end of the interval of lambda.
    species : int

    Returns
    -------
    str
        "few" under six species; "informs" where p is at most 0.05 and the interval above 0, "hint" where p alone is;
        else "none".
    """
    if species < LEAST_SPECIES:
        return "few"
    if p > LEVEL:
        return "none"
    return "informs" if low > 0 else "hint"


def in_words(p: float, signal: float, interval: tuple[float, float], species: int) -> str:
    """What `finding` says, as the beginning of a sentence with its figures.

    Parameters
    ----------
    p : float
        Of `gain_test`.
    signal : float
        lambda.
    interval : (float, float)
        Of lambda, 95 %.
    species : int
    """
    low, high = interval
    figures = f"(p = {p:.2g}; lambda {signal:.2g}, {low:.2g} to {high:.2g})"
    found = finding(p, low, species)
    if found == "few":
        return f"Too few species to say whether DNA informs looks: {species}, and it takes {LEAST_SPECIES} {figures}"
    if found == "informs":
        return f"DNA informs looks here {figures}"
    if found == "hint":
        return f"A hint, no more, that DNA informs looks here {figures}"
    if low > 0:
        return (
            f"That DNA informs looks here is not told from chance {figures}: the interval of lambda is above 0, but "
            "distances dealt out to other species fit as well too often"
        )
    return f"No sign that DNA informs looks here {figures}"


def gain_test(problem: Problem, rng: np.random.Generator, permutations: int = 99) -> GainTest:
    """Test whether looks follow descent: v, lambda and l are fitted anew in each permutation.

    The species with images are permuted in the distances; their means and numbers of images stay together. If looks
    say nothing of descent, every permutation is as likely as the truth, so p is below a with probability a at most
    (Phipson and Smyth, "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9, 2010).

    Parameters
    ----------
    problem : Problem
    rng : numpy.random.Generator
        Draws the permutations.
    permutations : int
        B; 99 give 0.01 at best.
    """
    marginal = Marginal.of(problem)
    orders = [rng.permutation(marginal.number) for _ in range(permutations)]
    with few_threads(marginal.number, FEW_SPECIES):
        independent = best_independent(marginal)
        gain = fit_marginal(marginal, independent).gain
        permuted = np.array([fit_marginal(marginal.permuted(order), independent).gain for order in orders])
    reached = int((permuted >= gain - _TIE).sum())
    return GainTest(gain, permuted, (1 + reached) / (1 + permutations))
