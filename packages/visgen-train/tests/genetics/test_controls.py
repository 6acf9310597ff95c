"""Targets in place of the anchors: geometry by hand, order, seeds, and what each control is."""

import dataclasses

import numpy as np
import pytest
import sgt_dna
from visgen_train.errors import ConfigError, DataError
from visgen_train.genetics.controls import (
    KINDS,
    class_means,
    controls,
    equal_cosine,
    kind_of,
    mean_cosine,
)

SPECIES = ["Aus albus", "Bus niger", "Aus ruber", "Cus unus", "Bus primus", "Aus minor"]
ANCHORS = np.random.default_rng(0).normal(1.0, 0.5, (6, 16))
MEANS = np.random.default_rng(1).normal(size=(6, 8))


def cosines(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return (unit @ unit.T)[np.triu_indices(len(vectors), 1)]


@pytest.mark.parametrize("cosine", [0.0, 0.3, 0.98, 1.0 + 1e-12, -0.1, -1 / 5 - 1e-12])
@pytest.mark.parametrize("d", [6, 40])
def test_gram_matrix_of_equal_cosines(cosine, d):
    vectors = equal_cosine(6, d, cosine, np.random.default_rng(0))
    expected = np.full((6, 6), cosine) + (1 - cosine) * np.eye(6)
    np.testing.assert_allclose(vectors @ vectors.T, expected, atol=1e-10)


@pytest.mark.parametrize("number", [2, 3])
def test_few_species(number):
    vectors = equal_cosine(number, 256, 0.5, np.random.default_rng(0))
    assert cosines(vectors) == pytest.approx([0.5] * (number * (number - 1) // 2), abs=1e-10)


def test_directions_are_random_and_uniform():
    """Each coordinate of a uniform unit vector in 3 dimensions has mean 0 (sd .58 / sqrt 500) and mean square 1/3."""
    rng = np.random.default_rng(0)
    drawn = np.stack([equal_cosine(2, 3, 0.5, rng)[0] for _ in range(500)])
    assert np.abs(drawn.mean(0)).max() < 4 * 0.026
    np.testing.assert_allclose((drawn**2).mean(0), 1 / 3, atol=0.06)


@pytest.mark.parametrize("cosine", [-0.001, 0.0, 0.4, 0.95, 1.0])
def test_more_vectors_than_dimensions_scatter_about_the_cosine(cosine):
    vectors = equal_cosine(300, 100, cosine, np.random.default_rng(0))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1)
    found = cosines(vectors)
    assert found.mean() == pytest.approx(cosine, abs=0.03)
    assert found.std() <= 1.2 / np.sqrt(100)


@pytest.mark.parametrize(("cosine", "d"), [(-0.21, 40), (1.01, 40), (-0.21, 3)])
def test_cosines_that_cannot_be(cosine, d):
    with pytest.raises(ConfigError, match=r"6 vectors cannot all have cosine .* from -0\.2 to 1"):
        equal_cosine(6, d, cosine, np.random.default_rng(0))


def test_mean_cosine_by_hand():
    """(1, 0), (3, 4), (0, -2): 0.6, 0 and -0.8."""
    anchors = np.array([[1.0, 0.0], [3.0, 4.0], [0.0, -2.0]])
    assert mean_cosine(anchors) == pytest.approx(-0.2 / 3)


EMBEDDING = np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 5.0], [4.0, 3.0]])


@pytest.mark.parametrize(
    ("transform", "expected"),
    [
        ("none", [[0.5, 0.5], [0, 1]]),
        ("centre", [[0.25, -0.25], [-0.25, 0.25]]),
        ("standardise", [[1, -1], [-1, 1]]),
    ],
)
def test_class_means_by_hand(transform, expected):
    """Unit vectors (1, 0), (0, 1) | (0, 1); the last image is of a species without DNA."""
    found = class_means(EMBEDDING, np.array([0, 0, 1, 2]), ["Aus albus", "Bus niger"], transform)
    np.testing.assert_allclose(found, expected, atol=1e-15)


@pytest.mark.filterwarnings("ignore::sgt_dna.AnchorWarning")  # q and r are of one sequence each
@pytest.mark.parametrize("transform", ["none", "centre", "standardise"])
def test_transforms_are_those_of_the_anchors(transform):
    """Features that no sequence has are 0 in all of them, whatever the transform."""
    embedding = sgt_dna.embed({"a": "ACGTTGCAAC", "b": "ACGTAGCAAC", "c": "TTGACCATTT", "d": "GGGGGGTTTACA"})
    vectors = np.array(embedding.vectors)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    embedding = dataclasses.replace(embedding, vectors=vectors)
    expected = sgt_dna.anchors(embedding, ["p", "p", "q", "r"], method="mean", transform=transform)
    found = class_means(vectors, np.array([0, 0, 1, 2]), ["p", "q", "r"], transform)
    np.testing.assert_allclose(found, expected.vectors, atol=1e-12)


def test_a_feature_alike_in_all_species_becomes_0():
    """0.6 of each image's length, but for rounding; the second feature is 0.8, 0, -0.8."""
    lengths = np.random.default_rng(0).uniform(0.1, 1, (20, 3, 1))
    for length in lengths:
        embedding = np.array([[3.0, 4.0, 0.0], [3.0, 0.0, 4.0], [3.0, -4.0, 0.0]]) * length
        found = class_means(embedding, np.arange(3), ["p", "q", "r"], "standardise")
        np.testing.assert_array_equal(found[:, 0], 0)
        np.testing.assert_allclose(found[:, 1], [1.5**0.5, 0, -(1.5**0.5)], atol=1e-15)


def test_a_species_without_training_images_is_named():
    with pytest.raises(
        DataError, match=r"No training image of Bus niger, .* leave the control class-means out"
    ):
        class_means(EMBEDDING[:1], np.array([0]), ["Aus albus", "Bus niger"], "none")


def test_controls_in_order_with_as_many_shuffles_as_there_are():
    """Within genera of 3, 2 and 1 species there are 2 permutations."""
    made = controls(ANCHORS, SPECIES, lambda: MEANS, seed=0)
    assert [target.name for target in made] == [
        *(f"shuffled-{place}" for place in range(1, 6)),
        "genus-shuffled-1",
        "genus-shuffled-2",
        "orthogonal",
        "collinear",
        "class-means",
    ]
    assert list(dict.fromkeys(target.kind for target in made)) == list(KINDS)[2:]


def test_what_each_control_is():
    of = {target.name: target.vectors for target in controls(ANCHORS, SPECIES, lambda: MEANS, seed=0)}
    for name in ("shuffled-1", "shuffled-5", "genus-shuffled-2"):
        assert sorted(map(tuple, of[name])) == sorted(map(tuple, ANCHORS))
        assert not (of[name] == ANCHORS).all(1)[[0, 1, 2, 4, 5]].any()
    assert (of["genus-shuffled-1"][3] == ANCHORS[3]).all()
    assert cosines(of["orthogonal"]) == pytest.approx(np.zeros(15), abs=1e-10)
    assert cosines(of["collinear"]) == pytest.approx(np.full(15, cosines(ANCHORS).mean()), abs=1e-10)
    ratio = of["class-means"] / MEANS
    assert ratio == pytest.approx(np.full_like(MEANS, ratio[0, 0]))


def test_controls_have_the_length_of_the_anchors():
    size = (ANCHORS**2).sum(1).mean()
    for target in controls(ANCHORS, SPECIES, lambda: MEANS, seed=0):
        assert (target.vectors**2).sum(1).mean() == pytest.approx(size)


def test_centred_anchors_of_two_species():
    """They are opposite: cosine -1, the lowest there is, give or take rounding."""
    anchors = ANCHORS[:2] - ANCHORS[:2].mean(0)
    made = {
        target.name: target.vectors for target in controls(anchors, SPECIES[:2], lambda: MEANS[:2], seed=0)
    }
    assert list(made) == ["shuffled-1", "orthogonal", "collinear", "class-means"]
    np.testing.assert_array_equal(made["shuffled-1"], anchors[::-1])
    assert cosines(made["collinear"]) == pytest.approx([-1])


def test_some_kinds_alone_are_as_among_all():
    of = {target.name: target.vectors for target in controls(ANCHORS, SPECIES, lambda: MEANS, seed=3)}
    some = controls(
        ANCHORS, SPECIES, lambda: MEANS, seed=3, kinds=["collinear", "shuffled", "dna", "same-steps"]
    )
    assert [target.name for target in some] == [f"shuffled-{place}" for place in range(1, 6)] + ["collinear"]
    for target in some:
        np.testing.assert_array_equal(target.vectors, of[target.name])


def test_seeds_differ_in_every_random_control():
    one, other = (
        controls(ANCHORS, SPECIES, lambda: MEANS, seed, ["shuffled", "orthogonal"]) for seed in (0, 1)
    )
    assert not all((a.vectors == b.vectors).all() for a, b in zip(one[:5], other[:5], strict=True))
    assert not np.isclose(one[5].vectors, other[5].vectors).any()


def test_random_controls_do_not_share_their_directions():
    """From the same orthonormal rows both would have the same sum of vectors, but for its length."""
    sums = [
        target.vectors.sum(0)
        for target in controls(ANCHORS, SPECIES, lambda: MEANS, 0, ["orthogonal", "collinear"])
    ]
    assert cosines(np.stack(sums))[0] < 0.9


def test_the_stream_is_not_that_of_an_epoch():
    """Stage 1 draws epoch 5 from (seed, 5), and trailing zeros of a seed do not count."""
    stage = equal_cosine(6, 16, 0.0, np.random.default_rng((0, 5, 2)))
    made = controls(ANCHORS, SPECIES, lambda: MEANS, 0, ["orthogonal"])[0].vectors
    assert not np.isclose(made / np.linalg.norm(made, axis=1, keepdims=True), stage).all()


def test_unknown_kinds_are_refused():
    with pytest.raises(ConfigError, match=r"no control 'suffled'; there are dna, .*; perhaps shuffled\."):
        controls(ANCHORS, SPECIES, lambda: MEANS, 0, ["suffled"])


def test_class_means_are_made_only_where_they_are_asked_for():
    made = controls(ANCHORS, SPECIES, lambda: pytest.fail("not asked for"), 0, ["shuffled", "collinear"])
    assert [kind_of(target.name) for target in made] == [target.kind for target in made]
