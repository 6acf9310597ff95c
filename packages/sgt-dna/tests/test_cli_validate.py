"""`sgt-dna validate`: every bad record, and the summary of the good ones."""

import io
import json
import os
import subprocess
import sys

import pytest


def test_a_good_file(run, five, capsys):
    assert run("validate", five) == 0
    captured = capsys.readouterr()
    lengths = sorted(len("".join(part.split("\n")[1:])) for part in five.read_text().split(">")[1:])
    assert captured.out.splitlines() == [
        "5 good records, 0 errors",
        f"bases: {sum(lengths):,}; shortest {lengths[0]:,}, median {lengths[2]:,}, longest {lengths[-1]:,}",
        "not A, C, G, T or U: 0 positions, in 0 sequences",
    ]
    assert captured.err == f"next: sgt-dna embed {five} -o vectors.npz\n"


def test_what_is_ambiguous_is_counted(run, fasta, capsys):
    path = fasta(">a\nACGTNNnnR-\n>b\nacgu\n>c\nYRYNKMSW\n>d\nAC\n")
    assert run("validate", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "4 good records, 0 errors",
        "bases: 24; shortest 2, median 6, longest 10",
        "not A, C, G, T or U: 14 positions, in 2 sequences (N 5, R 2, Y 2, - 1, K 1, ...)",
    ]
    assert run("validate", path, "--json") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["ambiguous_characters"] == {"N": 5, "R": 2, "Y": 2, "-": 1, "K": 1, "M": 1, "S": 1, "W": 1}
    assert (figures["shortest"], figures["median"], figures["longest"]) == (2, 6, 10)


BAD = ">a\nACGT\n>b\nAC5T\n>c\n\n>a\nTTGA\n>\nACGT\n>d x\nACGTACGT\n"


def test_every_bad_record_is_reported(run, fasta, capsys):
    path = fasta(BAD)
    assert run("validate", path) == 1
    captured = capsys.readouterr()
    *errors, records, bases, _ = captured.out.splitlines()
    assert [line.partition("; ")[0] for line in errors] == [
        f"error: {path}: record 'b', line 4, column 3: '5' is no nucleotide code",
        f"error: {path}: record 'c' at line 5 has no sequence",
        f"error: {path}: the id 'a' occurs twice, at line 1 and line 7",
        f"error: {path}: line 9: the id is empty",
    ]
    assert all("; " in line for line in errors)  # the way out
    assert (records, bases) == ("2 good records, 4 errors", "bases: 12; shortest 4, median 6, longest 8")
    assert captured.err == "next: mend or remove what is bad, then validate again\n"


def test_bad_records_as_json(run, fasta, capsys):
    assert run("validate", fasta(BAD), "--json") == 1
    captured = capsys.readouterr()
    figures = json.loads(captured.out)
    assert captured.err == ""
    assert (figures["records"], len(figures["errors"])) == (2, 4)
    found = [(error["kind"], error["record"], error["line"]) for error in figures["errors"]]
    assert found == [
        ("AlphabetError", "b", 4),
        ("FastaError", "c", 5),
        ("FastaError", "a", 7),
        ("FastaError", "", 9),
    ]
    assert figures["errors"][0]["problem"].startswith("record 'b', line 4, column 3: '5' is no nucl")


def test_twenty_are_shown_and_the_rest_counted(run, fasta, capsys):
    path = fasta("".join(f">r{n}\nAC5\n" for n in range(1234)))
    assert run("validate", path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("'")[1] for line in lines[:20]] == [f"r{n}" for n in range(20)]
    assert lines[20:] == ["1,214 errors more; --json has all", "0 good records, 1,234 errors"]
    assert run("validate", path, "--json") == 1
    assert len(json.loads(capsys.readouterr().out)["errors"]) == 1234


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no records: the file is empty, or blank"),
        (b"hello", "expected '>' at line 1, found 'hello'"),
        (b"\x1f\x8b\x08", "damaged or cut short"),
    ],
)
def test_what_ends_the_file_is_reported(run, fasta, capsys, content, message):
    path = fasta(content)
    assert run("validate", path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"error: {path}: {message}")
    assert lines[1:] == ["0 good records, 1 error"]


def test_a_file_that_is_not_there(run, capsys, tmp_path):
    assert run("validate", tmp_path / "absent.fasta") == 1
    assert "absent.fasta: cannot be read: No such file" in capsys.readouterr().out


def test_standard_input(run, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b">a\nACGT\n")))
    assert run("validate", "-") == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("1 good record, 0 errors\nbases: 4; ")
    assert captured.err == ""


def test_format_and_limits(run, fasta, capsys, error_line):
    path = fasta("@a\nACGTTGCA\n+\nIIIIIIII\n")
    assert run("validate", path, "--format", "fastq") == 0
    assert run("validate", path, "--format", "fastq", "--max-length", "4") == 1
    assert "is longer than 4 bases" in capsys.readouterr().out
    assert run("validate", path, "--format", "nonsense") == 2
    assert "format must be a name that Biopython's SeqIO knows" in error_line()


def test_names_that_the_terminal_cannot_show_are_escaped(program, fasta):
    path = fasta(">ключ\nAC5\n")
    done = subprocess.run(
        [*program, "validate", str(path)],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
    )
    assert done.returncode == 1
    assert b"record '\\u043a\\u043b\\u044e\\u0447', line 2" in done.stdout
