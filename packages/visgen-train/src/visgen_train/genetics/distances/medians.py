"""From distances of individuals to distances of their species."""

import numpy as np
import pandas as pd


def medians(pairs: np.ndarray, species: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Medians over the pairs of individuals between species, and within them; NaN entries do not count.

    Parameters
    ----------
    pairs : numpy.ndarray
        (m, m) distances of individuals, symmetric.
    species : numpy.ndarray
        (m,) int positions of the species, from 0 to number - 1.
    number : int
        Of species, n.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        (n, n), zero on the diagonal, and (n,) within; NaN where there is no pair. m^2 log m operations.
    """
    between, within = np.full((number, number), np.nan), np.full(number, np.nan)
    for one in range(number):
        rows = np.flatnonzero(species == one)
        strip = pd.Series(pairs[rows].ravel()).groupby(np.tile(species, len(rows))).median()
        between[one, strip.index] = strip
        own = pairs[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
        within[one] = pd.Series(own, dtype=np.float64).median()
    np.fill_diagonal(between, 0)
    return between, within
