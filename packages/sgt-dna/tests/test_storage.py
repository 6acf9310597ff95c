"""Files of embeddings: exact round trips, what other programs see, what is not written."""

import csv
import dataclasses
import io
import json
import os
import re
import stat
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sgt_dna import Embedding, ParameterError, SGTParams
from sgt_dna._atomic import atomic

FIELDS = ("ids", "feature_names", "params", "descriptions", "kind")


def assert_same(back, emb):
    assert back.vectors.tobytes() == emb.vectors.tobytes()
    assert back.vectors.shape == emb.vectors.shape
    assert (back.vectors.dtype, back.ambiguous.dtype) == (np.float64, np.int64)
    assert back.vectors.flags.writeable
    assert back.ambiguous.tolist() == emb.ambiguous.tolist()
    for name in FIELDS:
        assert getattr(back, name) == getattr(emb, name)


# Round trips


def test_saved_and_loaded_is_the_same(emb, path):
    emb.save(path)
    assert_same(Embedding.load(path), emb)
    assert emb.params == SGTParams(overlap=False, kappa=2.5, ambiguous="drop")
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 16), (3, 4096), (200, 2)])
def test_any_shape_survives(made, path, n, d):
    emb = made([f"s{row}" for row in range(n)], d)
    emb.save(path)
    assert_same(Embedding.load(path), emb)


def test_every_float_survives(made, path):
    rng = np.random.default_rng(1)
    bits = rng.integers(0, 2**64, 3000, dtype=np.uint64).view(np.float64)
    values = np.concatenate(
        [bits[np.isfinite(bits)][:2000], [0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1]]
    )
    emb = made(["a"], len(values), vectors=values[None])
    emb.save(path)
    assert_same(Embedding.load(path), emb)


TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("=+-@\t\r\n'\",\0 \u200f"), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(TEXT, min_size=1, max_size=4, unique=True), other=TEXT, feature=TEXT)
def test_every_text_survives(made, path, ids, other, feature):
    emb = made(ids, descriptions=(other,) * len(ids), kind=other, feature_names=("x", feature, feature))
    emb.save(path)
    assert_same(Embedding.load(path), emb)


def test_the_suffix_may_be_in_capitals(emb, tmp_path):
    emb.save(tmp_path / "VECTORS.CSV")
    assert_same(Embedding.load(tmp_path / "VECTORS.CSV"), emb)
    assert (tmp_path / "VECTORS.CSV").read_text().startswith('"id","description"')


def test_an_embedding_without_rows(made, path):
    emb = made([])
    if path.suffix == ".csv":
        with pytest.raises(
            ParameterError, match="CSV cannot hold an embedding without rows; save it as .npz"
        ):
            emb.save(path)
        assert not path.exists()
    else:
        emb.save(path)
        assert_same(Embedding.load(path), emb)


# What other programs see


def test_pandas_reads_the_csv_without_options(emb, tmp_path):
    emb.save(tmp_path / "v.csv")
    frame = pd.read_csv(tmp_path / "v.csv")
    assert tuple(frame) == ("id", "description", "ambiguous", "sgt_dna", *emb.feature_names)
    assert tuple(frame["id"]) == emb.ids
    np.testing.assert_allclose(frame[list(emb.feature_names)], emb.vectors, rtol=1e-15)
    assert json.loads(frame["sgt_dna"][4]) == {
        "version": 1,
        "kind": "sequences",
        "params": dataclasses.asdict(emb.params),
    }


def test_some_rows_of_a_csv_are_an_embedding(emb, tmp_path):
    emb.save(tmp_path / "v.csv")
    frame = pd.read_csv(tmp_path / "v.csv")
    frame.iloc[[3, 1]].to_csv(tmp_path / "some.csv", index=False)
    some = Embedding.load(tmp_path / "some.csv")
    assert some.ids == (emb.ids[3], emb.ids[1])
    np.testing.assert_allclose(some.vectors, emb.vectors[[3, 1]], rtol=1e-15)
    assert some.params == emb.params


def test_a_csv_from_a_spreadsheet_has_a_mark_and_other_line_ends(emb, tmp_path):
    emb.save(tmp_path / "v.csv")
    cells = list(csv.reader(io.StringIO((tmp_path / "v.csv").read_text(encoding="utf-8"), newline="")))
    with (tmp_path / "v.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, lineterminator="\r\n").writerows(cells)
    assert (tmp_path / "v.csv").read_bytes().startswith(b"\xef\xbb\xbfid,description")
    assert_same(Embedding.load(tmp_path / "v.csv"), emb)


def test_a_stream_gets_what_the_file_gets(emb, tmp_path):
    emb.save(tmp_path / "v.csv")
    stream = io.StringIO(newline="")
    emb.write_csv(stream)
    assert stream.getvalue().encode() == (tmp_path / "v.csv").read_bytes()


def test_pandas_reads_the_parquet(emb, tmp_path):
    emb.save(tmp_path / "v.parquet")
    frame = pd.read_parquet(tmp_path / "v.parquet")
    assert tuple(frame) == ("id", "description", "ambiguous", *emb.feature_names)
    assert (tuple(frame["id"]), frame["ambiguous"].tolist()) == (emb.ids, emb.ambiguous.tolist())
    assert np.array_equal(frame[list(emb.feature_names)].to_numpy(), emb.vectors)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_a_forked_child_still_reads_and_writes(emb, path):
    emb.save(path)
    Embedding.load(path)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            Embedding.load(path).save(path)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert_same(Embedding.load(path), emb)


# Refused to write


@pytest.mark.parametrize("name", ["v.txt", "v", "v.npz.gz"])
def test_other_names_are_refused(emb, tmp_path, name):
    message = f"{str(tmp_path / name)!r}: the name must end in .npz, .csv, .parquet"
    for call in (emb.save, Embedding.load):
        with pytest.raises(ParameterError, match=re.escape(message)):
            call(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_without_pyarrow_the_way_to_it_is_told(emb, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for call in (emb.save, Embedding.load):
        with pytest.raises(ParameterError, match=re.escape('pip install "sgt-dna[parquet]"')):
            call(tmp_path / "v.parquet")
    emb.save(tmp_path / "v.npz")
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.npz"]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_not_written(made, path, value):
    emb = made("ab", vectors=np.array([[1, 2, 3], [1, value, 3]]))
    with pytest.raises(ParameterError, match="the vectors of 'b' hold NaN or infinity and are not stored"):
        emb.save(path)
    with pytest.raises(ParameterError, match="'b' hold NaN"):
        emb.write_csv(io.StringIO())
    assert not list(path.parent.iterdir())


def test_half_a_surrogate_pair_survives_or_is_named(made, path):
    emb = made(["a", "b\ud800"])
    if path.suffix == ".npz":
        emb.save(path)
        assert_same(Embedding.load(path), emb)
    else:
        with pytest.raises(
            ParameterError, match=r"b\\ud800.* cannot be written as utf-?8; rename it, or save"
        ):
            emb.save(path)
        assert not list(path.parent.iterdir())


def test_a_text_too_long_for_csv_is_named(made, path):
    emb = made("ab", descriptions=("x", "x" * 131_072))
    if path.suffix == ".csv":
        with pytest.raises(ParameterError, match="description of 'b' is too long for CSV"):
            emb.save(path)
        emb = made("ab", descriptions=("x", "=" + "'" * 131_070))
    emb.save(path)
    assert_same(Embedding.load(path), emb)


# Written whole or not at all; what processes that die leave behind is in test_storage_faults.py


def test_synced_then_renamed_then_the_folder_synced(tmp_path, monkeypatch):
    steps, sync, replace = [], os.fsync, os.replace

    def synced(descriptor):
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("sync folder" if folder else f"sync {os.fstat(descriptor).st_size} bytes")
        sync(descriptor)

    def replaced(source, target):
        steps.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    with atomic(tmp_path / "notes.txt", text=True) as handle:
        handle.write("12345")
        assert not (tmp_path / "notes.txt").exists()
    assert steps[:2] == ["sync 5 bytes", "rename"]
    assert steps[2:] == (["sync folder"] if os.name == "posix" else [])


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("x")]
)
def test_a_failed_write_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic(path) as handle:
        handle.write(b"half")
        handle.flush()
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_it_is(tmp_path):
    with atomic(tmp_path / "notes.txt", text=True) as handle:
        handle.write("Gl\u00f3bigerina\n\r\n")
    assert (tmp_path / "notes.txt").read_bytes() == "Gl\u00f3bigerina\n\r\n".encode()


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX systems")
def test_permissions_and_links_stay(emb, path):
    secret, link = path.with_stem("secret"), path.with_stem("link")
    emb.save(secret)
    secret.chmod(0o600)
    link.symlink_to(secret)
    other = dataclasses.replace(emb, kind="other")
    other.save(link)
    assert link.is_symlink()
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert_same(Embedding.load(secret), other)


def test_a_missing_folder_is_an_os_error(emb, path):
    with pytest.raises(FileNotFoundError, match=re.escape(repr(str(path.parent / "absent" / path.name)))):
        emb.save(path.parent / "absent" / path.name)
