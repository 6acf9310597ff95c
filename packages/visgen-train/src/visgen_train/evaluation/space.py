"""How species and genera lie in an embedding: in figures what Karaderi et al. 2024, Fig. 6, shows by eye.

The paper sees "improved grouping of genera" and "more equidistant taxa spacing" after alignment.
"""

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import silhouette_samples
from sklearn.preprocessing import normalize

from visgen_train.genetics.shuffles import genus

_COINCIDENT = 1e-12


def describe_space(
    vectors: np.ndarray, labels: np.ndarray, species: Sequence[str]
) -> dict[str, float | None]:
    """The three measures of this module, by name.

    Parameters
    ----------
    vectors : numpy.ndarray
        (n, d), none of them zero.
    labels : numpy.ndarray
        (n,) positions in `species`.
    species : sequence of str
        Names, `Genus epithet`; those without vectors do not count.
    """
    return {
        "genus_silhouette": genus_silhouette(vectors, labels, species),
        "species_silhouette": species_silhouette(vectors, labels),
        "centroid_spread": centroid_spread(vectors, labels),
    }


def genus_silhouette(vectors: np.ndarray, labels: np.ndarray, species: Sequence[str]) -> float | None:
    """How much nearer vectors are to their own genus than to the nearest other one, by cosine distance.

    Averaged over the vectors of a species, then over species, so that each counts the same. A vector that is the
    only one of its group counts 0, as in scikit-learn.

    Returns
    -------
    float or None
        From -1 to 1; higher means genera better grouped. None with fewer than two genera, or where each genus has
        one species, since that would be the silhouette of species.
    """
    present = np.unique(labels)
    names, of_species = np.unique([genus(species[label]) for label in present], return_inverse=True)
    if not 2 <= len(names) < len(present):
        return None
    return _silhouette(vectors, of_species[np.searchsorted(present, labels)], labels)


def species_silhouette(vectors: np.ndarray, labels: np.ndarray) -> float | None:
    """The same of species; None with fewer than two species, or where each has a single vector."""
    if not 2 <= len(np.unique(labels)) < len(labels):
        return None
    return _silhouette(vectors, labels, labels)


def centroid_spread(vectors: np.ndarray, labels: np.ndarray) -> float | None:
    """Coefficient of variation of the cosine distances between species centroids.

    A centroid is the mean of a species' vectors at unit length. The standard deviation is that of these pairs (no
    n - 1) over their mean.

    Returns
    -------
    float or None
        0 or more; smaller means species spaced more evenly, 0 all equally far apart. None with fewer than three
        species, or where all centroids point the same way.
    """
    present = np.unique(labels)
    if len(present) < 3:
        return None
    unit = normalize(vectors.astype(np.float64))
    centroids = normalize(np.stack([unit[labels == label].mean(0) for label in present]))
    distance = 1 - (centroids @ centroids.T)[np.triu_indices(len(present), 1)]
    return float(distance.std() / distance.mean()) if distance.mean() > _COINCIDENT else None


def _silhouette(vectors: np.ndarray, groups: np.ndarray, labels: np.ndarray) -> float:
    """Silhouettes of `groups`, averaged within labels first."""
    each = silhouette_samples(vectors, groups, metric="cosine")
    return float(np.mean([each[labels == label].mean() for label in np.unique(labels)]))
