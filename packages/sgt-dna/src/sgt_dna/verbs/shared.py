"""What the verbs share: options, the checks of files before any work, writing, progress, the outcome."""

import io
import os
import shlex
import sys
import tempfile
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, TextIO, cast

from sgt_dna._atomic import atomic
from sgt_dna._folder import SUFFIX as FOLDER
from sgt_dna._folder import check_replaceable
from sgt_dna.embedding import Embedding
from sgt_dna.errors import ParameterError, SgtError, in_file
from sgt_dna.records import Limits
from sgt_dna.storage import check_name

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


def add_output(parser: ArgumentParser, kinds: str) -> Any:
    """The options -o and --force; gives back the group of required options, which -o is in."""
    required = parser.add_argument_group("required")
    required.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=file_name,
        required=True,
        help=f"{kinds} to write; - for CSV on standard output",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    return required


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


def check_output(arguments: Namespace, inputs: Sequence[str], suffix: str | None = None) -> None:
    """Refuse, before any work, an output that could not be written or would destroy something.

    Parameters
    ----------
    arguments : Namespace
        With output, force and json.
    inputs : sequence of str
        The files that are read.
    suffix : str, optional
        How the name must end; None for any that an embedding can be stored under.
    """
    output: str = arguments.output
    if output == STREAM:
        if arguments.json:
            raise ParameterError("--json and -o - both want standard output; write to a file")
        return
    if suffix is None:
        check_name(output)
    elif Path(output).suffix.lower() != suffix:
        raise ParameterError(f"{output!r}: the name must end in {suffix}")
    path = Path(output)
    if path.is_dir() and path.suffix.lower() != FOLDER:
        raise ParameterError(f"{output!r} is a folder; give the name of a file")
    _check_outside(path, inputs)
    if path.suffix.lower() == FOLDER:
        check_replaceable(path)
    if path.exists():
        if any(name != STREAM and Path(name).exists() and path.samefile(name) for name in inputs):
            raise ParameterError(f"{output!r} is input and output; choose another output")
        if not arguments.force:
            raise ParameterError(f"{output!r} exists; give --force to replace it")
    _check_folder(output, Path(os.path.realpath(path)).parent)


def _check_outside(output: Path, inputs: Sequence[str]) -> None:
    """Refuse inputs that stand in a folder that would be replaced."""
    folder = Path(os.path.realpath(output))
    for name in inputs:
        if name != STREAM and folder in Path(os.path.realpath(name)).parents:
            raise ParameterError(
                f"the input {name!r} is in the output {os.fspath(output)!r}; choose another output"
            )


def _check_folder(output: str, folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):  # permissions alone do not tell
            pass
    except (FileNotFoundError, NotADirectoryError) as error:
        if not folder.is_dir():
            raise ParameterError(f"cannot write {output!r}: there is no folder {str(folder)!r}") from error
        raise _unwritable(output, folder, error) from error
    except OSError as error:
        raise _unwritable(output, folder, error) from error


def _unwritable(output: str, folder: Path, error: OSError) -> ParameterError:
    return ParameterError(
        f"cannot write {output!r}: no file can be made in {str(folder)!r} ({error.strerror}); choose another"
    )


@contextmanager
def csv_stream(output: str) -> Iterator[TextIO]:
    """A text stream for CSV: standard output, or a file that is replaced whole or not at all."""
    if output == STREAM:
        cast(io.TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8", errors="strict", newline="")
        yield sys.stdout
        sys.stdout.flush()
    else:
        with atomic(output, text=True) as stream:
            yield cast(TextIO, stream)


def store(embedding: Embedding, output: str) -> None:
    """Write an embedding to a file, or as CSV to standard output."""
    if output != STREAM:
        embedding.save(output)
        return
    with csv_stream(output) as stream:
        embedding.write_csv(stream)


def written(output: str, verb: str, *options: str) -> list[str]:
    """The closing lines: where the result is, and what to type next."""
    return [f"written: {output}", *follow(verb, output, *options)] if output != STREAM else []


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
