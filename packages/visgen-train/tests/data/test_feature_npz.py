"""Features in npz files made to harm: pickles, forged headers, bombs, cuts and changed bytes."""

import io
import logging
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from visgen_train.data.feature_files import read_features
from visgen_train.data.features import feature_table
from visgen_train.errors import DataError

VECTORS = np.array([[1, 2], [3, 4], [5, 6], [7, 8]], np.float32)
LABELS = ["Aus_albus", "Aus albus", "Bus re\u0301el", "Bus_réel"]
IDS = ["a", "β/2", "c 3", "d"]
GIVEN = {"ids": IDS, "groups": ["x", "x", "y", "z"], "splits": ["train", "val", "train", "test"]}
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
