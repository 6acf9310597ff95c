"""A mean over species with its interval."""

import numpy as np

from visgen_train.evaluation.seeds import across


def estimate(values: np.ndarray, bounds: tuple[float, float] | None = None) -> dict[str, float]:
    """Mean and 95 % interval, mean ± t s / sqrt(k), of one value a species (each over all repeats).

    Species are the units: more repeats or images of the same species do not make it narrower than species differ.

    Parameters
    ----------
    values : numpy.ndarray
        (k,) of two species or more.
    bounds : (float, float), optional
        What it cannot leave.
    """
    found = across([float(value) for value in values], np.zeros((len(values), 2)), bounds)
    return {"mean": found.mean, "low": found.low, "high": found.high}
