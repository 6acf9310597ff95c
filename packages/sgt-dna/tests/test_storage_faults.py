"""Faults 11 to 13: full disks, killed processes, forged files, formulas. 14, outputs that exist, is in test_cli.py.

What needs a process of its own is in storage_child.py, which forks many children from one program.
"""

import csv
import json
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sgt_dna import Embedding, FormatError, SGTParams
from sgt_dna._table import provenance

CHILD = Path(__file__).with_name("storage_child.py")
SUFFIXES = (".npz", ".csv", ".parquet")

linux = pytest.mark.skipif(sys.platform != "linux", reason="limits, kills and file systems as Linux has them")


def child(*words, prefix=()):
    command = [*prefix, sys.executable, str(CHILD), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def embedding(ids=("a", "b"), **change):
    vectors = np.random.default_rng(0).random((len(ids), 4))
    parts = {"descriptions": tuple(ids), "ambiguous": np.zeros(len(ids)), "params": SGTParams(), **change}
    return Embedding(**{"ids": tuple(ids), "vectors": vectors, "feature_names": tuple("wxyz"), **parts})


# 11: disk full, or the process killed


@linux
def test_a_file_that_may_not_grow(tmp_path):
    found = child("limits", tmp_path)
    assert len(found) == 3 * 7 * 2
    for end in found:
        if end["fits"]:
            assert (end["code"], end["left"], end["others"]) == (0, "new", 0), end
        elif end["killed"]:
            assert (end["code"], end["left"]) == (-signal.SIGXFSZ, "old"), end
            assert end["hidden"], end
        else:
            assert (end["code"], end["left"], end["others"]) == (1, "old", 0), end


@linux
@pytest.mark.parametrize(("mode", "least"), [("lines", 40), ("calls", 10)])
def test_killed_at_every_point(tmp_path, mode, least):
    found = child(mode, tmp_path)
    for suffix in SUFFIXES:
        ends = [end for end in found if end["suffix"] == suffix]
        left = [end["left"] for end in ends]
        changed = left.index("new")
        assert len(ends) >= least
        assert left == ["old"] * changed + ["new"] * (len(ends) - changed)
        assert changed > 2
        assert len(ends) - changed > 2
        assert [end["code"] for end in ends] == [-signal.SIGKILL] * (len(ends) - 1) + [0]
        assert all(end["hidden"] and end["others"] <= 1 for end in ends)
        assert not any(end["others"] for end in ends[changed:])


@linux
def test_a_folder_whose_writer_is_killed_at_every_point(tmp_path):
    found = child("folder", tmp_path)
    left = [end["left"] for end in found]
    changed = left.index("new")
    assert left == ["old"] * changed + ["new"] * (len(found) - changed)
    assert changed > 40
    assert len(found) - changed > 2
    assert [end["code"] for end in found] == [-signal.SIGKILL] * (len(found) - 1) + [0]
    assert all(end["hidden"] and end["others"] <= 1 for end in found)


def test_a_folder_that_cannot_change_places_in_one_step(tmp_path, monkeypatch):
    path, rename, killed = tmp_path / "vectors.sgt", Path.rename, False
    embedding().save(path)
    monkeypatch.setattr("sgt_dna._atomic.exchange", lambda one, other: False)
    embedding(("c",)).save(path)
    assert Embedding.load(path).ids == ("c",)
    assert list(tmp_path.iterdir()) == [path]

    def renamed(self, target):
        if target == path and (killed or self.suffix == ".tmp"):
            raise OSError(5, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(OSError, match="Input/output error"):
        embedding(("d",)).save(path)
    assert Embedding.load(path).ids == ("c",)
    killed = True
    with pytest.raises(OSError, match="Input/output error"):
        embedding(("d",)).save(path)
    monkeypatch.undo()
    with pytest.raises(
        FormatError, match=r"no such file; .* left it as '\.vectors\.sgt\.\w+\.old': rename that"
    ):
        Embedding.load(path)
    (left,) = tmp_path.iterdir()
    left.rename(path)
    assert Embedding.load(path).ids == ("c",)


@linux
def test_a_disk_that_is_full(tmp_path):
    mount = 'mount -t tmpfs -o size=64k none "$0"'
    own = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here to mount a small disk with")
    probe = subprocess.run([*own, mount, str(tmp_path)], capture_output=True, text=True)
    if probe.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {probe.stderr.strip()}")
    found = child("full", tmp_path, prefix=[*own, f'{mount} && exec "$@"', str(tmp_path)])
    assert [(end["suffix"], end["code"], end["left"], end["others"]) for end in found] == [
        (suffix, 1, "old", 0) for suffix in SUFFIXES
    ]


# 12: forged files, loaded with little memory


def forged_npz(path, name=None, *, array=None, content=None, size=None):
    """A good file but for one member: another array, other bytes, or another size in the directory."""
    embedding().save(path)
    with np.load(path) as stored:
        arrays = dict(stored)
    with zipfile.ZipFile(path, "w") as archive:
        for each, good in arrays.items():
            with archive.open(f"{each}.npy", "w") as member:
                if each == name and content is not None:
                    member.write(content)
                else:
                    np.save(member, array if each == name and array is not None else good)
        if size:
            info = archive.getinfo(f"{name}.npy")
            info.file_size = info.compress_size = size
    return path


class Runs:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def npy_header(text):
    padded = text.encode().ljust(9000) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


def forged_npz_files(folder):
    huge = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 256), }"
    deep = "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "-" * 8000 + "1, 256), }"
    pickle = np.array([Runs(folder / "ran"), None], object)
    yield forged_npz(folder / "object.npz", "ids", array=pickle), "the array 'ids' is object in 1 dimensions"
    yield forged_npz(folder / "objects.npz", "vectors", array=pickle[None]), "'vectors' is object in 2"
    claim = "claims the shape (1000000000000, 256) and has 64 bytes; it is damaged or forged"
    yield forged_npz(folder / "huge.npz", "vectors", content=npy_header(huge) + bytes(64)), claim
    negative = huge.replace("1000000000000, 256", "-2, -4")
    claim = "claims the shape (-2, -4) and has 64 bytes"
    yield forged_npz(folder / "negative.npz", "vectors", content=npy_header(negative) + bytes(64)), claim
    yield forged_npz(folder / "deep.npz", "vectors", content=npy_header(deep)), "'vectors' cannot be read"
    claim = "claims more than the "
    yield forged_npz(folder / "size.npz", "vectors", size=1 << 31), claim
    yield forged_npz(folder / "rows.npz", "vectors", array=np.zeros((9, 4))), "2 ids for 9 vectors"
    json_ = np.frombuffer(b"[" * 50_000, np.uint8)
    yield forged_npz(folder / "nested.npz", "ids", array=json_), "not a .npz file, or a damaged one"
    bomb = forged_npz(folder / "bomb.npz")
    with zipfile.ZipFile(bomb) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            with archive.open(name, "w") as member:
                member.write(content if name != "vectors.npy" else npy_header(huge))
                for _ in range(300 if name == "vectors.npy" else 0):
                    member.write(bytes(1 << 20))
    yield bomb, "the array 'sgt_dna' is compressed or encrypted"


def forged_csv_files(folder):
    good = folder / "good.csv"
    embedding().save(good)
    header, row, _ = good.read_bytes().splitlines(keepends=True)

    def made(name, content, size=0):
        path = folder / name
        path.write_bytes(content)
        if size:
            with path.open("r+b") as handle:
                handle.truncate(size)
        return path

    yield made("line.csv", header + row, 1 << 32), "line 3: more than 16777216 bytes; this is no embedding"
    yield made("blank.csv", b"", 1 << 32), "line 1: more than 16777216 bytes"
    yield made("quote.csv", header + b'"' + b"x\n" * 500_000), "field larger than field limit"
    yield made("cells.csv", header + b"," * 3_000_000), "line 2: 3000001 cells, expected 8"
    yield made("digits.csv", header + row.rstrip() + b"1" * 90_000 + b"x\n"), "expected a finite number"


def parquet(path, columns, *, metadata=True, **options):
    fields = [pa.field(name, column.type, nullable=column.null_count > 0) for name, column in columns.items()]
    made = {b"sgt_dna": provenance(embedding()._table)} if metadata else None
    table = pa.Table.from_arrays(list(columns.values()), schema=pa.schema(fields, metadata=made))
    pq.write_table(table, path, **{"compression": "none", "use_dictionary": False, **options})
    return path


def columns_of(rows, text, number, features=8):
    ids = {"id": text, "description": text, "ambiguous": pa.array(np.zeros(rows, np.int64))}
    return {**ids, **{f"f{column}": number for column in range(features)}}


def forged_parquet_files(folder):
    rows = 150_000
    text, zeros = pa.array(["x"] * rows), pa.array(np.zeros(rows))
    same = columns_of(rows, text, zeros, 300)
    bomb = parquet(folder / "bomb.parquet", same, compression="zstd")
    yield bomb, "is compressed or encoded as ZSTD"
    repeated = pa.array(["x" * (1 << 20)] * 64)
    long = columns_of(64, repeated, pa.array(np.zeros(64)))
    path = parquet(folder / "dictionary.parquet", long, use_dictionary=True)
    yield path, "is compressed or encoded as UNCOMPRESSED, PLAIN, RLE, RLE_DICTIONARY"
    nulls = columns_of(rows, text, pa.nulls(rows, pa.float64()), 300)
    yield parquet(folder / "nulls.parquet", nulls), "the column 'f0' is double with nulls"
    large = parquet(folder / "large.parquet", columns_of(rows, text, zeros)).read_bytes()
    footer = large[-8 - int.from_bytes(large[-8:-4], "little") :]
    cut = folder / "cut.parquet"
    cut.write_bytes(b"PAR1" + footer)
    yield cut, f"it claims 150000 rows, which do not fit its {cut.stat().st_size} bytes; damaged or forged"
    (folder / "large.parquet").unlink()
    long_footer = folder / "footer.parquet"
    long_footer.write_bytes(b"PAR1" + b"\xff\xff\xff\x7fPAR1")
    yield long_footer, "not a .parquet file, or a damaged one"


@linux
def test_forged_files_are_refused_with_little_memory(tmp_path):
    makers = (forged_npz_files, forged_csv_files, forged_parquet_files)
    forged = [pair for maker in makers for pair in maker(tmp_path)]
    good = [tmp_path / f"fine{suffix}" for suffix in SUFFIXES]
    for path in good:
        embedding().save(path)
    said = child("load", *good, *(path for path, _ in forged))
    assert said[:3] == [repr(embedding())] * 3
    for (path, message), error in zip(forged, said[3:], strict=True):
        assert error.startswith(f"{path}: ")
        assert message in error
    assert not (tmp_path / "ran").exists()


# 13: cells that a spreadsheet would run

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "=", "=cmd|' /C calc'!A0", '="a",b', "=a\nb"]
LIKE_THEM = ["'", "''", "'=1", "''=1", "'''@", "'a=1", "a=1", " =1", "", "'\t", "\n=1", "\0=1"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_formulas_come_back_exactly(tmp_path, suffix):
    ids = [*FORMULAS, *LIKE_THEM]
    emb = embedding(ids, descriptions=tuple(reversed(ids)), feature_names=("=x", "'=x", "-", "y"))
    emb.save(tmp_path / f"v{suffix}")
    back = Embedding.load(tmp_path / f"v{suffix}")
    assert (back.ids, back.descriptions, back.feature_names) == (emb.ids, emb.descriptions, emb.feature_names)


def test_no_text_of_a_csv_is_a_formula(tmp_path):
    ids = [*FORMULAS, *LIKE_THEM]
    emb = embedding(ids, descriptions=tuple(reversed(ids)), feature_names=("=x", "'=x", "-", "y"), kind="=1")
    emb.save(tmp_path / "v.csv")
    with (tmp_path / "v.csv").open(encoding="utf-8", newline="") as handle:
        cells = list(csv.reader(handle))
    texts = [*cells[0], *(row[column] for row in cells for column in (0, 1, 3))]
    assert not [text for text in texts if text[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    assert [row[0] for row in cells[1 : 1 + len(FORMULAS)]] == [f"'{text}" for text in FORMULAS]
    assert [row[0] for row in cells[1 + len(FORMULAS) :]] == [
        *("'", "''", "''=1", "'''=1", "''''@", "'a=1", "a=1", " =1", "", "''\t", "\n=1", "\0=1")
    ]


def test_negative_numbers_of_a_csv_stay_numbers(tmp_path):
    embedding(vectors=-np.ones((2, 4))).save(tmp_path / "v.csv")
    assert (tmp_path / "v.csv").read_text().splitlines()[1].endswith('",-1.0,-1.0,-1.0,-1.0')
