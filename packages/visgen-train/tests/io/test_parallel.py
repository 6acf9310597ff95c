"""Work by threads comes in order; only what is made of pictures is without warnings."""

import warnings

import pytest
from visgen_train.io.parallel import in_parallel, unwarned


def squared(number):
    warnings.warn(f"odd {number}", UserWarning, stacklevel=1)
    return number**2


def test_results_come_in_order_and_without_warnings():
    assert list(unwarned(in_parallel(squared, range(50), 4))) == [number**2 for number in range(50)]


def test_other_work_keeps_its_warnings():
    with pytest.warns(UserWarning, match="odd 0"):
        assert list(in_parallel(squared, [0], 4)) == [0]


def test_warnings_are_told_again_when_the_pictures_are_there():
    list(unwarned(in_parallel(squared, [0])))
    with pytest.warns(UserWarning, match="odd 1"):
        squared(1)
