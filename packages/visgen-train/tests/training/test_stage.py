import math

from torch import nn
from visgen_train.training.loop import Optimiser
from visgen_train.training.stage import Stage


def run_epochs(scores, select="best", clipped=()):
    module, rows = nn.Linear(1, 1, bias=False), []
    waiting, shares = iter(scores), iter(clipped)
    after_step = (lambda: next(shares)) if clipped else None
    optimiser = Optimiser(module.parameters(), 0.0, 0, 0, steps=9, after_step=after_step)
    stage = Stage("images", module, optimiser, lambda: next(waiting), rows.append, select)
    for epoch, losses in stage.epochs([(1.0, 2.0)] * len(scores)):
        nn.init.constant_(module.weight, epoch)
        for loss in losses:
            stage.step(module.weight.sum() * 0 + loss)
        stage.end_epoch()
    stage.restore()
    return module.weight.item(), rows


def test_the_best_epoch_is_restored_the_first_of_equals():
    weight, rows = run_epochs([0.2, 0.7, 0.7, 0.1])
    assert weight == 1
    assert [(row["stage"], row["epoch"], row["loss"], row["validation_per_class"]) for row in rows] == [
        ("images", 1, 1.5, 0.2),
        ("images", 2, 1.5, 0.7),
        ("images", 3, 1.5, 0.7),
        ("images", 4, 1.5, 0.1),
    ]


def test_without_validation_the_last_epoch_stays():
    weight, rows = run_epochs([math.nan, math.nan])
    assert weight == 1
    assert rows[0]["validation_per_class"] == ""


def test_the_last_epoch_is_kept_where_the_paper_is_followed():
    weight, rows = run_epochs([0.2, 0.7, 0.1], select="last")
    assert weight == 2
    assert [row["validation_per_class"] for row in rows] == [0.2, 0.7, 0.1]


def test_the_share_of_clipped_rows_is_logged_or_left_empty():
    assert run_epochs([0.1], clipped=[0.25, 0.75])[1][0]["clipped_rows"] == 0.5
    assert run_epochs([0.1])[1][0]["clipped_rows"] == ""
