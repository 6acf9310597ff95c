"""What the verbs share: their parsers, how inputs are read, progress, and the outcome they give back."""

import shlex
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, Self, TextIO

from sgt_dna.embedding import Embedding
from sgt_dna.errors import SgtError, in_file
from sgt_dna.records import Limits

STREAM: Final = "-"
"""The name that stands for standard input or output."""

VECTORS: Final = "what sgt-dna embed or sgt-dna anchors wrote; - for CSV of it on standard input"


@dataclass(frozen=True)
class Outcome:
    """What a verb has found.

    Parameters
    ----------
    figures : mapping
        For programs: what ``--json`` prints.
    report : sequence of str
        Lines for people that are the product of the verb: standard output.
    notes : sequence of str
        Lines for people about the product: standard error.
    exit_code : int
    """

    figures: Mapping[str, Any]
    report: Sequence[str] = ()
    notes: Sequence[str] = ()
    exit_code: int = 0


def add_verb(
    verbs: Any, name: str, run: Callable[[Namespace], Outcome], example: str, purpose: str
) -> ArgumentParser:
    """A parser for a verb, whose help begins with an example."""
    parser: ArgumentParser = verbs.add_parser(
        name, example=f"{name} {example}", help=purpose, description=f"{purpose}."
    )
    parser.set_defaults(run=run)
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    return parser


def file_name(text: str) -> str:
    """A name of a file, for argparse: an empty one would be taken for the current folder."""
    if not text:
        raise ArgumentTypeError("the name is empty; is a variable of the shell not set?")
    return text


def add_reading(parser: ArgumentParser) -> None:
    """The argument IN and the options on how it is read."""
    parser.add_argument(
        "input",
        metavar="IN",
        type=file_name,
        help="file of sequences, plain, gzip, bzip2 or xz; - for standard input",
    )
    parser.add_argument(
        "--format", help="genbank, embl, fastq, ... (default: FASTA, GenBank or EMBL, told by content)"
    )
    parser.add_argument("--max-length", metavar="N", type=int, help="most bases of a record (1,000,000,000)")
    parser.add_argument("--max-records", metavar="N", type=int, help="most records (100,000,000)")
    parser.add_argument(
        "--max-bytes",
        metavar="N",
        type=int,
        help="most bytes of text (200 times the size of a compressed file, and 100 MB at least)",
    )


def check_open(stream: TextIO | None, name: str) -> TextIO:
    """Give back a standard stream, unless it is closed, as by ``<&-`` or ``>&-``."""
    if stream is None:
        raise SgtError(f"standard {name} is closed")
    return stream


def standard_input() -> BinaryIO:
    """Bytes from standard input."""
    return check_open(sys.stdin, "input").buffer


def reading(arguments: Namespace) -> dict[str, Any]:
    """What `read_records` and `embed` take, from the options of `add_reading`."""
    given = {name: getattr(arguments, name) for name in ("max_length", "max_records", "max_bytes")}
    return {
        "source": standard_input() if arguments.input == STREAM else arguments.input,
        "format": arguments.format,
        "limits": Limits(**{name: value for name, value in given.items() if value is not None}),
    }


def load_vectors(name: str) -> Embedding:
    """Vectors of a file, or CSV of them from standard input."""
    if name != STREAM:
        return Embedding.load(name)
    stream = standard_input()
    with in_file(shown(name)):
        return Embedding.read_csv(stream)


def shown(name: str) -> str:
    """What to call an input in an error."""
    return "<stdin>" if name == STREAM else name


def follow(verb: str, name: str, *options: str) -> list[str]:
    """The line that says what to type next on a file; none on standard input.

    Examples
    --------
    >>> follow("distance", "-x.npz", "-o", "distances.csv")
    ['next: sgt-dna distance ./-x.npz -o distances.csv']
    """
    path = f"./{name}" if name.startswith("-") else name  # or it would be taken for an option
    return [f"next: {shlex.join(['sgt-dna', verb, path, *options])}"] if name != STREAM else []


def counted(n: int, unit: str) -> str:
    """Number and unit.

    Examples
    --------
    >>> counted(1, "record"), counted(12000, "record")
    ('1 record', '12,000 records')
    """
    return f"{n:,} {unit}" if n == 1 else f"{n:,} {unit}s"


class Progress:
    """Shows how many records are done, on a terminal only, and takes the line back at the end.

    Parameters
    ----------
    interval : float
        Seconds from one showing to the next.
    """

    def __init__(self, interval: float = 0.2) -> None:
        self.stream = sys.stderr
        self.interval = interval
        self._next = time.monotonic() + interval if self.stream.isatty() else float("inf")
        self._width = 0

    def __call__(self, n: int) -> None:
        now = time.monotonic()
        if now >= self._next:
            text = counted(n, "record")
            self._width = len(text)
            self._show(text)
            self._next = now + self.interval

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._width:
            self._show(" " * self._width + "\r")

    def _show(self, text: str) -> None:
        self.stream.write(f"\r{text}")
        self.stream.flush()
