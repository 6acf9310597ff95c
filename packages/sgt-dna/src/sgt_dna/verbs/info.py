"""``sgt-dna info VECTORS``: what a stored embedding holds.

``--json`` prints: vectors, rows, features, kind, params, format (npz, csv, parquet or sgt), version (of the format),
zero_vectors (ids), ambiguous_positions, ambiguous_rows, bytes (size of the file; null for standard input).
"""

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sgt_dna._table import VERSION
from sgt_dna.embedding import Embedding
from sgt_dna.verbs.embed import described
from sgt_dna.verbs.shared import STREAM, VECTORS, Outcome, add_verb, counted, file_name, follow, load_vectors


def add(verbs: Any) -> None:
    """Add the parser of the verb."""
    parser = add_verb(verbs, "info", run, "vectors.npz", "Say what a file of vectors holds")
    parser.add_argument("vectors", metavar="VECTORS", type=file_name, help=VECTORS)


def run(arguments: Namespace) -> Outcome:
    """Read the file, and describe it."""
    embedding = load_vectors(arguments.vectors)
    path = None if arguments.vectors == STREAM else Path(arguments.vectors)
    figures = {
        "vectors": arguments.vectors,
        "rows": len(embedding),
        "features": len(embedding.feature_names),
        "kind": embedding.kind,
        "params": asdict(embedding.params),
        "format": path.suffix.lower().removeprefix(".") if path else "csv",
        "version": VERSION,
        "zero_vectors": embedding.zero_ids,
        "ambiguous_positions": int(embedding.ambiguous.sum()),
        "ambiguous_rows": int((embedding.ambiguous > 0).sum()),
        "bytes": _size(path) if path else None,
    }
    return Outcome(
        figures, report=_report(embedding, figures), notes=_next(arguments.vectors, embedding.kind)
    )


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _report(embedding: Embedding, figures: dict[str, Any]) -> list[str]:
    params = ", ".join(f"{name}={value}" for name, value in figures["params"].items())
    size = "" if figures["bytes"] is None else f", {counted(figures['bytes'], 'byte')}"
    return [
        *described(embedding),
        f"parameters: {params}",
        f"file: {figures['format']}, format version {figures['version']}{size}",
    ]


def _next(vectors: str, kind: str) -> list[str]:
    if kind.startswith("anchors"):
        return follow("distance", vectors, "-o", "distances.csv")
    if kind.startswith("sequences (shard"):
        return follow("join", vectors, "SHARDS...", "-o", "vectors.npz")
    return follow("anchors", vectors, "--labels", "LABELS.csv", "-o", "anchors.npz")
