"""Class means and distances brought together, and what cannot be kriged."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.errors import DataError
from visgen_train.evaluation.kriging import Problem, fit, posterior, whitened
from visgen_train.evaluation.kriging.problem import euclidean
from visgen_train.genetics.distances import SpeciesDistances
from visgen_train.simulate import covariance, yule_tree

SPECIES = ("a", "b", "c", "d")
DISTANCES = np.array([[0, 1, 2, 3], [1, 0, 2, 3], [2, 2, 0, 3], [3, 3, 3, 0.0]])


def smallest(distances, length):
    kernel = np.exp(-distances / length)
    return np.linalg.eigvalsh(kernel)[0]


def test_distances_along_a_tree_stay_as_they_are():
    tree = 2 - 2 * covariance(yule_tree(30, np.random.default_rng(0)))
    assert (euclidean(tree) == tree).all()
    assert all(smallest(tree, length) > -1e-12 for length in (0.01, 1, 100))


def test_other_distances_are_mended_so_that_every_kernel_is_a_covariance():
    """Shortest paths of the complete bipartite graph K(3, 3) are no squared distances of points."""
    graph = np.full((6, 6), 2.0)
    graph[:3, 3:] = graph[3:, :3] = 1
    np.fill_diagonal(graph, 0)
    assert smallest(graph, 2.0) < -0.05
    mended = euclidean(graph)
    assert all(smallest(mended, length) > -1e-12 for length in (0.1, 2, 100))
    assert (mended >= graph).all()
    assert (mended == mended.T).all()
    assert np.diag(mended).tolist() == [0] * 6
    problem = Problem(tuple("abcdef"), np.eye(6), np.ones(6), graph, 1.0)
    assert (problem.distances == mended).all()


def images(seed=0):
    """Species b, a, c with 30, 20 and 1 images of 3 dimensions, whose noise has very different spreads."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], [30, 20, 1])
    centres = np.array([[1, 0.2, 0], [1, -0.2, 0.1], [0.8, 0, 0.4]])
    return centres[labels] + rng.normal(size=(51, 3)) * [0.01, 0.1, 0.03], labels


def test_whitened_means_of_the_species_that_have_images():
    vectors, labels = images()
    before = vectors.copy()
    distances = SpeciesDistances(SPECIES, DISTANCES, "mine")
    problem, whitening = whitened(vectors, labels, ["b", "a", "c", "never"], distances, 2.0)
    white = vectors / np.linalg.norm(vectors, axis=1, keepdims=True) @ whitening
    expected = [white[labels == label].mean(0) for label in (1, 0, 2)]
    np.testing.assert_allclose(problem.means[:3], expected, rtol=1e-12)
    assert np.isnan(problem.means[3]).all()
    assert problem.species == SPECIES
    assert problem.counts.tolist() == [20, 30, 1, 0]
    assert problem.noise.tolist() == [0.1, 2 / 30, 2.0]
    assert (problem.distances == DISTANCES).all()
    residuals = np.concatenate([white[labels == 0] - expected[1], white[labels == 1] - expected[0]])
    spread = residuals.std(0)
    assert spread.max() < 1.5 * spread.min()
    np.testing.assert_allclose(np.corrcoef(residuals.T), np.eye(3), atol=0.1)
    assert (vectors == before).all()


def test_a_species_with_one_sequence_and_no_image_is_kriged():
    vectors, labels = images()
    problem, _ = whitened(vectors, labels, ["b", "a", "c"], SpeciesDistances(SPECIES, DISTANCES, "mine"), 1.0)
    found = posterior(problem, fit(problem).signal)
    assert np.isfinite(found.means).all()
    assert (found.variances > 0).all()


def test_species_on_one_side_and_no_images():
    vectors, labels = images()
    distances = SpeciesDistances(SPECIES[1:], DISTANCES[1:, 1:], "mine")
    with pytest.raises(DataError, match="images of a and no DNA"):
        whitened(vectors, labels, ["b", "a", "c"], distances, 1.0)
    with pytest.raises(DataError, match="no images"):
        whitened(vectors[:0], labels[:0], ["b"], distances, 1.0)
    with pytest.raises(DataError, match="3 species with images and DNA; there are 1 of 3"):
        whitened(vectors[:30], labels[:30], ["b"], distances, 1.0)


def changed(matrix, row, column, value):
    matrix = np.array(matrix, float)
    matrix[row, column] = value
    return matrix


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distances": changed(DISTANCES, 0, 1, 7)}, "is not that of the other way round"),
        ({"distances": changed(DISTANCES, 0, 1, np.nan)}, "that of a to b, nan, is no number"),
        ({"distances": changed(DISTANCES, 2, 1, -1)}, "is negative"),
        ({"distances": DISTANCES[:3, :3]}, "shape"),
        ({"distances": 1 - np.eye(4)}, "All genetic distances .* are equal"),
        ({"distances": np.zeros((4, 4))}, "All genetic distances .* are equal"),
        ({"counts": np.zeros(4)}, "there are 0 of 4"),
        ({"counts": np.array([1, 0, 0, 0])}, "there are 1 of 4"),
        ({"counts": np.array([1, 2, 3, -1])}, "numbers of images from 0"),
        ({"counts": np.array([1, 2, 3])}, "as many means and counts"),
        ({"means": np.ones((4, 2))}, "mean embeddings of all species are equal"),
        ({"means": changed(np.eye(4), 1, 0, np.nan)}, "mean embedding of b holds NaN"),
        ({"s2": 0.0}, "s2 above 0, not 0.0"),
        ({"s2": float("nan")}, "s2 above 0"),
    ],
)
def test_what_cannot_be_kriged(drawn, changes, message):
    fine = replace(
        drawn(4, 4, 0.5, 0),
        species=SPECIES,
        means=np.eye(4),
        counts=np.array([3, 2, 1, 0]),
        distances=DISTANCES,
    )
    with pytest.raises(DataError, match=message):
        replace(fine, **changes)
