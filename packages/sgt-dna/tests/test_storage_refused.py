"""Files that are no embeddings, or damaged or forged ones: refused, with the reason."""

import io
import json
import re
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sgt_dna
from sgt_dna import Embedding, FormatError, SGTParams


def refused(path, message):
    with pytest.raises(FormatError) as caught:
        Embedding.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    return caught.value


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
def test_a_damaged_byte_is_refused_or_without_effect(made, tmp_path, suffix):
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
def test_what_says_otherwise_how_it_was_made_is_refused(made, path, monkeypatch, change, message):
    good = json.loads(sgt_dna._table.provenance(made("a")._table))
    text = "[" * 50_000 if change is None else json.dumps({**good, **change})
    for module in (sgt_dna._npz, sgt_dna._csv, sgt_dna._parquet):
        monkeypatch.setattr(module, "provenance", lambda table: text)
    made("ab").save(path)
    refused(path, message)


def test_parameters_that_came_later_have_their_defaults(made, path, monkeypatch):
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
def test_foreign_npz_files_are_refused(made, tmp_path, change, message):
    made("abc").save(tmp_path / "good.npz")
    with np.load(tmp_path / "good.npz") as arrays:
        parts = {**arrays, **change}
    np.savez(tmp_path / "bad.npz", **{name: part for name, part in parts.items() if part is not None})
    refused(tmp_path / "bad.npz", message)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_repeated_array_is_refused(made, tmp_path):
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
def test_foreign_csv_files_are_refused(made, tmp_path, old, new, message):
    path = tmp_path / "v.csv"
    values = np.array([[1, 2, 3], [0.25, 0.5, 0.75], [4, 5, 6]])
    made("abc", vectors=values, ambiguous=[0, 7, 0]).save(path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    error = refused(path, message)
    if "line " in message:
        assert error.line == int(re.search(r"line (\d+)", message)[1])


def test_rows_made_differently_are_refused(made, tmp_path):
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
def test_foreign_parquet_files_are_refused(made, tmp_path, change, message):
    path = tmp_path / "v.parquet"
    made("abc").save(path)
    pq.write_table(change(pq.read_table(path)), path, compression="none", use_dictionary=False)
    refused(path, message)


@pytest.mark.parametrize(
    "options", [{"compression": "snappy"}, {"compression": "none", "use_dictionary": True}]
)
def test_compressed_parquet_files_are_refused(made, tmp_path, options):
    path = tmp_path / "v.parquet"
    made("abc").save(path)
    pq.write_table(pq.read_table(path), path, **{"use_dictionary": False, **options})
    refused(path, "is compressed or encoded as ")
