"""evidence.json: on simulated sets whose looks follow descent, or do not, and samples that are refused."""

import dataclasses

import numpy as np
import pytest
from visgen_train.data.features import feature_table
from visgen_train.data.sequences import read_sequences
from visgen_train.errors import DataError, UsageError
from visgen_train.experiment.signal import Settings, of_features, signal_content
from visgen_train.experiment.signal.content import likelihood
from visgen_train.experiment.signal.sources import Apart
from visgen_train.experiment.signal.zero_shot import hits, possible, zero_shot
from visgen_train.genetics.distances import SpeciesDistances
from visgen_train.instrument.readings import trait_table
from visgen_train.simulate import BenchmarkParams
from visgen_train.simulate.benchmark import genes, species_tree, training_counts

FEWEST = Settings(repeats=1)
SIZE = {"species": 24, "images_max": 20, "images_min": 3, "variation": 0.8}


def simulated(signal, seed):
    """True traits of specimens, and 7-mer distances of their simulated sequences."""
    params = BenchmarkParams(**SIZE, seed=seed, signal=signal)
    tree = species_tree(params)
    individuals, _ = genes(tree, params)
    sequences = {f"s{row}": sequence for row, sequence in enumerate(individuals.sequences)}
    named = {f"s{row}": tree.names[species] for row, species in enumerate(individuals.species.tolist())}
    return of_features(trait_table(params), *read_sequences(sequences, named), Apart())


def test_where_looks_follow_descent_it_says_so():
    content = signal_content(simulated(1.0, 0), Settings(repeats=3))
    assert content["p_value"] == 0.01
    assert content["signal_interval"][0] > 0.5
    assert content["gain"] > content["highest_permuted_gain"]
    one, *_ = content["few_shot"]
    assert (one["images"], one["species"]) == (1, 24)
    assert one["real_minus_shuffled"]["low"] > 0
    assert one["real_minus_independent"]["low"] > 0
    top1, top3 = content["zero_shot"]["top1"], content["zero_shot"]["top3"]
    assert (top1["chance"], top3["chance"]) == (pytest.approx(1 / 6), 0.5)
    assert top1["real_minus_shuffled"]["low"] > 0.1
    assert top3["real"]["mean"] > top1["real"]["mean"]
    assert abs(top1["shuffled"]["mean"] - 1 / 6) < 0.05
    numbers = training_counts(BenchmarkParams(**SIZE, seed=0))
    assert sorted(content["counts"].values()) == sorted(numbers)  # training images alone


def test_where_they_do_not_it_mostly_does_not():
    found = [likelihood(simulated(0.0, seed), FEWEST)["p_value"] for seed in range(4)]
    assert sum(p <= 0.05 for p in found) <= 1
    assert len(set(found)) > 1


def test_equal_scores_share_the_hit():
    table = np.array([[3.0, 2.0, 1.0, 0.0], [1.0, 2.0, 2.0, 2.0], [0.0, 5.0, 5.0, 1.0]])
    np.testing.assert_allclose(hits(table, 1, 1), [0, 1 / 3, 1 / 2])
    np.testing.assert_allclose(hits(table, 1, 3), [1, 1, 1])
    np.testing.assert_allclose(hits(table, 3, 3), [0, 1, 1])
    np.testing.assert_allclose(hits(table, 0, 3), [1, 0, 0])


def test_without_descent_left_out_species_are_guessed(sample):
    """All distances of the others are equal, so all left-out species get the common mean."""
    held = sample([3] * 6)
    matrix = np.full((6, 6), 1.0)
    np.fill_diagonal(matrix, 0)
    alike = dataclasses.replace(held, distances=SpeciesDistances(held.species, matrix, "alike"))
    found = zero_shot(alike, FEWEST)
    assert found["at_once"] == 3
    assert found["top3"] is None  # of three
    assert found["top1"]["real"]["mean"] == pytest.approx(1 / 3)
    assert not possible(sample([3] * 5))
    assert not possible(sample([3, 3, 3, 1, 1, 1]))
    assert possible(sample([3, 3, 3, 3, 1, 1]))


@pytest.mark.parametrize(
    ("number", "largest", "chance"),
    [
        (7, 4, (4 / 4 + 3 / 3) / 7),
        (14, 7, 1 / 7),
        (17, 6, 3 / 17),  # 6, 6 and 5: not two groups of 8 and 9 that are called six
    ],
)
def test_groups_are_of_about_six_and_told_as_they_are(sample, number, largest, chance):
    found = zero_shot(sample([2] * number), FEWEST)
    assert found["at_once"] == largest
    assert found["top1"]["chance"] == pytest.approx(chance)
    assert (found["top3"] is None) == (number == 7)  # among the first 3 of three is every one


def test_few_species_say_why_parts_are_missing(sample):
    content = signal_content(sample([3, 3, 3]), FEWEST)
    assert content["few_shot"] == []
    assert content["zero_shot"] is None
    assert [note.split(":")[0] for note in content["notes"]] == [
        "not tried with few images",
        "not tried without images",
    ]


RECORDS = {"a": "ACGTACGTAACCTGA", "b": "ACGTACGTAACCTGT", "c": "TTGACGTACGTAAAC"}
NAMES = {"a": "Aus albus", "b": "Aus niger", "c": "Bus ruber"}
FEATURES = np.random.default_rng(0).normal(size=(6, 3))
LABELS = [name for name in NAMES.values() for _ in range(2)]


def of(labels, splits=None, records=RECORDS, **options):
    table = feature_table(FEATURES[: len(labels)], labels, splits=splits)
    return of_features(table, *read_sequences(records, NAMES), Apart(), **options)


@pytest.mark.parametrize(
    ("labels", "splits", "options", "message"),
    [
        (LABELS[::2], None, {}, "no species has 2 training images"),
        (LABELS, ["test"] * 6, {}, "its splits name no training image"),
        (
            LABELS[:4],
            None,
            {},
            "Some species of features and sequences stand on one side only(.|\n)*Bus ruber",
        ),
        (LABELS[:4], None, {"matched_only": True}, "2 species have training images and DNA.*Add species"),
    ],
)
def test_samples_that_say_nothing_are_refused(labels, splits, options, message):
    with pytest.raises(DataError, match=message):
        of(labels, splits, **options)


def test_distances_all_equal_are_refused():
    with pytest.raises(DataError, match="All genetic distances of the species with images are equal"):
        signal_content(of(LABELS, records=dict.fromkeys("abc", RECORDS["a"])), FEWEST)


def test_training_images_alone_are_taken():
    found = of([*LABELS], ["train", "train", "train", "test", "train", "validation"])
    np.testing.assert_array_equal(found.vectors, FEATURES.astype(np.float32)[[0, 1, 2, 4]])
    assert found.counts.tolist() == [2, 1, 1]


@pytest.mark.parametrize("changes", [{"permutations": 98}, {"repeats": 0}, {"seed": -1}])
def test_settings_out_of_range(sample, changes):
    with pytest.raises(UsageError, match=f"{next(iter(changes))} is"):
        signal_content(sample([3, 3, 3]), Settings(**changes))
