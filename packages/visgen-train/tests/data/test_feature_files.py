"""Files of embeddings: what is written is read again, and what others wrote is read or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from visgen_train.data.feature_files import read_features, write_features
from visgen_train.data.features import FeatureTable, feature_table
from visgen_train.data.manifest import Item
from visgen_train.errors import DataError, UsageError

VECTORS = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.float32)
LABELS = ["Aus_albus", "Aus albus", "Bus re\u0301el", "Bus_réel"]
IDS = ["a", "β/2", "c 3", "d"]
GIVEN = {"ids": IDS, "groups": ["x", "x", "y", "z"], "splits": ["train", "val", "train", "test"]}
FULL = feature_table(VECTORS, LABELS, **GIVEN)
PLAIN = feature_table(VECTORS, LABELS)


def npz(path, compressed=False, **arrays):
    with path.open("wb") as handle:  # NumPy would append .npz to a path
        (np.savez_compressed if compressed else np.savez)(handle, **arrays)
    return path


@pytest.mark.parametrize("table", [FULL, PLAIN], ids=["full", "plain"])
def test_what_was_written_is_read(tmp_path, table):
    write_features(tmp_path / "f.npz", table)
    assert read_features(tmp_path / "f.npz") == table
    with np.load(tmp_path / "f.npz", allow_pickle=False) as arrays:
        extra = {"groups", "splits"} if table is FULL else set()
        assert set(arrays) == {"ids", "labels", "vectors"} | extra
        assert {arrays[name].dtype.kind for name in arrays if name != "vectors"} == {"U"}
        assert arrays["labels"].tolist() == ["Aus albus", "Aus albus", "Bus réel", "Bus réel"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def tables(draw):
    n, d = draw(st.integers(2, 6)), draw(st.integers(1, 4))
    column = st.lists(TEXT, min_size=n, max_size=n)
    vectors = draw(hnp.arrays(np.float32, (n, d), elements=st.floats(width=32, allow_nan=False)))
    sides = st.sampled_from(["train", "validation", "test"])
    try:
        return feature_table(
            vectors,
            draw(column),
            ids=draw(st.none() | st.lists(TEXT, min_size=n, max_size=n, unique=True)),
            groups=draw(st.none() | column),
            splits=draw(st.none() | st.lists(sides, min_size=n, max_size=n)),
        )
    except DataError:
        return None


@given(tables().filter(lambda table: table is not None))
def test_reading_what_was_written_is_exact(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / "exact.npz"
    write_features(path, table)
    back = read_features(path)
    assert back.items == table.items
    assert back.vectors.tobytes() == table.vectors.tobytes()
    assert back.vectors.shape == table.vectors.shape


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kind", [np.float16, np.float64, ">f8", np.int16])
def test_files_of_others(tmp_path, compressed, kind):
    arrays = {"vectors": np.asfortranarray(VECTORS.astype(kind)), "labels": LABELS}
    assert read_features(npz(tmp_path / "F.NPZ", compressed, **arrays)) == PLAIN
    bytes_ = {name: np.char.encode(np.array(column), "utf-8") for name, column in GIVEN.items()}
    assert read_features(npz(tmp_path / "f.npz", compressed, **arrays, **bytes_)) == FULL


def test_ids_stand_in_for_groups_that_are_missing(tmp_path):
    items = (Item("a", "Aus", "x"), Item("b", "Aus"), Item("c", "Bus", "x"), Item("d", "Bus"))
    write_features(tmp_path / "f.npz", FeatureTable(items, VECTORS))
    assert [item.group for item in read_features(tmp_path / "f.npz").items] == ["x", "b", "x", "d"]
    clash = (Item("a", "Aus", "b"), *items[1:])
    with pytest.raises(DataError, match="'b' is the id of an item without a group, and a group of others"):
        write_features(tmp_path / "f.npz", FeatureTable(clash, VECTORS))


def test_what_could_not_be_read_is_not_written(tmp_path):
    path = tmp_path / "f.npz"
    write_features(path, PLAIN)
    before = path.read_bytes()
    with pytest.raises(DataError, match=r"f\.npz: 1 of 4 vectors hold nothing but zeros"):
        write_features(path, FeatureTable(FULL.items, VECTORS * [[0], [1], [1], [1]]))
    some = (*FULL.items[:3], Item("d", "Bus réel", "z"))
    with pytest.raises(DataError, match=r"f\.npz: 1 of 4 splits are empty or missing: row 4 \('d'\)"):
        write_features(path, FeatureTable(some, VECTORS))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(UsageError, match=r"f\.parquet: features are written to files ending in \.npz"):
        write_features(tmp_path / "f.parquet", PLAIN)


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "f.npz"
    write_features(path, PLAIN)

    def full(handle, **_):
        handle.write(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space"):
        write_features(path, FULL)
    assert read_features(path) == PLAIN
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["f.csv", "f.npy", "f", "f.npz.gz"])
def test_other_endings_are_refused(tmp_path, name):
    with pytest.raises(UsageError, match=rf"{name}: .*ending in \.npz or \.parquet"):
        read_features(tmp_path / name)


@pytest.mark.parametrize("name", ["f.npz", "f.parquet"])
def test_files_that_are_not_there_or_not_files(tmp_path, name):
    with pytest.raises(DataError, match=rf"{name}: cannot be read \(No such file"):
        read_features(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(DataError, match=rf"{name}: cannot be read \("):
        read_features(tmp_path / name)


# npz
