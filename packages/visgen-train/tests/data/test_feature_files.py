import builtins
import io
import logging
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def forged(path, header, content=b"", size=None, method=zipfile.ZIP_STORED):
    """An npz file with good labels, and vectors of that header."""
    text = f"{header}\n".encode()
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("labels.npy", npy(np.array(LABELS)))
        archive.writestr(
            "vectors.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content
        )
        if size is not None:
            archive.getinfo("vectors.npy").file_size = size
    return path


def header(shape, descr="<f4"):
    return repr({"descr": descr, "fortran_order": False, "shape": shape})


# Written and read


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


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"features": VECTORS},
            "no array 'vectors'; the arrays are 'features', 'labels'; perhaps you mean 'features'",
        ),
        ({"embeddings": VECTORS}, "perhaps you mean 'embeddings': call it 'vectors'"),
        ({"vector": VECTORS}, "no array 'vectors'.*perhaps vector"),
        (
            {"vectors": VECTORS, "labels": None, "species": LABELS},
            "no array 'labels'.*'species': call it 'labels'",
        ),
        ({"labels": None}, "no array 'vectors'; the arrays are none"),
        ({"vectors": VECTORS, "group": IDS}, "there is an array 'group'; call it 'groups'"),
        ({"vectors": VECTORS, "id": IDS}, "there is an array 'id'; call it 'ids'"),
        ({"vectors": VECTORS, "ids": IDS[:3]}, "4 vectors, but 3 ids"),
        ({"vectors": VECTORS, "labels": np.array([LABELS])}, "labels must be .* of 2 dimensions"),
        (
            {"vectors": VECTORS, "labels": np.array(LABELS, object)},
            r"'labels' holds Python objects.*np\.array\(labels, dtype=str\)",
        ),
        ({"vectors": VECTORS.astype(object)}, r"'vectors' holds Python objects.*dtype=np\.float32\)"),
        (
            {"vectors": VECTORS, "splits": np.array(GIVEN["splits"], object)},
            r"np\.array\(splits, dtype=str\)",
        ),
        ({"vectors": np.zeros(4, [("x", "f4")])}, "'vectors' is of type .*Save numbers or texts"),
        ({"vectors": VECTORS * np.nan}, r"4 of 4 vectors hold NaN.*row 1, row 2, row 3 and 1 more"),
    ],
    ids=str,
)
def test_npz_files_that_lack_something(tmp_path, arrays, message):
    arrays = {name: array for name, array in {"labels": LABELS, **arrays}.items() if array is not None}
    with pytest.raises(DataError, match=rf"f\.npz: .*{message}"):
        read_features(npz(tmp_path / "f.npz", **dict(sorted(arrays.items()))))


def test_objects_are_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("unpickled",)

    labels = np.array([Trap(), "Aus", "Bus", "Bus"], object)
    with pytest.raises(DataError, match="'labels' holds Python objects, which are not unpickled"):
        read_features(npz(tmp_path / "f.npz", vectors=VECTORS, labels=labels))


def test_arrays_that_are_not_read_are_named(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        read_features(npz(tmp_path / "f.npz", vectors=VECTORS, labels=LABELS, year=[1, 2, 3, 4]))
    assert "f.npz: arrays that are not read: 'year'" in caplog.text


@pytest.mark.parametrize(
    ("shape", "descr", "message"),
    [
        ((10**12, 1024), "<f4", r"claims the shape \(1000000000000, 1024\) and has 32 bytes"),
        ((4, 3), "<f4", r"claims the shape \(4, 3\) and has 32 bytes"),
        ((4, 1), "<f4", r"claims the shape \(4, 1\) and has 32 bytes"),
        ((-4, -2), "<f4", r"claims the shape \(-4, -2\)"),
        ((10**18,), "<U0", "is of type <U0"),
        ((4, 2), "|O", "holds Python objects"),
        ((4, 2), "nonsense", "not an npz file, or a damaged one"),
        ("(" * 5000, "<f4", "not an npz file, or a damaged one"),
    ],
)
def test_forged_headers_are_refused_before_an_array_is_made(tmp_path, monkeypatch, shape, descr, message):
    monkeypatch.setattr(np.lib.format, "read_array", lambda *_, **__: pytest.fail("an array was made"))
    with pytest.raises(DataError, match=rf"f\.npz: .*{message}"):
        read_features(forged(tmp_path / "f.npz", header(shape, descr), VECTORS.tobytes()))


def test_a_header_that_does_not_end_is_refused(tmp_path):
    with pytest.raises(DataError, match="not an npz file, or a damaged one"):
        read_features(forged(tmp_path / "f.npz", "(" * 2000))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_size_that_the_bytes_cannot_make_is_refused(tmp_path, method):
    path = forged(tmp_path / "f.npz", header((2**28, 1)), b"\0" * 4096, 2**30, method)
    with pytest.raises(DataError, match=r"'vectors' claims 1073741824 bytes, which the \d+ it has"):
        read_features(path)


def test_a_zip_bomb_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr("visgen_train.data.feature_files._ALWAYS", 2**20)
    path = npz(tmp_path / "f.npz", True, vectors=np.zeros((2**19, 1), np.float32), labels=LABELS)
    with pytest.raises(
        DataError, match=r"unpack to 209\d{4} bytes, more than the 1048576.*does not compress"
    ):
        read_features(path)
    npz(path, False, vectors=np.zeros((2**19, 1), np.float32), labels=LABELS)
    with pytest.raises(DataError, match="nothing but zeros"):
        read_features(path)


def test_foreign_compression_and_repeated_arrays_are_refused(tmp_path):
    with pytest.raises(
        DataError, match="'vectors' is compressed in a way unknown to NumPy|'labels' is compressed"
    ):
        read_features(forged(tmp_path / "f.npz", header((4, 2)), VECTORS.tobytes(), None, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(npz(tmp_path / "g.npz", vectors=VECTORS, labels=LABELS), "a") as archive:
        archive.writestr("vectors", npy(VECTORS))
    with pytest.raises(DataError, match="an array is there twice"):
        read_features(tmp_path / "g.npz")


@pytest.mark.parametrize("name", ["f.npz", "f.parquet"])
def test_a_file_cut_anywhere_is_refused(tmp_path, name):
    whole = npz(tmp_path / "whole.npz", True, vectors=VECTORS, labels=LABELS)
    if name == "f.parquet":
        pq.write_table(pa.table({"label": LABELS, "x": [1.0, 2, 3, 4]}), whole)
    content = whole.read_bytes()
    for end in range(0, len(content), 7):
        (tmp_path / name).write_bytes(content[:end])
        with pytest.raises(DataError, match=rf"{name}: not an? .*or a damaged one"):
            read_features(tmp_path / name)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_changed_byte_is_refused_or_without_effect(tmp_path, compressed):
    content = npz(tmp_path / "f.npz", compressed, vectors=VECTORS, labels=LABELS).read_bytes()
    refused = 0
    for position in range(len(content)):
        changed = content[:position] + bytes([content[position] ^ 0x15]) + content[position + 1 :]
        (tmp_path / "f.npz").write_bytes(changed)
        try:
            assert read_features(tmp_path / "f.npz") == PLAIN
        except DataError:
            refused += 1
    assert refused > len(content) / 2


# Parquet


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
    ids=str,
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
    ids=str,
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
