import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "module",
    [
        *(f"balance.{name}" for name in ("max_norm", "class_balanced", "logit_adjustment")),
        "data.labels",
        "evaluation.classifiers.calibration",
        "data.triplets",
        "report.summary",
        *(f"simulate.{name}" for name in ("tree", "params", "morphology", "sequences")),
    ],
)
def test_examples_in_docstrings(module):
    done = doctest.testmod(importlib.import_module(f"visgen_train.{module}"))
    assert done.attempted > 0
    assert done.failed == 0
