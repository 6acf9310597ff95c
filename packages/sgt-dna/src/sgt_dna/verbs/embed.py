"""``sgt-dna embed IN -o OUT``: sequences in, one vector a sequence out.

``--json`` prints: input, output, shard (such as "3/16"; null for the whole input), sequences, features, params,
ambiguous_positions, ambiguous_sequences (how many have such positions), zero_vectors (ids of the sequences without
two symbols to pair).
"""

from argparse import ArgumentTypeError, Namespace
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from sgt_dna._floats import DTYPES, float_type, narrowed
from sgt_dna._folder import SUFFIX as FOLDER
from sgt_dna.embedding import Embedding
from sgt_dna.errors import ParameterError, listed
from sgt_dna.params import AMBIGUOUS, STRANDS, K
from sgt_dna.shards import Shard, embed_shard
from sgt_dna.transform import embed
from sgt_dna.verbs.output import add_output, check_output, store, written
from sgt_dna.verbs.shared import STREAM, Outcome, Progress, add_reading, add_verb, counted, reading


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(verbs, "embed", run, "sequences.fasta -o vectors.npz", "Embed every sequence of a file")
    add_reading(parser)
    add_output(parser, ".npz, .csv or .parquet file, or .sgt folder (written as it comes)")
    parser.add_argument(
        "--dtype", choices=DTYPES, default="float64", help="numbers in a folder of vectors (float64)"
    )
    parser.add_argument("--k", type=int, choices=K, default=2, help="bases a symbol (2)")
    parser.add_argument("--no-overlap", action="store_true", help="symbols side by side")
    parser.add_argument(
        "--kappa", type=float, default=1.0, help="decay; the higher, the shorter the reach (1)"
    )
    parser.add_argument(
        "--length-sensitive", action="store_true", help="multiply by the length, before the root is taken"
    )
    parser.add_argument(
        "--ambiguous", choices=AMBIGUOUS, default="skip", help="N, other IUPAC codes and gaps (skip)"
    )
    parser.add_argument(
        "--strand", choices=STRANDS, default="forward", help="the one given, or both together (forward)"
    )
    parser.add_argument(
        "-j", "--threads", metavar="N", type=_threads, default=1, help="threads; 0 for all cores (1)"
    )
    parser.add_argument(
        "--shard",
        metavar="I/N",
        type=_shard,
        help="embed one of N parts of the file, such as 3/16, for job arrays; sgt-dna join puts them together",
    )


def run(arguments: Namespace) -> Outcome:
    """Embed, and write the vectors."""
    check_output(arguments, [arguments.input])
    streamed = _streamed(arguments)
    embedding = _embedded(arguments, streamed)
    if not streamed:
        store(embedding, arguments.output)
    return Outcome(
        figures={
            "input": arguments.input,
            "output": arguments.output,
            "shard": arguments.shard and str(arguments.shard),
            "sequences": len(embedding),
            "features": len(embedding.feature_names),
            "params": asdict(embedding.params),
            "ambiguous_positions": int(embedding.ambiguous.sum()),
            "ambiguous_sequences": int((embedding.ambiguous > 0).sum()),
            "zero_vectors": embedding.zero_ids,
        },
        notes=[*described(embedding), *_closing(arguments)],
    )


def _embedded(arguments: Namespace, streamed: dict[str, Any]) -> Embedding:
    options = {
        "k": arguments.k,
        "overlap": not arguments.no_overlap,
        "kappa": arguments.kappa,
        "length_sensitive": arguments.length_sensitive,
        "ambiguous": arguments.ambiguous,
        "strand": arguments.strand,
        "threads": arguments.threads or None,
    }
    if arguments.shard and arguments.input == STREAM:
        raise ParameterError("--shard needs a file: standard input cannot be cut; write it to one")
    with Progress() as progress:
        given = reading(arguments)
        if not arguments.shard:
            return embed(**given, **options, **streamed, progress=progress)
        path = given.pop("source")
        shard = embed_shard(path, arguments.shard, **given, **options, progress=progress)
        return replace(shard, vectors=narrowed(shard.vectors, shard.ids, float_type(arguments.dtype)))


def _closing(arguments: Namespace) -> list[str]:
    """Where the result is, and what to type next."""
    if not arguments.shard:
        return written(arguments.output, "anchors", "--labels", "LABELS.csv", "-o", "anchors.npz")
    lines = written(arguments.output, "join", "SHARDS...", "-o", "vectors.npz")
    return [line.replace("next:", "next, with all of them:") for line in lines]


def _streamed(arguments: Namespace) -> dict[str, Any]:
    """Where to write vectors as they come, if the output is a folder."""
    folder = Path(arguments.output).suffix.lower() == FOLDER
    if arguments.dtype != "float64" and not folder:
        raise ParameterError(f"--dtype {arguments.dtype} is for a folder, whose name ends in {FOLDER}")
    return {"out": arguments.output, "dtype": arguments.dtype} if folder and not arguments.shard else {}


def described(embedding: Embedding) -> list[str]:
    """What there is, and what is unusual about it."""
    positions, rows = int(embedding.ambiguous.sum()), int((embedding.ambiguous > 0).sum())
    unit = "sequence" if embedding.kind.startswith("sequences") else "row"
    zero = embedding.zero_ids
    return [
        repr(embedding),
        f"not A, C, G, T or U: {counted(positions, 'position')}, in {counted(rows, unit)}",
        f"zero vectors: {len(zero):,}{f' ({listed(zero)})' if zero else ''}",
    ]


def _threads(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no number of threads; give 0 for all cores, or 1, 2, ...")
    return int(text)


def _shard(text: str) -> Shard:
    try:
        return Shard.parse(text)
    except ParameterError as error:
        raise ArgumentTypeError(error.problem) from error
