"""Kriging as a classifier: three species by hand, and what it is without DNA."""

import dataclasses

import numpy as np
import pytest
from visgen_train.evaluation import whitening
from visgen_train.evaluation.classifiers import Embedded
from visgen_train.evaluation.classifiers import kriging as module
from visgen_train.evaluation.classifiers.base import validation_recall
from visgen_train.evaluation.classifiers.kriging import NOISES, fit, fit_independent, prototypes
from visgen_train.evaluation.kriging.likelihood import Signal

TRAIN = [[3, 4], [4, 3], [4, -3], [-1, 0], [-3, 4], [-4, 3]]
LABELS = [0, 0, 1, 2, 2, 2]
DISTANCES = np.array([[0, 0.2, 1.0], [0.2, 0, 1.0], [1.0, 1.0, 0]])
SIGNAL = Signal(0.8, 0.75, 0.5)


def by_hand(s2, signal, distances=DISTANCES, unseen=0):
    """Posterior means of three species, solved densely for each; images do not differ, so nothing is whitened."""
    means = np.array([[0.7, 0.7], [0.8, -0.6], [-2.4 / 3, 1.4 / 3]])
    noise = s2 / np.array([2, 1, 3])
    signal_of_all = signal.variance * (
        signal.lambda_ * np.exp(-distances / signal.length) + (1 - signal.lambda_) * np.eye(len(distances))
    )
    inverse = np.linalg.inv(signal_of_all[:3, :3] + np.diag(noise))
    common = inverse.sum(0) @ means / inverse.sum()
    return common + signal_of_all[:, :3] @ inverse @ (means - common)


@pytest.fixture
def unwhitened(monkeypatch):
    monkeypatch.setattr(whitening, "whitener", lambda vectors, labels, classes: np.eye(vectors.shape[1]))


@pytest.mark.parametrize("s2", [0.25, 2.0])
def test_three_species_by_hand(unwhitened, monkeypatch, make_known, s2):
    known = make_known(TRAIN, LABELS)
    monkeypatch.setattr(module, "fit_signal", lambda problem: type("Fit", (), {"signal": SIGNAL}))
    distances = np.pad(DISTANCES, (0, 1), constant_values=0.3)  # and one without images
    distances[3, 3] = 0
    found = prototypes(known, distances, s2)
    np.testing.assert_allclose(found.means, by_hand(s2, SIGNAL, distances), atol=1e-12)
    query = np.array([[0.6, 0.8]])
    expected = [-((query[0] - mean) ** 2).sum() / 2 for mean in by_hand(s2, SIGNAL, distances)]
    np.testing.assert_allclose(found.scores(Embedded(5 * query))[0], expected, atol=1e-12)


def test_without_dna_it_is_shrinkage(unwhitened, make_known):
    """lambda = 0: n v / (n v + s2) of the way from the common mean remains; s2 is the neutral 1."""
    known = make_known(TRAIN, LABELS, distances=DISTANCES)
    found = prototypes(known, DISTANCES, independent=True)
    assert found.s2 == 1
    assert found.signal.lambda_ == 0
    np.testing.assert_allclose(found.means, by_hand(1.0, found.signal), atol=1e-12)
    assert fit_independent(known).chosen == {"s2": 1.0}


def test_trained_only_classes_are_shrunk_to_the_common_mean(unwhitened, make_known):
    train, labels = [*TRAIN, [0, -1]], [*LABELS, 3]
    found = prototypes(make_known(train, labels, scored=3), DISTANCES, 1.0, independent=True)
    v = found.signal.variance
    common = by_hand(1.0, found.signal, np.pad(DISTANCES, (0, 1), constant_values=9.0))[3]
    np.testing.assert_allclose(
        found.means[3], common + v / (v + 1) * (np.array([0, -1]) - common), atol=1e-12
    )


def test_s2_is_chosen_on_validation_and_the_temperature_apart_from_it(long_tail):
    known, _, _ = long_tail
    found = fit(known)
    recalls = {s2: validation_recall(prototypes(known, known.distances, s2).scores, known) for s2 in NOISES}
    assert recalls[found.chosen["s2"]] == max(recalls.values())
    assert NOISES[0] == 1
    assert found.temperature != pytest.approx(found.chosen["s2"])


def test_where_there_is_nothing_to_krige_it_does_not_apply(make_known):
    two = make_known(TRAIN[:3], LABELS[:3], distances=DISTANCES[:2, :2])
    equal = make_known(TRAIN, LABELS, distances=1 - np.eye(3))
    assert fit(two) is fit(equal) is fit(dataclasses.replace(equal, distances=None)) is None
