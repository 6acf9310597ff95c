"""The verbs that take stored vectors: `sgt-dna anchors`, `distance` and `info`."""

import csv
import io
import json
import sys

import numpy as np
import pytest
import sgt_dna

pytestmark = pytest.mark.filterwarnings("ignore::sgt_dna.AnchorWarning")  # of the function beside the verb

SEQUENCES = {"a": "ACGTTGCAAC", "b": "ACGTAGCAAC", "=c": "TTGACCANNT", "d": "GGATCCATTA", "e": "A"}
LABELS = {"a": "ruber", "b": "ruber", "=c": "nitida", "d": "@bulloides"}


@pytest.fixture(params=[".npz", ".csv", ".parquet"])
def vectors(tmp_path, request):
    path = tmp_path / f"vectors{request.param}"
    sgt_dna.embed({id_: SEQUENCES[id_] for id_ in LABELS}).save(path)
    return path


@pytest.fixture
def labels(tmp_path):
    def write(labels, column="species"):
        path = tmp_path / "labels.csv"
        path.write_text(f"id,{column}\n" + "".join(f"{id_},{label}\n" for id_, label in labels.items()))
        return path

    return write


def equal(found, expected):
    return repr(found) == repr(expected) and found.vectors.tobytes() == expected.vectors.tobytes()


def test_anchors(run, vectors, labels, tmp_path, capsys):
    out = tmp_path / "anchors.npz"
    assert run("anchors", vectors, "--labels", labels({**LABELS, "x": "unused"}), "-o", out) == 0
    assert equal(sgt_dna.Embedding.load(out), sgt_dna.anchors(sgt_dna.Embedding.load(vectors), LABELS))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Embedding: 3 anchors (median, none) x 256 features (dinucleotides, overlapping, kappa=1)",
        "from 4 sequences: 1 to 2 of a species",
        "from one sequence alone: '@bulloides', 'nitida'",
        "labels without a vector: 1, left out",
        f"written: {out}",
        f"next: sgt-dna distance {out} -o distances.csv",
    ]


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".parquet"])
def test_anchors_with_options(run, vectors, labels, tmp_path, suffix, capsys):
    out, table = tmp_path / f"out{suffix}", labels(LABELS, "genus")
    options = ["--column", "genus", "--method", "mean", "--transform", "standardise"]
    assert run("anchors", vectors, "--labels", table, "-o", out, *options, "--json") == 0
    expected = sgt_dna.anchors(sgt_dna.Embedding.load(vectors), LABELS, "mean", "standardise")
    assert equal(sgt_dna.Embedding.load(out), expected)
    figures = json.loads(capsys.readouterr().out)
    assert figures["sequences"] == {"@bulloides": 1, "nitida": 1, "ruber": 2}
    assert (figures["anchors"], figures["unused_labels"]) == (3, 0)


@pytest.mark.filterwarnings("error")
def test_equal_anchors_are_told_once_and_are_no_error(run, labels, tmp_path, capsys):
    sgt_dna.embed({"a": "ACGTTG", "b": "ACGTTG", "=c": "TTGACC", "d": "GGATCC"}).save(tmp_path / "v.npz")
    words = ["anchors", tmp_path / "v.npz", "--labels", labels({**LABELS, "b": "calida"}), "-o"]
    assert run(*words, tmp_path / "a.npz") == 0
    assert "the same anchor: 'calida' = 'ruber'" in capsys.readouterr().err.splitlines()
    assert run(*words, tmp_path / "b.npz", "--json") == 0
    assert json.loads(capsys.readouterr().out)["equal_anchors"] == [["calida", "ruber"]]


def test_anchors_on_standard_output(run, vectors, labels, capsys, tmp_path):
    assert run("anchors", vectors, "--labels", labels(LABELS), "-o", "-") == 0
    (tmp_path / "anchors.csv").write_text(capsys.readouterr().out)
    assert sgt_dna.Embedding.load(tmp_path / "anchors.csv").ids == ("@bulloides", "nitida", "ruber")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"a": None, "d": None}, "no label for 'a', 'd'; add it, or leave the sequence out"),
        ({"a": ""}, "line 2: the species is empty"),
    ],
)
def test_bad_labels_exit_1_and_name_the_table(run, error_line, vectors, labels, tmp_path, changed, message):
    path = labels({id_: label for id_, label in {**LABELS, **changed}.items() if label is not None})
    assert run("anchors", vectors, "--labels", path, "-o", tmp_path / "x.npz") == 1
    assert error_line().startswith(f"{path}: {message}")


def test_a_missing_column_exits_1_and_names_those_there_are(run, error_line, vectors, labels, tmp_path):
    path = labels(LABELS, "genus")
    assert run("anchors", vectors, "--labels", path, "-o", tmp_path / "x.npz") == 1
    assert error_line().startswith(f"{path}: there is no column 'species'; the columns are 'id', 'genus'; ")


def test_distance(run, vectors, tmp_path, capsys):
    out = tmp_path / "d.csv"
    assert run("distance", vectors, "-o", out) == 0
    found = sgt_dna.Embedding.load(vectors).distance()
    rows = list(csv.reader(io.StringIO(out.read_text())))
    assert rows[0] == ["id", "a", "b", "'=c", "d"]
    assert [row[0] for row in rows[1:]] == ["a", "b", "'=c", "d"]
    assert [[float(cell) for cell in row[1:]] for row in rows[1:]] == found.tolist()
    first, second = np.unravel_index(found.argmax(), found.shape)
    farthest = f"{found[first, second]:.4g}, {list(LABELS)[first]!r} and {list(LABELS)[second]!r}"
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "cosine distances: 4 x 4",
        f"smallest: {found[0, 1]:.4g}, 'a' and 'b'",
        f"largest: {farthest}",
        f"median: {np.median(found[np.triu_indices(4, 1)]):.4g}",
        f"written: {out}",
        f'next, in Python: pandas.read_csv("{out}", index_col="id")',
    ]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "hellinger", "braycurtis"])
def test_distance_on_standard_output(run, vectors, capsys, metric):
    assert run("distance", vectors, "-o", "-", "--metric", metric) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    found = sgt_dna.Embedding.load(vectors).distance(metric)
    assert [[float(cell) for cell in row[1:]] for row in rows[1:]] == found.tolist()


def test_distance_of_one_row(run, tmp_path, capsys):
    sgt_dna.embed({"a": "ACGTTGCA"}).save(tmp_path / "one.npz")
    assert run("distance", tmp_path / "one.npz", "-o", tmp_path / "d.csv", "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["smallest"], figures["closest"]) == (1, None, None)
    assert (tmp_path / "d.csv").read_text() == '"id","a"\n"a",0.0\n'


def test_distance_that_is_not_defined_names_the_rows(run, error_line, tmp_path):
    sgt_dna.embed(SEQUENCES).save(tmp_path / "v.npz")
    assert run("distance", tmp_path / "v.npz", "-o", tmp_path / "d.csv") == 2
    assert error_line().startswith(
        f"{tmp_path / 'v.npz'}: cosine distance is not defined where a vector is zero: 'e'"
    )
    assert not (tmp_path / "d.csv").exists()


def test_info(run, tmp_path, capsys):
    path = tmp_path / "v.npz"
    sgt_dna.embed(SEQUENCES, kappa=5).save(path)
    assert run("info", path) == 0
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        "Embedding: 5 sequences x 256 features (dinucleotides, overlapping, kappa=5)",
        "not A, C, G, T or U: 2 positions, in 1 sequence",
        "zero vectors: 1 ('e')",
        "parameters: k=2, overlap=True, kappa=5.0, length_sensitive=False, ambiguous=skip, strand=forward",
        f"file: npz, format version 1, {path.stat().st_size:,} bytes",
    ]
    assert captured.err == f"next: sgt-dna anchors {path} --labels LABELS.csv -o anchors.npz\n"


def test_info_as_json(run, vectors, capsys):
    assert run("info", vectors, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["features"], figures["kind"]) == (4, 256, "sequences")
    assert (figures["format"], figures["version"]) == (vectors.suffix[1:], 1)
    assert (figures["ambiguous_positions"], figures["ambiguous_rows"], figures["zero_vectors"]) == (2, 1, [])
    assert figures["bytes"] == vectors.stat().st_size


def test_info_of_standard_input_as_json(run, vectors, capsys, monkeypatch):
    stream = io.StringIO()
    sgt_dna.Embedding.load(vectors).write_csv(stream)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stream.getvalue().encode())))
    assert run("info", "-", "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["rows"], figures["format"], figures["bytes"]) == (4, "csv", None)


def test_info_of_anchors(run, vectors, labels, tmp_path, capsys):
    out = tmp_path / "my anchors.npz"
    assert run("anchors", vectors, "--labels", labels(LABELS), "-o", out) == 0
    capsys.readouterr()
    assert run("info", out) == 0
    captured = capsys.readouterr()
    assert "in 1 row\n" in captured.out
    assert captured.err == f"next: sgt-dna distance '{out}' -o distances.csv\n"


@pytest.mark.parametrize("verb", ["anchors", "distance", "info"])
@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("absent.npz", 1, "absent.npz: no such file"),
        ("damaged.npz", 1, "damaged.npz: "),
        ("damaged.csv", 1, "damaged.csv: line 1: the header must begin with"),
        ("v.txt", 2, "v.txt': the name must end in .npz, .csv, .parquet"),
    ],
)
def test_vectors_that_cannot_be_read(run, error_line, labels, tmp_path, verb, name, code, message):
    for damaged in ("damaged.npz", "damaged.csv"):
        (tmp_path / damaged).write_text("hello\n")
    words = {
        "anchors": ["--labels", labels(LABELS), "-o", tmp_path / "x.npz"],
        "distance": ["-o", tmp_path / "x.csv"],
        "info": [],
    }
    assert run(verb, tmp_path / name, *words[verb]) == code
    assert message in error_line()
