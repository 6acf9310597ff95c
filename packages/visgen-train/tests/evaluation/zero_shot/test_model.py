"""Species without images, on the true traits of simulated specimens."""

import dataclasses

import numpy as np
import pytest
from visgen_train.evaluation.classifiers import Embedded, Known
from visgen_train.evaluation.classifiers.kriging import prototypes
from visgen_train.evaluation.zero_shot import bound, figures, fit_zero_shot, hits, margins, quarters
from visgen_train.instrument.unseen import unseen_traits
from visgen_train.simulate import BenchmarkParams

PARAMS = BenchmarkParams(species=24, unseen=6, images_max=30, images_min=8, test=10, variation=0.5)


def fitted(known, distances, **options):
    return fit_zero_shot(known, distances, quarters(known, np.random.default_rng(0)), **options)


def top1(signal, seed, order=None):
    """Share of images of six species without images that are named among these."""
    task = unseen_traits(dataclasses.replace(PARAMS, signal=signal, seed=seed))
    distances = task.distances if order is None else task.distances[np.ix_(order, order)]
    model = fitted(task.known, distances)
    return figures(hits(model.scores(task.queries), task.truth, task.known.classes), task.truth)["top1"][0]


def test_where_looks_follow_descent_dna_finds_species_without_images():
    real = np.mean([top1(1.0, seed) for seed in range(4)])
    orders = [np.random.default_rng(seed).permutation(30) for seed in range(4)]
    shuffled = np.mean([top1(1.0, seed, order) for seed, order in enumerate(orders)])
    assert real > 3 / 6
    assert shuffled < 1.7 / 6


def test_where_they_do_not_it_does_not():
    assert np.mean([top1(0.0, seed) for seed in range(4)]) < 1.7 / 6


@pytest.fixture(scope="module")
def task():
    return unseen_traits(dataclasses.replace(PARAMS, signal=1.0, seed=1))


def test_the_constant_keeps_nine_tenths_and_unseen_species_win(task):
    """The bound holds on the validation images, among all species; without the constant hardly any unseen one wins."""
    model = fitted(task.known, task.distances)
    validation = margins(
        model.prototypes.scores(task.known.validation), task.known.validation_labels, task.known.classes
    )
    alone = validation.accuracy(-np.inf, unseen=False)
    assert validation.accuracy(model.constant, unseen=False) >= 0.9 * alone
    assert model.constant <= bound(validation)
    taken = hits(model.scores(task.queries), task.truth, task.known.classes)
    before = hits(model.prototypes.scores(task.queries), task.truth, task.known.classes)
    assert model.constant > 0
    assert np.nansum(taken["unseen"]) > np.nansum(before["unseen"])
    np.testing.assert_array_equal(taken["top1"], before["top1"])


def test_without_validation_images_the_constant_is_0(task):
    known = dataclasses.replace(
        task.known,
        validation=Embedded(task.known.validation.vectors[:0]),
        validation_labels=task.known.validation_labels[:0],
    )
    assert fitted(known, task.distances).constant == 0


def test_without_dna_all_unseen_species_are_one_place(task):
    found = prototypes(task.known, task.distances, independent=True)
    unseen = found.means[task.known.classes :]
    np.testing.assert_allclose(unseen, np.broadcast_to(unseen[0], unseen.shape))
    model = fitted(task.known, task.distances, independent=True)
    of_all = figures(hits(model.scores(task.queries), task.truth, task.known.classes), task.truth)
    assert of_all["top1"][0] == pytest.approx(1 / 6)


def test_trained_only_classes_stand_between_seen_and_unseen(task):
    """A class without DNA may be named, and shifts the columns of the unseen ones."""
    known, last = task.known, task.known.classes - 1
    fewer = dataclasses.replace(known, scored=last)
    kept = np.delete(np.arange(len(task.distances)), last)
    model = fitted(fewer, task.distances[np.ix_(kept, kept)])
    assert model.scores(task.queries).shape == (len(task.truth), len(task.distances))
    assert isinstance(known, Known)
    named = model.prototypes.scores(Embedded(known.train.vectors[known.train_labels == last])).argmax(1)
    assert (named == last).mean() > 0.5


def test_quarters_and_shuffles_whose_others_are_all_equally_related(task):
    """One barcode in all species but a few: without these nothing is told of descent, which is no reason to stop."""
    number, alike = len(task.distances), np.ones((len(task.distances),) * 2)
    np.fill_diagonal(alike, 0)
    left_out = quarters(task.known, np.random.default_rng(0))
    one, other = left_out[0].order[-1], (set(range(task.known.scored)) - set(left_out[0].order[-6:])).pop()
    pair = alike.copy()
    pair[one, other] = pair[other, one] = 0.1
    assert np.isfinite(fit_zero_shot(task.known, pair, left_out).scores(task.queries)).all()
    guessed = fit_zero_shot(task.known, alike, left_out)
    assert guessed.prototypes.signal.lambda_ == 0
    top1 = hits(guessed.scores(task.queries), task.truth, task.known.classes)["top1"]
    assert np.nanmean(top1) == pytest.approx(1 / (number - task.known.classes))
