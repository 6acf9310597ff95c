"""How far methods agree with each other on the same species."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from visgen_train.errors import DataError
from visgen_train.genetics.distances.result import SpeciesDistances


def spearman(distances: Sequence[SpeciesDistances]) -> pd.DataFrame:
    """Rank correlation of each method's distances with each other's, over the pairs of species that all have.

    Pairs of species are not independent of each other, so the usual p value of the coefficient does not apply.

    Returns
    -------
    pandas.DataFrame
        (methods, methods), rows and columns by method; NaN where all distances of a method are equal.

    Raises
    ------
    DataError
        Fewer than three species in common.
    """
    common = sorted(set.intersection(*(set(one.species) for one in distances)))
    if len(common) < 3:
        methods = ", ".join(one.method for one in distances)
        raise DataError(
            f"{methods} have {len(common)} species in common; it takes three to compare distances."
        )
    ranks = np.stack([rankdata(_pairs(one, common)) for one in distances])
    with np.errstate(invalid="ignore"):  # of equal distances, 0 / 0
        table = np.corrcoef(ranks)
    names = [one.method for one in distances]
    return pd.DataFrame(np.atleast_2d(table), names, names)


def _pairs(distances: SpeciesDistances, species: Sequence[str]) -> np.ndarray:
    """Distances of the pairs of some species, (k (k - 1) / 2,)."""
    place = {name: row for row, name in enumerate(distances.species)}
    rows = [place[name] for name in species]
    pairs: np.ndarray = distances.matrix[np.ix_(rows, rows)][np.triu_indices(len(rows), 1)]
    return pairs
