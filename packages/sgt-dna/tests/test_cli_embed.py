"""`sgt-dna embed`: options, formats, what it says."""

import gzip
import io
import json
import sys

import pytest
import sgt_dna


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.npz"


def same(path, expected):
    """The stored embedding is the expected one, to the last bit."""
    found = sgt_dna.Embedding.load(path)
    return found.params == expected.params and found.vectors.tobytes() == expected.vectors.tobytes()


def test_writes_and_reports(run, five, out, capsys):
    assert run("embed", five, "-o", out) == 0
    assert same(out, sgt_dna.embed(five))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Embedding: 5 sequences x 256 features (dinucleotides, overlapping, kappa=1)",
        "not A, C, G, T or U: 0 positions, in 0 sequences",
        "zero vectors: 0",
        f"written: {out}",
        f"next: sgt-dna anchors {out} --labels LABELS.csv -o anchors.npz",
    ]


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".parquet"])
def test_every_format(run, five, tmp_path, suffix):
    assert run("embed", five, "-o", tmp_path / f"out{suffix}") == 0
    assert same(tmp_path / f"out{suffix}", sgt_dna.embed(five))


def test_csv_on_standard_output(run, five, tmp_path, capsys):
    assert run("embed", five, "-o", "-") == 0
    captured = capsys.readouterr()
    (tmp_path / "out.csv").write_text(captured.out)
    assert same(tmp_path / "out.csv", sgt_dna.embed(five))
    assert "written" not in captured.err


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("--k 1", {"k": 1}),
        ("--k 3 --no-overlap", {"k": 3, "overlap": False}),
        ("--kappa 5 --length-sensitive", {"kappa": 5, "length_sensitive": True}),
        ("--ambiguous drop --strand both", {"ambiguous": "drop", "strand": "both"}),
        ("-j 2", {}),
        ("--threads 0", {}),
    ],
)
def test_options_reach_the_transform(run, fasta, out, words, options):
    path = fasta(">a\nACGNTTGCAACGT\n>b\nTTGACCAGGA\n")
    assert run("embed", path, "-o", out, *words.split()) == 0
    assert same(out, sgt_dna.embed(path, **options))


@pytest.mark.parametrize(("given", "expected"), [(None, 1), ("3", 3), ("0", None)])
def test_threads(run, five, out, monkeypatch, given, expected):
    def spy(source, *, threads, **options):
        seen.append(threads)
        return sgt_dna.embed(source)

    seen = []
    monkeypatch.setattr("sgt_dna.verbs.embed.embed", spy)
    assert run("embed", five, "-o", out, *(["-j", given] if given else [])) == 0
    assert seen == [expected]


def test_what_is_unusual_is_reported(run, fasta, out, capsys):
    path = fasta(">a\nACGNTTGCA\n>b\nA\n>c\nNNNN\n")
    assert run("embed", path, "-o", out) == 0
    reported = capsys.readouterr().err
    assert "not A, C, G, T or U: 5 positions, in 2 sequences\n" in reported
    assert "zero vectors: 2 ('b', 'c')\n" in reported
    assert run("embed", path, "-o", out, "--force", "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["ambiguous_positions"], figures["ambiguous_sequences"]) == (5, 2)
    assert figures["zero_vectors"] == ["b", "c"]
    assert figures["params"]["k"] == 2


def test_standard_input(run, five, out, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(five.read_bytes()))))
    assert run("embed", "-", "-o", out) == 0
    assert same(out, sgt_dna.embed(five))


def test_format(run, tmp_path, out, error_line):
    path = tmp_path / "reads.fastq"
    path.write_text("@a\nACGTTGCA\n+\nIIIIIIII\n")
    assert run("embed", path, "-o", out) == 1
    assert "reads.fastq" in error_line()
    assert run("embed", path, "-o", out, "--format", "fastq") == 0
    assert same(out, sgt_dna.embed({"a": "ACGTTGCA"}))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "expected '>' at line 1, found 'hello'"),
        (">a\nAC5\n", "record 'a', line 2, column 3: '5' is no nucleotide code"),
        ("", "no records"),
    ],
)
def test_bad_data_exits_1(run, error_line, fasta, out, content, message):
    path = fasta(content)
    assert run("embed", path, "-o", out) == 1
    assert error_line().startswith(f"{path}: {message}")
    assert not out.exists()


def test_missing_input_exits_1(run, error_line, tmp_path, out):
    assert run("embed", tmp_path / "absent.fasta", "-o", out) == 1
    assert f"{tmp_path / 'absent.fasta'}: cannot be read: No such file" in error_line()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--k", "4"], "argument --k: invalid choice: 4"),
        (["--kappa", "0"], "kappa must be positive and finite"),
        (["--kappa", "nan"], "kappa must be positive and finite"),
        (["--kappa", "abc"], "argument --kappa: invalid float value: 'abc'"),
        (["--ambiguous", "no"], "argument --ambiguous: invalid choice: 'no'"),
        (["-j", "-1"], "argument -j/--threads: '-1' is no number of threads; give 0 for all cores"),
        (["--format", "genbnk"], "format must be a name that Biopython's SeqIO knows, not 'genbnk'"),
        (["--max-length", "0"], "max_length must be a positive integer, not 0"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_wrong_usage_exits_2(run, error_line, five, out, arguments, message):
    assert run("embed", five, "-o", out, *arguments) == 2
    assert message in error_line()
    assert not out.exists()


@pytest.mark.parametrize("limit", ["--max-length", "--max-records", "--max-bytes"])
def test_limits(run, error_line, five, out, limit):
    assert run("embed", five, "-o", out, limit, "4") == 1
    assert f"or {limit}" in error_line()
    assert run("embed", five, "-o", out, limit, "100000") == 0


def test_interrupt_exits_130(run, error_line, five, out, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("sgt_dna.verbs.embed.embed", interrupt)
    assert run("embed", five, "-o", out) == 130
    assert error_line() == "interrupted; no file is left half written"
