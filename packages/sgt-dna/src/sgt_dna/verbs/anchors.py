"""``sgt-dna anchors VECTORS --labels LABELS.csv -o OUT``: one vector a label, such as a species.

``--json`` prints: vectors, labels, output, anchors (how many), features, method, transform, params, sequences (of
each label, how many), equal_anchors (groups of labels), unused_labels (rows of the table whose id has no vector).
"""

import warnings
from argparse import Namespace
from collections import Counter
from dataclasses import asdict
from typing import Any

from sgt_dna._anchors import METHODS, TRANSFORMS, anchors
from sgt_dna.embedding import Embedding
from sgt_dna.errors import AnchorWarning, in_file, listed
from sgt_dna.labels import read_labels
from sgt_dna.verbs.output import add_output, check_output, store, written
from sgt_dna.verbs.shared import VECTORS, Outcome, add_verb, counted, file_name, load_vectors


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(
        verbs,
        "anchors",
        run,
        "vectors.npz --labels labels.csv -o anchors.npz",
        "Summarise the vectors of each species, or other label, in one",
    )
    parser.add_argument("vectors", metavar="VECTORS", type=file_name, help=VECTORS)
    required = add_output(parser, ".npz, .csv or .parquet file, or .sgt folder")
    required.add_argument(
        "--labels",
        metavar="LABELS.csv",
        type=file_name,
        required=True,
        help="table with the columns id and species",
    )
    parser.add_argument("--column", default="species", help="name of the column of labels (species)")
    parser.add_argument(
        "--method", choices=METHODS, default="median", help="feature by feature, or a medoid (median)"
    )
    parser.add_argument(
        "--transform", choices=TRANSFORMS, default="none", help="over the anchors (none); raw ones are alike"
    )


def run(arguments: Namespace) -> Outcome:
    """Read vectors and labels, and write the anchors."""
    check_output(arguments, [arguments.vectors, arguments.labels])
    labels = read_labels(arguments.labels, arguments.column)
    embedding = load_vectors(arguments.vectors)
    with in_file(arguments.labels), warnings.catch_warnings():
        warnings.simplefilter("ignore", AnchorWarning)  # the closing lines say the same
        found = anchors(embedding, labels, arguments.method, arguments.transform)
    store(found, arguments.output)
    sizes = Counter(labels[id_] for id_ in embedding.ids)
    return Outcome(
        figures={
            "vectors": arguments.vectors,
            "labels": arguments.labels,
            "output": arguments.output,
            "anchors": len(found),
            "features": len(found.feature_names),
            "method": arguments.method,
            "transform": arguments.transform,
            "params": asdict(found.params),
            "sequences": {label: sizes[label] for label in found.ids},
            "equal_anchors": found.equal_ids,
            "unused_labels": len(labels) - len(embedding),
        },
        notes=[
            repr(found),
            *_sizes(sizes, arguments.column),
            *_equal(found),
            *_unused(len(labels) - len(embedding)),
            *written(arguments.output, "distance", "-o", "distances.csv"),
        ],
    )


def _sizes(sizes: Counter[str], column: str) -> list[str]:
    fewest, most = min(sizes.values()), max(sizes.values())
    lines = [f"from {counted(sizes.total(), 'sequence')}: {fewest:,} to {most:,} of a {column}"]
    alone = sorted(label for label, n in sizes.items() if n == 1)
    return [*lines, f"from one sequence alone: {listed(alone)}"] if alone else lines


def _equal(found: Embedding) -> list[str]:
    same = ", ".join(" = ".join(map(repr, ids)) for ids in found.equal_ids)
    return [f"the same anchor: {same}"] if same else []


def _unused(n: int) -> list[str]:
    return [f"labels without a vector: {n:,}, left out"] if n else []
