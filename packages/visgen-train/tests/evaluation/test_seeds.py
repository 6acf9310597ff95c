"""Intervals over seeds and test images: by hand, and how often they cover the truth."""

import math

import numpy as np
import pytest
from scipy import stats
from visgen_train.evaluation.intervals import spread
from visgen_train.evaluation.seeds import across

T2, Z = 4.302652729911275, 1.959963984540054  # 97.5 %: Student's t for 2 degrees of freedom, normal
TRUE = 0.03


def test_one_seed_gives_the_percentiles_of_its_resamples():
    draws = np.random.default_rng(0).normal(0.5, 0.1, (1, 1000))
    estimate = across([0.5], draws)
    assert [estimate.low, estimate.high] == spread(draws[0])
    assert (estimate.mean, estimate.seeds) == (0.5, (0.5,))


def test_by_hand():
    """Points of variance 0.01; the mean over seeds of each resample is 0.5 or 0.7, of variance 0.0101 (100 draws)."""
    draws = np.tile([[0.4, 0.6], [0.5, 0.7], [0.6, 0.8]], 50)
    estimate = across([0.5, 0.6, 0.7], draws)
    half = math.sqrt(T2**2 * 0.01 / 3 + Z**2 * 0.01 * 100 / 99)
    assert (estimate.mean, estimate.low, estimate.high) == pytest.approx((0.6, 0.6 - half, 0.6 + half))
    assert estimate.seeds == (0.5, 0.6, 0.7)


def test_resamples_that_differ_by_seed_cancel_in_part():
    """What one seed gains in a resample another loses: the mean over seeds does not move."""
    draws = np.tile([[0.4, 0.6], [0.6, 0.4]], 50)
    assert across([0.5, 0.5], draws).high == pytest.approx(0.5)


def test_nothing_varies():
    estimate = across([0.5, 0.5], np.full((2, 10), 0.5))
    assert (estimate.mean, estimate.low, estimate.high) == (0.5, 0.5, 0.5)


def test_only_seeds_or_only_images_vary():
    seeds_alone = across([0.5, 0.6, 0.7], np.zeros((3, 10)))
    assert seeds_alone.high == pytest.approx(0.6 + T2 * 0.1 / math.sqrt(3))
    draws = np.tile(np.random.default_rng(0).normal(0.5, 0.1, 1000), (3, 1))
    images_alone = across([0.5, 0.5, 0.5], draws)
    assert images_alone.high == pytest.approx(0.5 + Z * draws[0].std(ddof=1))


def test_bounds_clip_and_only_when_asked():
    points, draws = [0.9, 0.95, 0.7], np.zeros((3, 10))
    assert across(points, draws).high > 1
    estimate = across(points, draws, bounds=(0, 1))
    assert estimate.high == 1
    assert estimate.low == across(points, draws).low > 0
    assert across([0.05, 0.2], np.zeros((2, 9)), bounds=(0, 1)).low == 0


def nested(points, noise, rng):
    """Percentiles of a bootstrap of seeds, and of images within: (repetitions, 2)."""
    chosen = rng.integers(points.shape[1], size=(*noise.shape, points.shape[1]))
    drawn = np.take_along_axis(points[:, None], chosen, 2).mean(2) + noise
    return np.quantile(drawn, [0.025, 0.975], axis=1).T


def covers(ends):
    return float(np.mean([low <= TRUE <= high for low, high in ends]))


def studies(number, seeds, seed_variance, image_variance):
    """(number, seeds) points of studies on one test set each: the truth, and chance of the seeds and of the images."""
    rng = np.random.default_rng(0)
    shared = rng.normal(0, 0.01 * math.sqrt(image_variance), (number, 1))
    return TRUE + shared + rng.normal(0, 0.01 * math.sqrt(seed_variance), (number, seeds))


@pytest.mark.parametrize(
    ("seed_variance", "image_variance", "nested_covers_at_most"),
    [(0, 1, 1), (1, 1, 1), (3, 1, 0.93), (10, 1, 0.87), (30, 1, 0.83), (1, 0, 0.78)],
)
def test_three_seeds_cover_the_true_difference(seed_variance, image_variance, nested_covers_at_most):
    """A bootstrap nested in seeds does not, once seeds vary more than images. `pytest -rP` prints the coverages."""
    points, rng = studies(2000, 3, seed_variance, image_variance), np.random.default_rng(1)
    noise = rng.normal(0, 0.01 * math.sqrt(image_variance), (len(points), 500))
    estimates = [
        across(list(row), row[:, None] + moved[None]) for row, moved in zip(points, noise, strict=True)
    ]
    covered = covers([(found.low, found.high) for found in estimates])
    by_percentiles = covers(nested(points, noise, rng))
    print(f"{seed_variance}:{image_variance} across {covered:.3f}, nested bootstrap {by_percentiles:.3f}")
    assert 0.93 <= covered <= 0.99
    assert by_percentiles <= nested_covers_at_most


@pytest.mark.parametrize(("seeds", "welch_covers_at_most"), [(2, 0.89), (3, 0.93), (5, 0.95)])
def test_why_not_the_degrees_of_freedom_of_welch_and_satterthwaite(seeds, welch_covers_at_most):
    """Variances 20:1. t for (s²/S + v)² / ((s²/S)² / (S - 1)) degrees; adding half-widths at a right angle covers."""
    points, v = studies(100_000, seeds, 20, 1), 0.01**2
    of_seeds, error = points.var(1, ddof=1) / seeds, np.abs(points.mean(1) - TRUE)
    degrees = (seeds - 1) * (1 + v / of_seeds) ** 2
    welch = np.mean(error <= stats.t.ppf(0.975, degrees) * np.sqrt(of_seeds + v))
    ours = np.mean(error <= np.sqrt(stats.t.ppf(0.975, seeds - 1) ** 2 * of_seeds + Z**2 * v))
    print(f"{seeds} seeds: across {ours:.3f}, Welch-Satterthwaite {welch:.3f}")
    assert welch <= welch_covers_at_most
    assert 0.95 <= ours <= 0.97
