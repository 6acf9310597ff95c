"""Command line: ``sgt-dna embed IN -o OUT.npz``."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import sgt_dna
from sgt_dna.embedding import Embedding
from sgt_dna.errors import ParameterError, SgtError
from sgt_dna.params import AMBIGUOUS
from sgt_dna.transform import embed

BAD_DATA, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 fine, 1 bad data, 2 wrong usage, 130 interrupted."""
    arguments = _parser().parse_args(argv)
    try:
        _embed(arguments)
    except ParameterError as error:
        return _failed(str(error), WRONG_USAGE)
    except SgtError as error:
        return _failed(str(error), BAD_DATA)
    except OSError as error:
        return _failed(f"{arguments.output}: cannot be written: {error.strerror or error}", BAD_DATA)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing was written", INTERRUPTED)
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USAGE, f"sgt-dna: error: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sgt-dna",
        usage="sgt-dna embed sequences.fasta -o vectors.npz [options]",
        description="Embed DNA sequences with the Sequence Graph Transform over dinucleotides.",
    )
    parser.add_argument("--version", action="version", version=f"sgt-dna {sgt_dna.__version__}")
    verbs = parser.add_subparsers(prog="sgt-dna", dest="verb", required=True, metavar="VERB")
    verb = verbs.add_parser(
        "embed",
        help="a FASTA file in, an npz file of 256 features a sequence out",
        usage="sgt-dna embed sequences.fasta -o vectors.npz [options]",
        description="Embed every sequence of a FASTA file as 256 features.",
    )
    verb.add_argument(
        "input", metavar="IN", help="FASTA file, plain, gzip, bzip2 or xz; - for standard input"
    )
    verb.add_argument("-o", "--output", metavar="OUT.npz", type=Path, required=True, help="file to write")
    verb.add_argument("--no-overlap", action="store_true", help="dinucleotides side by side")
    verb.add_argument("--kappa", type=float, default=1.0, help="decay; the higher, the shorter the reach (1)")
    verb.add_argument(
        "--ambiguous", choices=AMBIGUOUS, default="skip", help="N, other IUPAC codes and gaps (skip)"
    )
    verb.add_argument("--force", action="store_true", help="replace OUT.npz if it exists")
    return parser


def _embed(arguments: argparse.Namespace) -> None:
    _check_output(arguments)
    embedding = embed(
        sys.stdin.buffer if arguments.input == "-" else arguments.input,
        overlap=not arguments.no_overlap,
        kappa=arguments.kappa,
        ambiguous=arguments.ambiguous,
    )
    embedding.save(arguments.output)
    print(_summary(embedding, arguments.output), file=sys.stderr)


def _check_output(arguments: argparse.Namespace) -> None:
    """Refuse, before any work, an output that could not be written or would destroy something."""
    output: Path = arguments.output
    if output.suffix != ".npz":
        raise ParameterError(f"cannot write {str(output)!r}: the name must end in .npz")
    if not output.parent.is_dir():
        raise ParameterError(f"cannot write {str(output)!r}: there is no folder {str(output.parent)!r}")
    if not output.exists():
        return
    if arguments.input != "-" and Path(arguments.input).exists() and output.samefile(arguments.input):
        raise ParameterError(f"{str(output)!r} is input and output; choose another output")
    if not arguments.force:
        raise ParameterError(f"{str(output)!r} exists; give --force to replace it")


def _summary(embedding: Embedding, output: Path) -> str:
    ambiguous = embedding.ambiguous
    lines = [
        repr(embedding),
        f"not A, C, G, T or U: {ambiguous.sum()} positions, in {(ambiguous > 0).sum()} sequences",
        f"zero vectors: {len(embedding.zero_ids)}",
        f"written: {output}",
        f'next, in Python: import sgt_dna; emb = sgt_dna.Embedding.load("{output.as_posix()}")',
    ]
    return "\n".join(lines)


def _failed(message: str, code: int) -> int:
    print(f"sgt-dna: error: {message}", file=sys.stderr)
    return code
