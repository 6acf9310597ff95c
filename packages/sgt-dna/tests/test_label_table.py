"""Counts and spread of labels: by hand."""

import math

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from sgt_dna import LabelError, ParameterError, label_table


def test_by_hand(made):
    vectors = np.array([[0.0, 0.0], [9.0, 0.0], [3.0, 4.0], [3.0, 4.0], [9.0, 2.0]])
    emb = made("abcde", 2, vectors=vectors)  # ambiguous positions: 0, 1, 2, 3, 4
    x, y, z = label_table(emb, ["x", "y", "x", "x", "z"], metric="euclidean")
    assert x[:4] == ("x", 3, 2, 5)
    assert (x.mean_within, x.max_within) == pytest.approx((10 / 3, 5))
    assert (x.nearest, x.to_nearest) == ("z", pytest.approx(math.hypot(6, 2)))
    assert (y.nearest, y.to_nearest, z.nearest, z.to_nearest) == ("z", 2, "y", 2)
    assert math.isnan(y.mean_within)
    assert math.isnan(z.max_within)


def test_one_label_has_no_nearest(made):
    (row,) = label_table(made("ab"), ["x", "x"])
    assert row.nearest == ""
    assert math.isnan(row.to_nearest)


def test_it_is_a_data_frame_as_it_is(made):
    frame = pd.DataFrame(label_table(made("abc"), {"a": "x", "b": "y", "c": "x"}))
    assert frame["label"].tolist() == ["x", "y"]
    assert frame["sequences"].tolist() == [2, 1]
    assert tuple(frame.columns) == sgt_dna.LabelRow._fields


def test_what_does_not_fit_is_refused(made):
    with pytest.raises(LabelError, match="no label for 'b'"):
        label_table(made("ab"), {"a": "x"})
    with pytest.raises(ParameterError, match="metric must be one of"):
        label_table(made("ab"), ["x", "y"], metric="l2")
