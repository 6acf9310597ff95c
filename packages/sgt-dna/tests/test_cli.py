"""The command line as a whole: help, exit codes, one-line errors, JSON."""

import json
import re
from pathlib import Path

import pytest
import sgt_dna
from sgt_dna import cli

VERBS = ("embed", "join", "anchors", "distance", "validate", "info")


def test_version(run, capsys):
    assert run("--version") == 0
    assert capsys.readouterr().out == f"sgt-dna {sgt_dna.__version__}\n"


@pytest.mark.parametrize("verb", VERBS)
def test_help_starts_with_an_example_that_works(run, capsys, verb):
    assert run(verb, "--help") == 0
    first, blank, usage = capsys.readouterr().out.splitlines()[:3]
    assert first.startswith(f"example: sgt-dna {verb} ")
    assert cli._parser().parse_args(first.removeprefix("example: sgt-dna ").split()).verb == verb
    assert blank == ""
    assert usage.startswith(f"usage: sgt-dna {verb} [-h] ")


@pytest.mark.parametrize(
    ("verb", "options"),
    [("embed", ["-o"]), ("join", ["-o"]), ("distance", ["-o"]), ("anchors", ["-o", "--labels"])],
)
def test_required_options_stand_in_a_group_of_their_own(run, capsys, verb, options):
    assert run(verb, "--help") == 0
    group = capsys.readouterr().out.partition("\nrequired:\n")[2].partition("\n\n")[0]
    assert re.findall(r"^  (-+\w+)", group, re.MULTILINE) == options


def test_help_names_the_verbs(run, capsys):
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert text.startswith("example: sgt-dna embed sequences.fasta -o vectors.npz\n\nusage: sgt-dna [-h] ")
    assert all(f"\n    {verb} " in text for verb in VERBS)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the following arguments are required: VERB (see sgt-dna --help)"),
        (["nonsense"], "invalid choice: 'nonsense'"),
        (["embed"], "the following arguments are required: IN, -o/--output (see sgt-dna embed --help)"),
        (["embed", "x.fasta"], "the following arguments are required: -o/--output"),
        (["anchors", "x.npz", "-o", "y.npz"], "the following arguments are required: --labels"),
        (["info", "x.npz", "--js"], "unrecognized arguments: --js (see sgt-dna info --help)"),
        (["info", "x.npz", "y.npz"], "unrecognized arguments: y.npz (see sgt-dna info --help)"),
        (
            ["embed", "a.fa", "b 1.fa", "c.fa", "-o", "x.npz"],
            "unrecognized arguments: b 1.fa c.fa (to embed several files: "
            "cat a.fa 'b 1.fa' c.fa | sgt-dna embed - -o x.npz)",
        ),
    ],
)
def test_wrong_words_exit_2(run, error_line, argv, message):
    assert run(*argv) == 2
    assert message in error_line()


@pytest.mark.parametrize("verb", VERBS)
def test_empty_names_exit_2(run, error_line, words, verb):
    for place in [at for at, word in enumerate(words[verb]) if not str(word).startswith("-")]:
        given = [*words[verb][:place], "", *words[verb][place + 1 :]]
        assert run(verb, *given) == 2
        assert ": the name is empty; is a variable of the shell not set? (see sgt-dna" in error_line()


@pytest.mark.parametrize(
    ("verb", "keys"),
    [
        (
            "embed",
            "input output shard sequences features params ambiguous_positions ambiguous_sequences zero_vectors",
        ),
        ("join", "shards output sequences features params"),
        (
            "anchors",
            "vectors labels output anchors features method transform params sequences equal_anchors unused_labels",
        ),
        ("distance", "vectors output rows metric smallest median largest closest farthest"),
        (
            "validate",
            "input records bases shortest median longest ambiguous_positions ambiguous_sequences "
            "ambiguous_characters errors",
        ),
        (
            "info",
            "vectors rows features kind params format version zero_vectors ambiguous_positions ambiguous_rows "
            "bytes",
        ),
    ],
)
def test_json_has_the_documented_keys(run, capsys, words, verb, keys):
    assert run(verb, *words[verb], "--json") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert list(json.loads(captured.out)) == ["schema", "verb", *keys.split()]
    assert captured.out.startswith(f'{{"schema": 1, "verb": "{verb}", ')
    assert all(key in cli.VERBS[verb].__doc__ for key in keys.split())


@pytest.mark.parametrize(
    ("verb", "argv", "code", "error"),
    [
        (
            "embed",
            ["bad.fasta", "-o", "x.npz"],
            1,
            {
                "kind": "AlphabetError",
                "problem": "record 'a', line 2, column 3: '5' is no nucleotide code; allowed are A C G T U, the "
                "IUPAC ambiguity codes, N, '-' and '.'; write N for an unknown base",
                "file": "bad.fasta",
                "record": "a",
                "line": 2,
            },
        ),
        (
            "info",
            ["absent.npz"],
            1,
            {"kind": "FormatError", "problem": "no such file", "file": "absent.npz"},
        ),
        (
            "distance",
            ["x.npz", "-o", "-"],
            2,
            {
                "kind": "ParameterError",
                "problem": "--json and -o - both want standard output; write to a file",
            },
        ),
        (
            None,
            ["--wrong"],
            2,
            {
                "kind": "ParameterError",
                "problem": "the following arguments are required: VERB (see sgt-dna --help)",
            },
        ),
    ],
)
def test_errors_as_json(run, capsys, tmp_path, monkeypatch, verb, argv, code, error):
    monkeypatch.chdir(tmp_path)
    Path("bad.fasta").write_text(">a\nAC5\n")
    assert run(*([verb] if verb else []), *argv, "--json") == code
    captured = capsys.readouterr()
    expected = {"kind": None, "problem": None, "file": None, "record": None, "line": None, **error}
    assert json.loads(captured.out) == {"schema": 1, "verb": verb, "error": expected}
    where = f"{error['file']}: " if "file" in error else ""
    assert captured.err == f"sgt-dna: error: {where}{error['problem']}\n"


def test_too_little_memory_exits_1(run, error_line, words, monkeypatch):
    def endless(self, metric):
        raise MemoryError("Unable to allocate 1.00 TiB")

    monkeypatch.setattr(sgt_dna.Embedding, "distance", endless)
    assert run("distance", *words["distance"]) == 1
    assert error_line() == "out of memory (Unable to allocate 1.00 TiB); take fewer sequences at a time"


def test_errors_of_many_lines_become_one(run, error_line, monkeypatch):
    def broken(*arguments):
        raise sgt_dna.FormatError("one\ntwo", file="a\nb.npz")

    monkeypatch.setattr(sgt_dna.Embedding, "load", broken)
    assert run("info", "x.npz") == 1
    assert error_line() == "a b.npz: one two"
