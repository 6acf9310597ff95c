"""Where a verb's result goes: the options, what is refused before any work, and the writing."""

import io
import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

from sgt_dna._atomic import atomic
from sgt_dna._folder import SUFFIX as FOLDER
from sgt_dna._folder import check_replaceable
from sgt_dna.embedding import Embedding
from sgt_dna.errors import ParameterError
from sgt_dna.storage import check_name
from sgt_dna.verbs.shared import STREAM, file_name, follow


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
