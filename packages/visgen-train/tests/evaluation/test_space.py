"""How species and genera lie in an embedding: by hand and against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import silhouette_score
from visgen_train.evaluation.space import (
    centroid_spread,
    describe_space,
    genus_silhouette,
    species_silhouette,
)

SPECIES = ["Nix absens", "Aus albus", "Bus niger", "Aus ruber"]
VECTORS = np.array([[1.0, 0.0], [2.0, 0.0], [0.6, 0.8], [0.0, 3.0]])
LABELS = np.array([1, 1, 3, 2])
"""Cosine distances: albus-ruber 0.4, albus-niger 1, ruber-niger 0.2."""


def test_genus_silhouette_by_hand():
    """albus (1 - .2) / 1 = .8, twice; ruber (.2 - .4) / .4 = -.5; niger, alone in its genus, 0."""
    assert genus_silhouette(VECTORS, LABELS, SPECIES) == pytest.approx((0.8 - 0.5 + 0) / 3)


def test_species_silhouette_by_hand():
    """albus (.4 - 0) / .4 = 1, the others, of one vector each, 0."""
    assert species_silhouette(VECTORS, LABELS) == pytest.approx(1 / 3)


def test_centroid_spread_by_hand():
    """0.4, 1, 0.2: mean 8/15, variance 0.4 - 64/225 = 26/225."""
    assert centroid_spread(VECTORS, LABELS) == pytest.approx(math.sqrt(26) / 8)


def test_centroids_are_directions():
    """albus (1, 0) and (.28, .96) has (.8, .6), ruber (.6, .8), niger (0, 1): distances .04, .4, .2."""
    vectors = np.array([[1.0, 0.0], [0.28, 0.96], [0.6, 0.8], [0.0, 3.0]])
    mean = 0.64 / 3
    expected = math.sqrt((0.04**2 + 0.4**2 + 0.2**2) / 3 - mean**2) / mean
    assert centroid_spread(vectors, LABELS) == pytest.approx(expected)


def test_against_scikit_learn_where_species_have_equally_many():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(40, 5)), np.repeat(np.arange(4), 10)
    species = ["A a", "A b", "B a", "C a"]
    expected = silhouette_score(vectors, np.array([0, 0, 1, 2])[labels], metric="cosine")
    assert genus_silhouette(vectors, labels, species) == pytest.approx(expected)
    assert species_silhouette(vectors, labels) == pytest.approx(
        silhouette_score(vectors, labels, metric="cosine")
    )


def test_lengths_of_vectors_do_not_matter():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(30, 4)), rng.integers(1, 4, 30)
    scaled = vectors * rng.uniform(0.1, 9, (30, 1))
    assert describe_space(scaled, labels, SPECIES) == pytest.approx(describe_space(vectors, labels, SPECIES))


def test_grouped_genera_score_higher():
    """Two genera in opposite corners, or the same points with species of different genera side by side."""
    points = np.array([[1, 0.1], [1, -0.1], [-1, 0.1], [-1, -0.1]]).repeat(5, 0)
    labels = np.arange(4).repeat(5)
    grouped = genus_silhouette(points, labels, ["A a", "A b", "B a", "B b"])
    mixed = genus_silhouette(points, labels, ["A a", "B a", "A b", "B b"])
    assert grouped > 0.95
    assert mixed < 0


def test_equidistant_centroids_have_no_spread():
    labels = np.arange(4).repeat(2)
    orthogonal = np.eye(6)[labels] * 3
    orthogonal[::2, 4], orthogonal[1::2, 4] = 1, -1  # the two of a species differ; their mean is an axis
    assert centroid_spread(orthogonal, labels) == pytest.approx(0, abs=1e-12)
    closer = np.vstack([orthogonal, orthogonal[:2] + 0.2 * orthogonal[2:4]])
    assert centroid_spread(closer, np.append(labels, [4, 4])) > 0.1


def test_float32_is_as_good():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(60, 16)).astype(np.float32), rng.integers(1, 4, 60)
    found = describe_space(vectors, labels, SPECIES)
    assert found == pytest.approx(describe_space(vectors.astype(float), labels, SPECIES), abs=1e-5)
    assert list(found) == ["genus_silhouette", "species_silhouette", "centroid_spread"]
    assert all(isinstance(value, float) for value in found.values())


@pytest.mark.parametrize(
    ("labels", "missing"),
    [
        ([1, 1, 3, 3], {"genus_silhouette", "centroid_spread"}),  # one genus, two species
        ([1, 1, 2, 2], {"genus_silhouette", "centroid_spread"}),  # two genera of one species
        ([1, 1, 2, 0], {"genus_silhouette"}),  # three genera of one species
        ([1, 1, 1, 1], {"genus_silhouette", "species_silhouette", "centroid_spread"}),
    ],
)
def test_none_where_a_measure_means_nothing(labels, missing):
    found = describe_space(VECTORS, np.array(labels), SPECIES)
    assert {name for name, value in found.items() if value is None} == missing


def test_a_single_vector_a_species():
    """No silhouette of species; that of genera: albus (1 - .4) / 1 = .6, ruber -.5, niger 0."""
    found = describe_space(VECTORS[1:], LABELS[1:], SPECIES)
    assert found["species_silhouette"] is None
    assert found["genus_silhouette"] == pytest.approx(0.1 / 3)


def test_a_collapsed_space_has_no_spread():
    assert centroid_spread(np.ones((6, 3)), np.arange(3).repeat(2)) is None
