"""Counts, seconds and bytes at made-up rates, against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from visgen_train.config import load_config
from visgen_train.experiment.estimate import plan
from visgen_train.experiment.estimate.estimate import rates_of
from visgen_train.experiment.estimate.little import Little, some_rows
from visgen_train.experiment.estimate.pace import Pace, Spread
from visgen_train.experiment.estimate.plan import Counts, NetworkRates, Rates

COUNTS = Counts(train=700, validation=100, test=200, to_decode=400, batches=11, balance_batches=11)
NETWORK = NetworkRates(
    step=Spread(2.0, 1.0, 3.0),
    plain=Spread(0.1, 0.1, 0.1),
    augmented=Spread(0.2, 0.2, 0.2),
    width=512,
    weights=1000,
    peak=50_000_000,
)
RATES = Rates(
    network=NETWORK,
    inputs=5.0,
    decode=Spread(0.01, 0.01, 0.02),
    balance_step=Spread(0.5, 0.5, 0.5),
    align_step=Spread(0.3, 0.3, 0.3),
    recall=0.7,
    evaluation=Spread(20.0, 15.0, 30.0),
    results=77,
    peak=10_000_000,
)


def configured(*settings):
    return load_config("sound", settings=settings)


def test_seconds_of_every_stage():
    config = configured("train.epochs=4", "align.epochs=3", "align.views=2", "balance.epochs=2")
    parts = plan.seconds(COUNTS, config, RATES)
    assert {name: part.middle for name, part in parts.items()} == pytest.approx(
        {
            "reading": 5 + 400 * 0.01,
            "images": 4 * (11 * 2 + 100 * 0.1),  # steps, and the validation pictures after each epoch
            "balance": 2 * (11 * 0.5 + 100 * 0.1),
            "features": 1000 * 0.1 + 2 * 700 * 0.2,  # each picture, and two views of those trained on
            "align": 3 * (11 * 0.3 + 0.7),
            "evaluation": 20,
        }
    )
    whole = plan.total(parts)
    assert whole.middle == pytest.approx(9 + 128 + 31 + 380 + 12 + 20)
    assert whole.middle - whole.low == pytest.approx(4 * 11 * 1 + 5)
    assert whole.high - whole.middle == pytest.approx(4 * 11 * 1 + 400 * 0.01 + 10)


def test_stages_that_a_run_leaves_out_take_nothing():
    parts = plan.seconds(COUNTS, configured("align.epochs=0"), RATES)
    assert (parts["align"].middle, parts["balance"].middle) == (0, 0)
    assert parts["features"].middle == pytest.approx(1000 * 0.1)


def test_pictures_that_may_be_bad_are_all_decoded_once_more():
    parts = plan.seconds(COUNTS, configured(), RATES, skip_bad=True)
    assert parts["reading"].middle == pytest.approx(5 + (400 + 1000) * 0.01)


def test_memory_is_the_larger_of_stage_1_and_the_features():
    config = configured("align.views=3")
    features = 4 * 512 * (1000 + 4 * 700)  # one view counts twice: its parts, and what they are joined to
    assert plan.feature_bytes(COUNTS, config, 512) == features
    assert plan.memory(COUNTS, config, RATES) == 50_000_000
    assert plan.memory(COUNTS, config, replace(RATES, peak=49_000_000)) == 49_000_000 + features
    assert plan.device_memory(COUNTS, config, NETWORK) is None


def test_on_a_gpu_the_features_take_its_memory():
    network = replace(NETWORK, on_device=2_000_000)
    config = configured("align.epochs=0")
    assert plan.memory(COUNTS, config, replace(RATES, network=network)) == 50_000_000
    assert plan.device_memory(COUNTS, config, network) == 1000 + 4 * 512 * 1700


def test_disk():
    held = plan.disk(COUNTS, configured(), RATES, row_bytes=3)
    assert held == {"pictures": 1200, "checkpoints": 6000, "kept": 3 * 1000 + 77}
    bare = plan.disk(COUNTS, configured("align.epochs=0", "train.epochs=0"), RATES, row_bytes=3)
    assert bare == {"pictures": 1200, "checkpoints": 0, "kept": 2 * 1000 + 77}


def test_batches_are_those_of_an_epoch():
    labels, sides = np.repeat([0, 1], [60, 40]), ["train"] * 90 + ["test"] * 7 + ["validation"] * 3
    given = Counts.of(labels, sides, 5, configured("train.batch=30", "train.sampling=paper"))
    assert given == Counts(90, 3, 7, 5, batches=9, balance_batches=2)  # ten triplets a batch


def test_evaluation_of_many_pictures_lies_on_the_line_through_two_little_runs():
    still = Spread.exactly(0.0)
    small, large = (
        Little(
            images, still, still, recall=images / 1000, evaluation=taken, embeddings=images * 10, results=9
        )
        for images, taken in ((400, 12.0), (1400, 17.0))
    )
    rates = rates_of(NETWORK, 1.0, still, [small, large], 14_000, peak=None)
    assert rates.evaluation == pytest.approx((17 + 0.005 * 12_600, 17, 170))
    assert rates.recall == pytest.approx(14)
    assert rates.results == 140_000 + 9
    assert rates_of(NETWORK, 1.0, still, [large], 1400, None).evaluation == Spread.exactly(17)


def test_some_rows_keep_every_species_on_every_side():
    labels = np.repeat([0, 1], [100, 4])
    sides = ["train"] * 50 + ["test"] * 50 + ["train"] * 3 + ["test"]
    rows = some_rows(labels, sides, 26)
    assert np.bincount(labels[rows]).tolist() == [24, 2]
    assert {(labels[row], sides[row]) for row in rows} == {
        (0, "train"),
        (0, "test"),
        (1, "train"),
        (1, "test"),
    }
    assert some_rows(labels, sides, 1000).tolist() == list(range(104))


def paced(durations, **options):
    """A loop whose steps take so long, of which no more is run than a `Pace` wants."""
    now, pace = [0.0], None
    pace = Pace(lambda: now[0], **options)
    done = 0
    for duration in pace(durations, "Images, epoch 1/1", len(durations)):
        now[0] += duration
        done += 1
    return pace, done


def test_the_first_steps_do_not_count():
    pace, done = paced([50, 9, 1, 2, 3, 4, 5, 6], first=2, most=5)
    assert done == 7
    assert pace.taken == {"Images": [50, 9, 1, 2, 3, 4, 5]}
    assert pace.spread("Images") == Spread(3, 2, 4)


def test_slow_steps_are_few():
    assert paced([9, 9, 10, 10, 10, 10], seconds=15, first=2, least=3)[1] == 5


def test_a_loop_of_one_step_and_one_that_never_ran():
    pace, _ = paced([4.0])
    assert pace.spread("Images") == Spread(4, 4, 4)
    assert pace.spread("DNA") == Spread(0, 0, 0)


def test_other_loops_run_to_their_end():
    pace = Pace(lambda: 0.0, most=1, first=0, loops=("DNA",))
    assert len(list(pace(range(50), "Features", 50))) == 50
    assert len(list(pace(range(50), "DNA, epoch 1/1", 50))) == 1
