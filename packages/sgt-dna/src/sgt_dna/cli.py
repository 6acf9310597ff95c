"""Command line: ``sgt-dna embed | join | anchors | distance | validate | info``.

Data go to standard output, everything else to standard error. ``--json`` prints one object on standard output,
{"schema": 1, "verb": ..., ...}, with the keys that the verb's module names; on an error it is
{"schema": 1, "verb": ..., "error": {"kind", "problem", "file", "record", "line"}}, beside the line on standard error.

Exit codes: 0 fine, 1 bad data, 2 wrong usage, 130 interrupted (Ctrl-C), 143 terminated (SIGTERM).
"""

import argparse
import io
import json
import os
import shlex
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn, TextIO, cast

import sgt_dna
from sgt_dna.errors import ParameterError, SgtError
from sgt_dna.verbs import anchors, distance, embed, info, join, validate
from sgt_dna.verbs.shared import STREAM, Outcome, check_open

BAD_DATA, WRONG_USAGE, INTERRUPTED, TERMINATED = 1, 2, 130, 143

SCHEMA: Final = 1
"""Version of what ``--json`` prints: it grows when a key changes or goes."""

VERBS: Final = {
    "embed": embed,
    "join": join,
    "anchors": anchors,
    "distance": distance,
    "validate": validate,
    "info": info,
}


class Terminated(BaseException):
    """SIGTERM, as an exception, so that temporary files are removed on the way out."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    code, output = 0, STREAM
    if sys.stderr is None:  # closed, as by `2>&-`
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - it stays in place of it
    try:
        with _terminable():
            arguments = _parsed(words)
            output = getattr(arguments, "output", STREAM)
            if output == STREAM or arguments.json:
                check_open(sys.stdout, "output")  # before any work
            outcome = arguments.run(arguments)
            code = outcome.exit_code
            _show(outcome, arguments)
    except BrokenPipeError:  # the reader has what it wants, as in `| head`
        _discard(sys.stdout, sys.stderr)
    except (SgtError, OSError, MemoryError, KeyboardInterrupt, Terminated) as error:
        if isinstance(error, OSError) and output == STREAM:
            _discard(sys.stdout)
        code = _failed(error, output, words)
    return code


class _Parser(argparse.ArgumentParser):
    def __init__(self, *, example: str, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)
        self.example = example

    def format_help(self) -> str:
        return f"example: sgt-dna {self.example}\n\n{super().format_help()}"

    def error(self, message: str) -> NoReturn:
        raise ParameterError(f"{message} (see {self.prog} --help)")

    def _print_message(self, message: str, file: Any = None) -> None:
        check_open(sys.stdout, "output")  # argparse would print on standard error instead
        super()._print_message(message, file)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        sys.stdout.flush()  # here and not at the end of the process, so that `main` sees a closed pipe
        super().exit(status, message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sgt-dna",
        example="embed sequences.fasta -o vectors.npz",
        description="Embed DNA sequences with the Sequence Graph Transform.",
        epilog="sgt-dna VERB --help says more about a verb.",
    )
    parser.add_argument("--version", action="version", version=f"sgt-dna {sgt_dna.__version__}")
    verbs = parser.add_subparsers(prog="sgt-dna", dest="verb", required=True, metavar="VERB")
    for verb in VERBS.values():
        verb.add(verbs)
    return parser


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    arguments, rest = _parser().parse_known_args(words)
    if rest:
        hint = f"see sgt-dna {arguments.verb} --help"
        if arguments.verb == "embed" and not any(word.startswith("-") for word in rest):
            files = shlex.join([arguments.input, *rest])
            hint = f"to embed several files: cat {files} | sgt-dna embed - -o {shlex.quote(arguments.output)}"
        raise ParameterError(f"unrecognized arguments: {' '.join(rest)} ({hint})")
    return arguments


@contextmanager
def _terminable() -> Iterator[None]:
    """Raise `Terminated` on SIGTERM; only the main thread of a process can."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


def _show(outcome: Outcome, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(_json(arguments.verb, **outcome.figures), flush=True)
        return
    if outcome.report:
        # what the terminal cannot show, such as a name in another script, is escaped
        cast(io.TextIOWrapper, sys.stdout).reconfigure(errors="backslashreplace")
        print(*outcome.report, sep="\n", flush=True)
    if outcome.notes:
        print(*outcome.notes, sep="\n", file=sys.stderr)


def _failed(error: BaseException, output: str, words: Sequence[str]) -> int:
    """Report an error, one line long, and return its exit code."""
    code, kind, problem, file = BAD_DATA, type(error).__name__, str(error), None
    match error:
        case SgtError():
            code = WRONG_USAGE if isinstance(error, ParameterError) else BAD_DATA
            problem, file = error.problem, error.file
        case OSError():
            problem = f"cannot be written: {error.strerror or error}"
            file = "standard output" if output == STREAM else output
        case MemoryError():
            problem = f"out of memory ({error}); take fewer sequences at a time"
        case KeyboardInterrupt():
            code, kind, problem = INTERRUPTED, "Interrupted", "interrupted; no file is left half written"
        case Terminated():
            code, problem = TERMINATED, "terminated; no file is left half written"
    line = " ".join(f"{file}: {problem}".splitlines() if file else problem.splitlines())
    print(f"sgt-dna: error: {line}", file=sys.stderr)
    if "--json" in words:
        where = {name: getattr(error, name, None) for name in ("record", "line")}
        verb = next((word for word in words if word in VERBS), None)
        print(_json(verb, error={"kind": kind, "problem": problem, "file": file, **where}), flush=True)
    return code


def _json(verb: str | None, **content: Any) -> str:
    return json.dumps({"schema": SCHEMA, "verb": verb, **content})


def _discard(*streams: TextIO | None) -> None:
    """Send what a stream still holds nowhere, or Python would try once more at the end, and complain."""
    with Path(os.devnull).open("wb") as nowhere:
        for stream in filter(None, streams):  # a closed one is None
            os.dup2(nowhere.fileno(), stream.fileno())
