"""The command line as a process: imports, pipes, full disks, signals, progress."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sgt_dna.verbs import shared

README = Path(__file__).parents[1] / "README.md"
VERBS = ("embed", "join", "anchors", "distance", "validate", "info")


@pytest.fixture(autouse=True)
def buffered(monkeypatch):
    """Standard output as users have it: what is left in its buffer is written at the end of the process."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def test_numba_is_imported_for_embed_alone(words):
    code = f"""
import sys
from sgt_dna.cli import main
for words in {[[verb, *map(str, words[verb])] for verb in VERBS if verb != "embed"]}:
    assert main(words) == 0
for words in ["--version"], ["--help"], ["embed", "--help"]:
    try:
        main(words)
    except SystemExit:
        pass
assert "numba" not in sys.modules
main({["embed", *map(str, words["embed"]), "--force"]})
assert "numba" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_the_readme_shows_what_is_printed(tmp_path):
    text = README.read_text(encoding="utf-8").partition("## On the command line")[2]
    block = text.partition("```console\n")[2].partition("```")[0]
    # a command goes on where its line ends in a backslash
    commands = re.findall(r"^\$ ((?:.*\\\n)*.*)", block, re.MULTILINE)
    script = "\n".join(f"printf '%s\\n' {shlex.quote(f'$ {command}')}\n{command}" for command in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert len(commands) >= 6
    assert done.stdout == block


def test_from_pipe_to_pipe(program, five):
    with five.open("rb") as handle:
        done = subprocess.run([*program, "embed", "-", "-o", "-"], stdin=handle, capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(b'"id","description","ambiguous","sgt_dna","AA->AA"')
    assert done.stdout.count(b"\n") == 6
    assert b"written" not in done.stderr


def test_vectors_from_a_pipe(program, five, labels):
    def piped(content, *words):
        return subprocess.run([*program, *words], input=content, capture_output=True)

    vectors = piped(five.read_bytes(), "embed", "-", "-o", "-").stdout
    anchors = piped(vectors, "anchors", "-", "--labels", str(labels), "-o", "-")
    assert (anchors.returncode, anchors.stdout.count(b"\n")) == (0, 3)
    distances = piped(anchors.stdout, "distance", "-", "-o", "-")
    assert distances.stdout.startswith(b'"id","a","b"\n"a",0.0,')
    info = piped(vectors, "info", "-")
    assert info.stdout.startswith(b"Embedding: 5 sequences x 256 features")
    assert info.stdout.endswith(b"\nfile: csv, format version 1\n")
    assert info.stderr == b""  # what to type next would need a name


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: the header must begin with id,"),
        (b"PK\x03\x04\xff", "line 1: not UTF-8 text; save it anew, as CSV"),
    ],
)
@pytest.mark.parametrize("verb", ["anchors", "distance", "info"])
def test_vectors_from_a_pipe_that_cannot_be_read(program, words, verb, content, message):
    arguments = ["-", *map(str, words[verb][1:])]
    done = subprocess.run([*program, verb, *arguments], input=content, capture_output=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"sgt-dna: error: <stdin>: {message}".encode())


def test_distances_that_are_not_defined_name_standard_input(program):
    made = subprocess.run([*program, "embed", "-", "-o", "-"], input=b">a\nA\n", capture_output=True)
    done = subprocess.run([*program, "distance", "-", "-o", "-"], input=made.stdout, capture_output=True)
    assert done.returncode == 2
    assert done.stderr.startswith(b"sgt-dna: error: <stdin>: cosine distance is not defined")


def test_errors_about_standard_input_name_it(program):
    done = subprocess.run([*program, "embed", "-", "-o", "-"], input=b">a\nAC5\n", capture_output=True)
    assert done.returncode == 1
    assert done.stderr.startswith(b"sgt-dna: error: <stdin>: record 'a', line 2, column 3: '5' is no nucl")


@pytest.mark.parametrize(
    "reader", ["[sys.stdin.buffer.readline() for _ in range(1)]", "None"], ids=["head", "true"]
)
@pytest.mark.parametrize("verb", [*VERBS, "--help"])
def test_a_closed_pipe_ends_quietly(program, words, fasta, verb, reader):
    # more than a pipe holds, so that writing goes on after the reader has left
    big = fasta("".join(f">{i} {'x' * 500}\nAC{'GT' * (i % 7)}\n" for i in range(200)))
    arguments = {
        "embed": [big, "-o", "-"],
        "join": [words["join"][0], "-o", "-"],
        "anchors": [*words["anchors"][:-1], "-"],
        "distance": [words["distance"][0], "-o", "-"],
        "validate": [big, "--json"],
        "info": words["info"],
        "--help": [],
    }
    with subprocess.Popen(
        [*program, verb, *map(str, arguments[verb])], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        subprocess.run([sys.executable, "-c", f"import sys; {reader}"], stdin=child.stdout, check=True)
        child.stdout.close()
        error = child.stderr.read()
    assert child.returncode == 0
    assert b"rror" not in error


def test_a_closed_pipe_does_not_hide_bad_records(program, fasta):
    bad = fasta(">a\nAC5\n")
    with subprocess.Popen(
        [*program, "validate", str(bad)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full, the device that is always full")
@pytest.mark.parametrize("words", [["embed", "-o", "-"], ["validate"], ["validate", "--json"]])
def test_full_standard_output_exits_1(program, five, words):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*program, words[0], str(five), *words[1:]], stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1
    assert done.stderr == (b"sgt-dna: error: standard output: cannot be written: No space left on device\n")


@pytest.mark.parametrize(
    ("verb", "extra", "closed", "name"),
    [
        ("embed", ["-o", "-"], ">&-", "output"),
        ("embed", ["--json"], ">&-", "output"),
        ("info", [], ">&-", "output"),
        ("info", ["--json"], ">&-", "output"),
        ("validate", [], ">&-", "output"),
        ("embed", ["--help"], ">&-", "output"),
        ("embed", ["-"], "<&-", "input"),
        ("validate", ["-"], "<&-", "input"),
        ("distance", ["-"], "<&-", "input"),
    ],
)
def test_closed_standard_streams_exit_1(program, words, tmp_path, verb, extra, closed, name):
    given = ["-", *words[verb][1:]] if extra == ["-"] else [*words[verb], *extra]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *program, verb, *map(str, given)]
    done = subprocess.run(shell, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"sgt-dna: error: standard {name} is closed\n"
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_on_closed_standard_output_exits_1(program, option):
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *program, option], capture_output=True)
    assert (done.returncode, done.stderr) == (1, b"sgt-dna: error: standard output is closed\n")


def test_closed_standard_output_that_is_not_needed(program, vectors, tmp_path):
    shell = [*program, "distance", str(vectors), "-o", str(tmp_path / "out.csv")]
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *shell], capture_output=True)
    assert done.returncode == 0
    assert (tmp_path / "out.csv").exists()


def test_closed_standard_error(program, vectors, tmp_path):
    shell = [*program, "distance", str(vectors), "-o", str(tmp_path / "out.csv")]
    done = subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", *shell], capture_output=True)
    assert (done.returncode, done.stdout) == (0, b"")
    assert (tmp_path / "out.csv").exists()


PAUSED = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
def pause(descriptor):
    print("writing", flush=True)
    time.sleep(60)
os.fsync = pause
from sgt_dna.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGINT, 130, "interrupted; no file is left half written"),
        (signal.SIGTERM, 143, "terminated; no file is left half written"),
    ],
)
@pytest.mark.parametrize("verb", ["embed", "anchors", "distance"])
def test_signals_leave_no_temporary_file(words, tmp_path, verb, number, code, message):
    output = words[verb][-1]
    output.write_bytes(b"old")
    before = sorted(tmp_path.iterdir())
    with subprocess.Popen(
        [sys.executable, "-c", PAUSED, verb, *map(str, words[verb]), "--force"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline() == "writing\n"
        assert len(list(tmp_path.iterdir())) == len(before) + 1
        child.send_signal(number)
        _, error = child.communicate(timeout=30)
    assert child.returncode == code
    assert error == f"sgt-dna: error: {message}\n"
    assert sorted(tmp_path.iterdir()) == before
    assert output.read_bytes() == b"old"


def test_the_handler_of_signals_is_put_back(run, words):
    before = signal.getsignal(signal.SIGTERM)
    assert run("info", *words["info"]) == 0
    assert run("info", "absent.npz") == 1
    assert signal.getsignal(signal.SIGTERM) is before


class Screen:
    """A terminal, or a file that is none, that remembers what it was sent."""

    def __init__(self, terminal):
        self.terminal, self.sent = terminal, ""

    def isatty(self):
        return self.terminal

    def write(self, text):
        self.sent += text

    def flush(self):
        pass


def test_progress_is_shown_on_a_terminal_and_erased(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Screen(terminal=True))
    with shared.Progress(interval=0) as progress:
        progress(1)
        progress(12000)
    shown = "\r1 record\r12,000 records"
    assert sys.stderr.sent == f"{shown}\r{' ' * len('12,000 records')}\r"


def test_progress_is_throttled(monkeypatch):
    clock = iter([0.0, 0.9, 1.1, 1.2, 2.0, 2.2])  # the first is the start
    monkeypatch.setattr(sys, "stderr", Screen(terminal=True))
    monkeypatch.setattr(shared.time, "monotonic", lambda: next(clock))
    with shared.Progress(interval=1) as progress:
        for n in range(11, 16):
            progress(n)
    assert sys.stderr.sent == f"\r12 records\r15 records\r{' ' * len('15 records')}\r"


def test_progress_is_not_for_files(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Screen(terminal=False))
    with shared.Progress(interval=0) as progress:
        progress(12000)
    assert sys.stderr.sent == ""
