"""The examples in the docstrings run and print what they say."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["tree", "substitution", "morphology", "params"])
def test_examples(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"visgen_train.simulate.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
