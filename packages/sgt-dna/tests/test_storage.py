"""Files of embeddings: exact round trips, what other programs see, and refusals that say why."""

import csv
import dataclasses
import io
import json
import os
import re
import stat
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sgt_dna
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sgt_dna import Embedding, FormatError, ParameterError, SGTParams
from sgt_dna.storage import atomic

SUFFIXES = (".npz", ".csv", ".parquet")
FIELDS = ("ids", "feature_names", "params", "descriptions", "kind")


@pytest.fixture(params=SUFFIXES)
def path(request, tmp_path):
    return tmp_path / f"vectors{request.param}"


@pytest.fixture
def emb(five):
    return sgt_dna.embed(five, kappa=2.5, overlap=False, ambiguous="drop")


def made(ids, features=3, **change):
    vectors = np.random.default_rng(0).random((len(ids), features))
    names = tuple(f"f{column}" for column in range(features))
    parts = {"descriptions": tuple(ids), "ambiguous": np.arange(len(ids)), "params": SGTParams(), **change}
    return Embedding(**{"ids": tuple(ids), "vectors": vectors, "feature_names": names, **parts})


def assert_same(back, emb):
    assert back.vectors.tobytes() == emb.vectors.tobytes()
    assert back.vectors.shape == emb.vectors.shape
    assert (back.vectors.dtype, back.ambiguous.dtype) == (np.float64, np.int64)
    assert back.vectors.flags.writeable
    assert back.ambiguous.tolist() == emb.ambiguous.tolist()
    for name in FIELDS:
        assert getattr(back, name) == getattr(emb, name)


def refused(path, message):
    with pytest.raises(FormatError) as caught:
        Embedding.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    return caught.value


# Round trips


def test_saved_and_loaded_is_the_same(emb, path):
    emb.save(path)
    assert_same(Embedding.load(path), emb)
    assert emb.params == SGTParams(overlap=False, kappa=2.5, ambiguous="drop")
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 16), (3, 4096), (200, 2)])
def test_any_shape_survives(path, n, d):
    emb = made([f"s{row}" for row in range(n)], d)
    emb.save(path)
    assert_same(Embedding.load(path), emb)


def test_every_float_survives(path):
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
def test_every_text_survives(path, ids, other, feature):
    emb = made(ids, descriptions=(other,) * len(ids), kind=other, feature_names=("x", feature, feature))
    emb.save(path)
    assert_same(Embedding.load(path), emb)


def test_the_suffix_may_be_in_capitals(emb, tmp_path):
    emb.save(tmp_path / "VECTORS.CSV")
    assert_same(Embedding.load(tmp_path / "VECTORS.CSV"), emb)
    assert (tmp_path / "VECTORS.CSV").read_text().startswith('"id","description"')


def test_an_embedding_without_rows(path):
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
def test_what_is_not_finite_is_not_written(path, value):
    emb = made("ab", vectors=np.array([[1, 2, 3], [1, value, 3]]))
    with pytest.raises(ParameterError, match="the vectors of 'b' hold NaN or infinity and are not stored"):
        emb.save(path)
    with pytest.raises(ParameterError, match="'b' hold NaN"):
        emb.write_csv(io.StringIO())
    assert not list(path.parent.iterdir())


def test_half_a_surrogate_pair_survives_or_is_named(path):
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


def test_a_text_too_long_for_csv_is_named(path):
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
    with pytest.raises(FileNotFoundError):
        emb.save(path.parent / "absent" / path.name)


# Refused to read


def test_a_missing_file_is_named(path):
    refused(path, "no such file")


def test_a_folder_is_named(path):
    path.mkdir()
    refused(path, "cannot be opened: ")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"PAR1 broken PAR1", b"hello", b"\xff\xfe\0x"]
)
def test_what_is_something_else_is_refused(path, content):
    path.write_bytes(content)
    if path.suffix == ".csv":
        what = "not UTF-8" if content[:1] == b"\xff" else "line 1: the header must begin with id,description"
    else:
        what = f"not a {path.suffix} file, or a damaged one"
    refused(path, what)


def test_a_file_that_is_cut_off_is_refused(emb, path):
    emb.save(path)
    content = path.read_bytes()
    for share in (0.02, 0.3, 0.5, 0.9, 0.99):
        path.write_bytes(content[: int(share * len(content))])
        refused(path, "")


@pytest.mark.parametrize("suffix", [".npz", ".parquet"])
def test_a_damaged_byte_is_refused_or_without_effect(tmp_path, suffix):
    path = tmp_path / f"v{suffix}"
    emb = made("abc", 4)
    emb.save(path)
    content = path.read_bytes()
    rng = np.random.default_rng(7)
    for at in rng.permutation(len(content))[:600]:
        damaged = bytearray(content)
        damaged[at] ^= rng.integers(1, 256)
        path.write_bytes(damaged)
        try:
            back = Embedding.load(path)
        except FormatError:
            continue
        assert back.vectors.tobytes() == emb.vectors.tobytes()
        assert (back.ids, back.descriptions) == (emb.ids, emb.descriptions)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "format version 99 is unknown, expected 1; update sgt-dna"),
        ({"version": "x" * 99}, "format version 'xxx"),
        ({"params": {"flux": 1}}, "the stored parameters are unknown ("),
        ({"params": {"kappa": -1}}, "the stored parameters are unknown (kappa must be positive"),
        ({"params": None}, "the stored parameters are unknown"),
        ({"kind": 3}, "the stored kind is 3, expected text"),
        (None, "not an embedding written by sgt_dna: it does not say its format version"),
    ],
)
def test_what_says_otherwise_how_it_was_made_is_refused(path, monkeypatch, change, message):
    good = json.loads(sgt_dna._table.provenance(made("a")._table))
    text = "[" * 50_000 if change is None else json.dumps({**good, **change})
    for module in (sgt_dna._npz, sgt_dna._csv, sgt_dna._parquet):
        monkeypatch.setattr(module, "provenance", lambda table: text)
    made("ab").save(path)
    refused(path, message)


def test_parameters_that_came_later_have_their_defaults(path, monkeypatch):
    text = '{"version":1,"kind":"sequences","params":{"kappa":5.0}}'
    for module in (sgt_dna._npz, sgt_dna._csv, sgt_dna._parquet):
        monkeypatch.setattr(module, "provenance", lambda table: text)
    made("ab").save(path)
    assert Embedding.load(path).params == SGTParams(kappa=5)


def bytes_of(value):
    return np.frombuffer(json.dumps(value).encode(), np.uint8)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sgt_dna": None}, "not an embedding written by sgt_dna: it lacks the array 'sgt_dna'"),
        ({"ids": None}, "arrays are missing, foreign or repeated; expected sgt_dna, ids, descriptions"),
        ({"extra": np.zeros(3)}, "arrays are missing, foreign or repeated"),
        ({"ids": bytes_of(["a"])}, "1 ids for 3 vectors; write the file anew"),
        ({"descriptions": bytes_of(["a"] * 4)}, "4 descriptions for 3 vectors"),
        ({"ambiguous": np.zeros(2, np.int64)}, "2 counts of ambiguous positions for 3 vectors"),
        ({"feature_names": bytes_of(["x"])}, "1 feature names for 3 features"),
        ({"ids": bytes_of(["a", "b", "a"])}, "ids stand more than once: 'a'; write the file anew"),
        ({"ids": bytes_of(["a", "b", 3])}, "ids are not a list of texts"),
        ({"ids": bytes_of("abc")}, "ids are not a list of texts"),
        ({"ids": np.array(list("abc"))}, "the array 'ids' is <U1 in 1 dimensions, expected uint8 in 1"),
        ({"vectors": np.zeros((3, 3), np.float32)}, "the array 'vectors' is float32 in 2 dimensions"),
        ({"vectors": np.asfortranarray(np.ones((3, 3)))}, "the array 'vectors' is float64 in 2 dimensions"),
        ({"vectors": np.zeros(9)}, "the array 'vectors' is float64 in 1 dimensions, expected float64 in 2"),
        ({"vectors": np.full((3, 3), np.nan)}, "the vectors of 'a', 'b', 'c' hold NaN or infinity"),
        ({"ids": np.frombuffer(b"\xff{", np.uint8)}, "not a .npz file, or a damaged one"),
    ],
)
def test_foreign_npz_files_are_refused(tmp_path, change, message):
    made("abc").save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        parts = {**arrays, **change}
    np.savez(tmp_path / "bad.npz", **{name: part for name, part in parts.items() if part is not None})
    refused(tmp_path / "bad.npz", message)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_repeated_array_is_refused(tmp_path):
    made("abc").save(tmp_path / "v.npz")
    with zipfile.ZipFile(tmp_path / "v.npz", "a") as archive:
        archive.writestr("ids.npy", archive.read("ids.npy"))
    refused(tmp_path / "v.npz", "arrays are missing, foreign or repeated")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"id"',
            '"ID"',
            "line 1: the header must begin with id,description,ambiguous,sgt_dna, found 'ID,descr",
        ),
        ('"b","b"', '"b"', "line 3: 6 cells, expected 7 as in the header"),
        ("0.5", "0.5,1", "line 3: 8 cells, expected 7 as in the header"),
        ("0.5", "half", "line 3: f1 is 'half'; expected a finite number"),
        ("0.5", "nan", "line 3: f1 is 'nan'; expected a finite number"),
        ("0.5", "1e999", "line 3: f1 is '1e999'; expected a finite number"),
        ("0.5", "1_0", "line 3: f1 is '1_0'; expected a finite number"),
        ("0.5", "", "line 3: f1 is ''; expected a finite number"),
        ("0.5", "1" * 100_000 + "x", "line 3: f1 is '1111"),
        (',7,"', ',7.5,"', "line 3: ambiguous is '7.5'; expected a whole number"),
        (',7,"', ',,"', "line 3: ambiguous is ''; expected a whole number"),
        ('"b","b"', '"a","b"', "line 3: the id 'a' stands in line 2 too; ids must be unique"),
        ('"b","b"', '"b,"b"', "line 3: not valid CSV (',' expected after '\"')"),
        ("6.0\n", '"6.0\n', "line 4: not valid CSV (unexpected end of data)"),
        ('"c","c"', '"c","' + "c" * 131_073 + '"', "line 4: not valid CSV (field larger than field limit"),
        ('"c","c"', '\n"c","c"', "line 4: 0 cells, expected 7"),
        ('"c","c"', '"c","\udcff"', "line 4: not UTF-8 text; save it anew"),
    ],
)
def test_foreign_csv_files_are_refused(tmp_path, old, new, message):
    path = tmp_path / "v.csv"
    values = np.array([[1, 2, 3], [0.25, 0.5, 0.75], [4, 5, 6]])
    made("abc", vectors=values, ambiguous=[0, 7, 0]).save(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    error = refused(path, message)
    if "line " in message:
        assert error.line == int(re.search(r"line (\d+)", message)[1])


def test_rows_made_differently_are_refused(tmp_path):
    one, other = io.StringIO(), io.StringIO()
    made("ab").write_csv(one)
    made("cd", params=SGTParams(kappa=5)).write_csv(other)
    (tmp_path / "v.csv").write_text(one.getvalue() + "".join(other.getvalue().splitlines(True)[1:]))
    refused(
        tmp_path / "v.csv", "line 4: made otherwise than the rows above (column sgt_dna); load them apart"
    )
    (tmp_path / "v.csv").write_text(one.getvalue().splitlines(True)[0])
    refused(tmp_path / "v.csv", "no rows below the header; write the file anew")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace_schema_metadata(None), "not an embedding written by sgt_dna"),
        (
            lambda t: t.rename_columns(["x", *t.column_names[1:]]).replace_schema_metadata(t.schema.metadata),
            "the first columns must be id, description",
        ),
        (lambda t: t.select(["id"]), "the first columns must be id, description, ambiguous, found ['id']"),
        (
            lambda t: t.set_column(3, pa.field("f0", pa.float32(), False), pa.array([1, 2, 3], pa.float32())),
            "the column 'f0' is float, expected double without",
        ),
        (
            lambda t: t.set_column(4, pa.field("f1", pa.float64()), pa.array([1.0, None, 2.0])),
            "the column 'f1' is double with nulls, expected double without",
        ),
        (
            lambda t: t.set_column(
                3, pa.field("f0", pa.float64(), False), pa.array([1.0, 2.0, float("nan")])
            ),
            "the vectors of 'c' hold NaN or infinity",
        ),
        (
            lambda t: t.set_column(0, pa.field("id", pa.string(), False), pa.array(["a", "b", "a"])),
            "ids stand more than once: 'a'",
        ),
    ],
)
def test_foreign_parquet_files_are_refused(tmp_path, change, message):
    path = tmp_path / "v.parquet"
    made("abc").save(path)
    pq.write_table(change(pq.read_table(path)), path, compression="none", use_dictionary=False)
    refused(path, message)


@pytest.mark.parametrize(
    "options", [{"compression": "snappy"}, {"compression": "none", "use_dictionary": True}]
)
def test_compressed_parquet_files_are_refused(tmp_path, options):
    path = tmp_path / "v.parquet"
    made("abc").save(path)
    pq.write_table(pq.read_table(path), path, **{"use_dictionary": False, **options})
    refused(path, "is compressed or encoded as ")
