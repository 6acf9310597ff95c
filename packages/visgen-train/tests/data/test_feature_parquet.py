"""Parquet files of features: both layouts, those of pandas, and those that are refused."""

import builtins

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from visgen_train.data.feature_files import read_features
from visgen_train.data.features import feature_table
from visgen_train.errors import DataError, UsageError

VECTORS = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.float32)
LABELS = ["Aus_albus", "Aus albus", "Bus re\u0301el", "Bus_réel"]
IDS = ["a", "β/2", "c 3", "d"]
GIVEN = {"ids": IDS, "groups": ["x", "x", "y", "z"], "splits": ["train", "val", "train", "test"]}
FULL = feature_table(VECTORS, LABELS, **GIVEN)
PLAIN = feature_table(VECTORS, LABELS)


def parquet(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return path


@pytest.mark.parametrize(
    "vectors",
    [
        {"vector": VECTORS.tolist()},
        {"anything": pa.array(VECTORS.tolist(), pa.large_list(pa.float32()))},
        {"embedding": pa.FixedSizeListArray.from_arrays(VECTORS.ravel(), 2), "other": [[1], [2], [3], [4]]},
        {"vectors": pa.array(VECTORS.astype(int).tolist(), pa.list_(pa.int16()))},
        {"vectors": pa.chunked_array([VECTORS[:3].tolist(), VECTORS[3:].tolist()]), "year": [1, 2, 3, 4]},
        {"z": VECTORS[:, 0], "a": VECTORS[:, 1].astype(np.int8), "note": list("wxyz")},
        {"z": pa.array(VECTORS[:, 0].astype(np.float16)), "a": VECTORS[:, 1].astype(np.float64)},
    ],
)
@pytest.mark.parametrize("plural", ["", "s"])
def test_both_layouts_of_parquet(tmp_path, vectors, plural):
    path = parquet(tmp_path / "f.parquet", {"label" + plural: LABELS, **vectors})
    assert read_features(path) == PLAIN
    given = {name.removesuffix("s") + plural: column for name, column in GIVEN.items()}
    assert read_features(parquet(path, {**vectors, "species": LABELS, **given}, row_group_size=3)) == FULL


def test_parquet_of_pandas(tmp_path):
    path = tmp_path / "f.parquet"
    frame = pd.DataFrame({"species": pd.Categorical(LABELS), "x": VECTORS[:, 0], "y": VECTORS[:, 1]})
    frame.iloc[::-1].iloc[::-1].to_parquet(path)
    assert read_features(path) == PLAIN
    frame.set_index(pd.Index([9, 8, 7, 5])).to_parquet(path)
    assert read_features(path) == PLAIN
    frame.set_index(pd.Index(IDS, name="id")).assign(group=GIVEN["groups"], split=GIVEN["splits"]).to_parquet(
        path
    )
    assert read_features(path) == FULL
    frame[["species"]].assign(vector=list(VECTORS)).to_parquet(path)
    assert read_features(path) == PLAIN


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": LABELS, "x": [1, 2, 3, 4]}, "no column label, labels, species; the columns are name, x"),
        ({"label": LABELS}, "no column of numbers or of lists of numbers besides label"),
        ({"label": LABELS, "x": list("abcd")}, "no column of numbers"),
        ({"label": LABELS, "x": [["a"]] * 4}, "no column of numbers"),
        (
            {"label": LABELS, "species": LABELS, "x": [1, 2, 3, 4]},
            "label and species could each be the labels",
        ),
        ({"label": LABELS, "a": [[1]] * 4, "b": [[2]] * 4}, "the columns a, b hold lists"),
        (
            {"label": LABELS, "vector": [[1]] * 4, "feature": [[2]] * 4},
            "the columns vector, feature hold lists",
        ),
        (
            {"label": LABELS, "id": IDS, "vector": [[1, 2], [3], [4, 5], [6]]},
            r"'vector' holds lists of several lengths: row 1 has 2 numbers, but row 2 \('β/2'\) has 1; 2 rows differ",
        ),
        (
            {"label": LABELS, "id": IDS, "vector": [[1, 2], None, [4, 5], [6, 7]]},
            r"1 rows have nothing in the column 'vector': row 2 \('β/2'\)",
        ),
        (
            {"label": LABELS, "id": IDS, "vector": [[1, 2], [3, 4], [4, None], [6, 7]]},
            r"1 of 4 vectors hold NaN, empty or infinite values: row 3 \('c 3'\)",
        ),
        (
            {"label": LABELS, "x": [1, 2, 3, 4], "y": [1, None, 3, 4]},
            "1 of 4 vectors hold NaN, empty.*: row 2",
        ),
        ({"label": [*LABELS[:3], None], "x": [1, 2, 3, 4]}, "1 of 4 labels are empty or missing: row 4"),
        (
            {"label": LABELS, "x": [1, 2, 3, 4], "id": ["a", None, "b", "c"]},
            "1 of 4 ids are empty or missing",
        ),
        (
            {"label": LABELS, "vector": pa.array([[]] * 4, pa.list_(pa.float32()))},
            r"no vectors, the shape is \(4, 0\)",
        ),
        ({"label": [], "vector": pa.array([], pa.list_(pa.float32()))}, "no vectors"),
        ({"label": [], "x": pa.array([], pa.float32())}, "no vectors"),
    ],
)
def test_parquet_that_cannot_be_used(tmp_path, columns, message):
    with pytest.raises(DataError, match=rf"f\.parquet: .*{message}"):
        read_features(parquet(tmp_path / "f.parquet", columns))


def test_columns_of_one_name_are_refused(tmp_path):
    table = pa.table([pa.array(LABELS), pa.array([1, 2, 3, 4]), pa.array([1, 2, 3, 5])], ["label", "x", "x"])
    pq.write_table(table, tmp_path / "f.parquet")
    with pytest.raises(DataError, match="several columns have one name"):
        read_features(tmp_path / "f.parquet")


@pytest.mark.parametrize("layout", ["list", "columns"])
def test_parquet_that_unpacks_to_too_much_is_refused_unread(tmp_path, monkeypatch, layout):
    monkeypatch.setattr("visgen_train.data.feature_files._ALWAYS", 2**20)
    number = 2**18 + 1
    vectors = {"vector": [[1.0]] * number} if layout == "list" else {"x": np.ones(number)}
    path = parquet(tmp_path / "f.parquet", {"label": ["Aus"] * number, **vectors})
    monkeypatch.setattr(pq.ParquetFile, "read", lambda *_: pytest.fail("it was read"))
    with pytest.raises(
        DataError, match=r"unpacks to \d{7} bytes, more than the 1048576 .*write it uncompressed"
    ):
        read_features(path)


def test_without_pyarrow_the_way_out_is_named(tmp_path, monkeypatch):
    path = parquet(tmp_path / "f.parquet", {"label": LABELS, "x": [1, 2, 3, 4]})
    load = builtins.__import__

    def absent(name, *rest):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(
        UsageError, match=r"f\.parquet: Parquet needs pyarrow: pip install 'visgen-train\[parquet\]'"
    ):
        read_features(path)
