"""The examples in docstrings run and print what they say."""

import doctest
import importlib
from pathlib import Path

import pytest
import visgen_train

ROOT = Path(visgen_train.__file__).parent
MODULES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    for path in ROOT.rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    done = doctest.testmod(importlib.import_module(f"visgen_train.{module}"), optionflags=doctest.ELLIPSIS)
    assert done.attempted > 0
    assert done.failed == 0


def test_there_are_examples():
    assert len(MODULES) > 10
