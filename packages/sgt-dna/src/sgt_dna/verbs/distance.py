"""``sgt-dna distance VECTORS -o OUT.csv``: the distances of all rows to each other, as a square table.

The ids are the header and the first column; numbers are written in full, as Python's repr.

``--json`` prints: vectors, output, rows, metric, smallest, median, largest (over the pairs), closest and farthest
(two ids each); the last five are null where there is one row only.
"""

import csv
import json
from argparse import Namespace
from typing import Any

import numpy as np

from sgt_dna._csv import neutralised
from sgt_dna.distance import METRICS, Vectors
from sgt_dna.errors import in_file
from sgt_dna.verbs.output import add_output, check_output, csv_stream
from sgt_dna.verbs.shared import STREAM, VECTORS, Outcome, add_verb, file_name, load_vectors, shown


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(
        verbs,
        "distance",
        run,
        "vectors.npz -o distances.csv",
        "Write the distances of all sequences, or anchors, to each other",
    )
    parser.add_argument("vectors", metavar="VECTORS", type=file_name, help=VECTORS)
    add_output(parser, ".csv file")
    parser.add_argument(
        "--metric", choices=METRICS, default="cosine", help="what is meant by distance (cosine)"
    )


def run(arguments: Namespace) -> Outcome:
    """Compute the distances, and write the table."""
    check_output(arguments, [arguments.vectors], ".csv")
    embedding = load_vectors(arguments.vectors)
    with in_file(shown(arguments.vectors)):
        distances = embedding.distance(arguments.metric)
    _write(embedding.ids, distances, arguments.output)
    figures = {
        "vectors": arguments.vectors,
        "output": arguments.output,
        "rows": len(embedding),
        "metric": arguments.metric,
        **_extremes(embedding.ids, distances),
    }
    return Outcome(figures, notes=_lines(figures, arguments.output))


def _write(ids: tuple[str, ...], distances: Vectors, output: str) -> None:
    with csv_stream(output) as stream:
        rows = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        rows.writerow(["id", *map(neutralised, ids)])
        for id_, row in zip(ids, distances, strict=True):
            rows.writerow([neutralised(id_), *row.tolist()])


def _extremes(ids: tuple[str, ...], distances: Vectors) -> dict[str, Any]:
    """Smallest, median and largest distance of two, and the pairs where they are."""
    first, second = np.triu_indices(len(ids), 1)
    found = distances[first, second]
    if not len(found):
        return dict.fromkeys(("smallest", "median", "largest", "closest", "farthest"))
    low, high = int(found.argmin()), int(found.argmax())
    return {
        "smallest": float(found[low]),
        "median": float(np.median(found)),
        "largest": float(found[high]),
        "closest": [ids[first[low]], ids[second[low]]],
        "farthest": [ids[first[high]], ids[second[high]]],
    }


def _lines(figures: dict[str, Any], output: str) -> list[str]:
    lines = [f"{figures['metric']} distances: {figures['rows']:,} x {figures['rows']:,}"]
    if figures["closest"]:
        for name, pair in (("smallest", "closest"), ("largest", "farthest")):
            a, b = figures[pair]
            lines.append(f"{name}: {figures[name]:.4g}, {a!r} and {b!r}")
        lines.append(f"median: {figures['median']:.4g}")
    if output != STREAM:
        code = f'pandas.read_csv({json.dumps(output)}, index_col="id")'
        lines += [f"written: {output}", f"next, in Python: {code}"]
    return lines
