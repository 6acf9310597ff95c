"""The command line: files, exit codes, one-line errors."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest
import sgt_dna
from sgt_dna import cli


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.npz"


def run(*argv):
    """Exit code, whether `main` returns it or argparse exits with it."""
    try:
        return cli.main([str(argument) for argument in argv])
    except SystemExit as exit_:
        return exit_.code


def error_of(capsys):
    """The error message, which is one line on stderr."""
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"sgt-dna: error: [^\n]+\n", captured.err)
    return captured.err


def test_embed_writes_and_reports(five, out, capsys):
    assert run("embed", five, "-o", out) == 0
    emb = sgt_dna.Embedding.load(out)
    assert emb.vectors.tobytes() == sgt_dna.embed(five).vectors.tobytes()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Embedding: 5 sequences x 256 features (dinucleotides, overlapping, kappa=1)",
        "not A, C, G, T or U: 0 positions, in 0 sequences",
        "zero vectors: 0",
        f"written: {out}",
        f'next, in Python: import sgt_dna; emb = sgt_dna.Embedding.load("{out.as_posix()}")',
    ]


def test_options_reach_the_transform(fasta, out, capsys):
    path = fasta(">a\nACGNTTGCA\n>b\nA\n")
    assert run("embed", path, "-o", out, "--no-overlap", "--kappa", "5", "--ambiguous", "drop") == 0
    emb = sgt_dna.Embedding.load(out)
    assert emb.params == sgt_dna.SGTParams(overlap=False, kappa=5, ambiguous="drop")
    expected = sgt_dna.embed(path, overlap=False, kappa=5, ambiguous="drop")
    assert emb.vectors.tobytes() == expected.vectors.tobytes()
    reported = capsys.readouterr().err
    assert "not A, C, G, T or U: 1 positions, in 1 sequences\n" in reported
    assert "zero vectors: 1\n" in reported


def test_standard_input(five, out, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(five.read_bytes())))
    assert run("embed", "-", "-o", out) == 0
    assert len(sgt_dna.Embedding.load(out)) == 5


def test_piped_through_the_installed_module(five, out):
    code = "import sys; from sgt_dna.cli import main; sys.exit(main())"
    with five.open("rb") as handle:
        done = subprocess.run(
            [sys.executable, "-c", code, "embed", "-", "-o", str(out)], stdin=handle, capture_output=True
        )
    assert done.returncode == 0, done.stderr
    assert np.all(sgt_dna.Embedding.load(out).vectors == sgt_dna.embed(five).vectors)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("hello", "expected '>' at line 1, found 'hello'"),
        (">a\nAC5\n", "record 'a', line 2, column 3: '5' is no nucleotide code"),
        ("", "no records"),
    ],
)
def test_bad_data_exits_1(fasta, out, capsys, content, message):
    path = fasta(content)
    assert run("embed", path, "-o", out) == 1
    assert f"sgt-dna: error: {path}: {message}" in error_of(capsys)
    assert not out.exists()


def test_missing_input_exits_1(tmp_path, out, capsys):
    assert run("embed", tmp_path / "absent.fasta", "-o", out) == 1
    assert f"{tmp_path / 'absent.fasta'}: cannot be read: No such file" in error_of(capsys)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--kappa", "0"], "kappa must be positive and finite"),
        (["--kappa", "nan"], "kappa must be positive and finite"),
        (["--kappa", "abc"], "argument --kappa: invalid float value: 'abc'"),
        (["--ambiguous", "no"], "argument --ambiguous: invalid choice: 'no'"),
        (["--unknown"], "unrecognized arguments: --unknown"),
    ],
)
def test_wrong_usage_exits_2(five, out, capsys, arguments, message):
    assert run("embed", five, "-o", out, *arguments) == 2
    assert message in error_of(capsys)
    assert not out.exists()


@pytest.mark.parametrize("argv", [[], ["embed"], ["embed", "x.fasta"], ["nonsense"]])
def test_incomplete_command_exits_2(capsys, argv):
    assert run(*argv) == 2
    assert "--help" in error_of(capsys)


def test_existing_output_needs_force(five, out, capsys):
    out.write_bytes(b"old")
    assert run("embed", five, "-o", out) == 2
    assert "exists; give --force to replace it" in error_of(capsys)
    assert out.read_bytes() == b"old"
    assert run("embed", five, "-o", out, "--force") == 0
    assert len(sgt_dna.Embedding.load(out)) == 5


@pytest.mark.parametrize("link", [False, True])
def test_output_that_is_the_input_is_refused(five, tmp_path, capsys, link):
    path = output = tmp_path / "seqs.npz"
    path.write_bytes(five.read_bytes())
    if link:
        output = tmp_path / "link.npz"
        output.symlink_to(path)
    assert run("embed", path, "-o", output, "--force") == 2
    assert "is input and output; choose another output" in error_of(capsys)
    assert path.read_bytes() == five.read_bytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [("out.csv", "the name must end in .npz"), ("absent/out.npz", "there is no folder")],
)
def test_output_that_cannot_be_is_refused_early(five, tmp_path, capsys, name, message):
    assert run("embed", five, "-o", tmp_path / name) == 2
    assert message in error_of(capsys)


def test_failed_write_exits_1(five, out, capsys, monkeypatch):
    def full(handle, **arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert run("embed", five, "-o", out) == 1
    assert "out.npz: cannot be written: No space left on device" in error_of(capsys)


def test_interrupt_exits_130(five, out, capsys, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "embed", interrupt)
    assert run("embed", five, "-o", out) == 130
    assert "interrupted; nothing was written" in error_of(capsys)


def test_version(capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out == f"sgt-dna {sgt_dna.__version__}\n"


@pytest.mark.parametrize("argv", [["--help"], ["embed", "--help"]])
def test_help_starts_with_an_example(capsys, argv):
    assert run(*argv) == 0
    assert capsys.readouterr().out.startswith("usage: sgt-dna embed sequences.fasta -o vectors.npz")
