"""``sgt-dna info VECTORS``: what a stored embedding holds.

``--json`` prints: vectors, rows, features, kind, params, format (npz, csv or parquet), version (of the format),
zero_vectors (ids), ambiguous_positions, ambiguous_rows, bytes (size of the file).
"""

import shlex
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sgt_dna._table import VERSION
from sgt_dna.embedding import Embedding
from sgt_dna.verbs.embed import described
from sgt_dna.verbs.shared import Outcome, add_verb, counted


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(verbs, "info", run, "vectors.npz", "Say what a file of vectors holds")
    parser.add_argument("vectors", metavar="VECTORS", help="what sgt-dna embed or sgt-dna anchors wrote")


def run(arguments: Namespace) -> Outcome:
    """Read the file, and describe it."""
    embedding = Embedding.load(arguments.vectors)
    path = Path(arguments.vectors)
    figures = {
        "vectors": arguments.vectors,
        "rows": len(embedding),
        "features": len(embedding.feature_names),
        "kind": embedding.kind,
        "params": asdict(embedding.params),
        "format": path.suffix.lower().removeprefix("."),
        "version": VERSION,
        "zero_vectors": embedding.zero_ids,
        "ambiguous_positions": int(embedding.ambiguous.sum()),
        "ambiguous_rows": int((embedding.ambiguous > 0).sum()),
        "bytes": path.stat().st_size,
    }
    return Outcome(
        figures, report=_report(embedding, figures), notes=[_next(arguments.vectors, embedding.kind)]
    )


def _report(embedding: Embedding, figures: dict[str, Any]) -> list[str]:
    params = ", ".join(f"{name}={value}" for name, value in figures["params"].items())
    return [
        *described(embedding),
        f"parameters: {params}",
        f"file: {figures['format']}, format version {figures['version']}, {counted(figures['bytes'], 'byte')}",
    ]


def _next(vectors: str, kind: str) -> str:
    if kind.startswith("anchors"):
        follow = ["sgt-dna", "distance", vectors, "-o", "distances.csv"]
    else:
        follow = ["sgt-dna", "anchors", vectors, "--labels", "LABELS.csv", "-o", "anchors.npz"]
    return f"next: {shlex.join(follow)}"
