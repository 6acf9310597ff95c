"""``sgt-dna join SHARD... -o OUT``: one file of vectors out of those of all the shards of an input.

``--json`` prints: shards (the files), output, sequences, features, params.
"""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from sgt_dna.shards import join
from sgt_dna.verbs.output import add_output, check_output, store, written
from sgt_dna.verbs.shared import Outcome, add_verb, file_name


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(
        verbs,
        "join",
        run,
        "shard-1.npz shard-2.npz -o vectors.npz",
        "Put together the vectors of all the shards of an input",
    )
    parser.add_argument(
        "shards",
        metavar="SHARD",
        type=file_name,
        nargs="+",
        help="what sgt-dna embed --shard wrote, in any order; or files of whole inputs, in the order wanted",
    )
    add_output(parser, ".npz, .csv or .parquet file, or .sgt folder")


def run(arguments: Namespace) -> Outcome:
    """Load the shards, and write them as one."""
    check_output(arguments, arguments.shards)
    embedding = join(arguments.shards)
    store(embedding, arguments.output)
    return Outcome(
        figures={
            "shards": arguments.shards,
            "output": arguments.output,
            "sequences": len(embedding),
            "features": len(embedding.feature_names),
            "params": asdict(embedding.params),
        },
        notes=[
            repr(embedding),
            f"from {len(arguments.shards):,} files",
            *written(arguments.output, "anchors", "--labels", "LABELS.csv", "-o", "anchors.npz"),
        ],
    )
