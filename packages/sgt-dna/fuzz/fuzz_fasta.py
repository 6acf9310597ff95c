"""Fuzz the FASTA readers: any bytes give records or a typed error, the same by both; records survive a round trip.

Run it by `uv run nox -s fuzz -- 600`. What it finds goes to tests/corpus, which the ordinary tests replay.
"""

import io
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from sgt_dna import Embedding, Limits

TINY_BLOCKS = {"BLOCK": 5, "PIECE": 40}
TINY_READS = {
    "fasta": {"PIECE": 38},
    "fasta_work": {"READ": 13, "LONG": 40, "PIECE": 38},
    "batches": {"BATCH": 50, "LONG": 40},
    "segments": {"SEGMENT": 60},
    "memory_work": {"LONG": 40},
}
"""With these, inputs of a few bytes are cut into pieces, as long files are."""


def check(data: bytes) -> None:
    """Fail on anything but records or an SgtError, on a lossy round trip, and where the size of blocks matters."""
    # imported here, for the fuzzer to instrument the package first
    from sgt_dna import FastaError, Limits, SgtError, fasta, read_fasta
    from sgt_dna.sources import check_records

    limits = Limits(max_length=1000, max_records=20, max_bytes=10_000)
    found = list(check_records(io.BytesIO(data), format="fasta", limits=limits))
    with mock.patch.multiple(fasta, **TINY_BLOCKS):
        by_piece = list(check_records(io.BytesIO(data), format="fasta", limits=limits))
    if not any(isinstance(item, FastaError) and "header is longer" in str(item) for item in by_piece):
        assert [None if isinstance(item, SgtError) else item for item in found] == [
            None if isinstance(item, SgtError) else item for item in by_piece
        ]

    records = []
    try:
        for record in read_fasta(io.BytesIO(data), limits=limits):
            records.append(record)
    except SgtError:
        assert any(isinstance(item, SgtError) for item in found)
        assert found[: len(records)] == records
    else:
        assert found == records
    if records:
        clean = "".join(f">{record.description}\n{record.sequence}\n" for record in records)
        again = [record._replace(line=None) for record in read_fasta(io.BytesIO(clean.encode()))]
        assert again == [record._replace(line=None) for record in records]
    check_embed(data, limits)


def check_embed(data: bytes, limits: "Limits") -> None:
    """Fail unless `embed`, which reads bytes, makes of a file what it makes of the records that `read_fasta` reads."""
    from sgt_dna import embed, read_fasta

    careful = outcome(lambda: embed(list(read_fasta(io.BytesIO(data), limits=limits))))
    assert careful == outcome(lambda: embed(io.BytesIO(data), format="fasta", limits=limits))
    with ExitStack() as patches:
        for module, sizes in TINY_READS.items():
            patches.enter_context(mock.patch.multiple(f"sgt_dna.{module}", **sizes))
        careful = outcome(lambda: embed(list(read_fasta(io.BytesIO(data), limits=limits))))
        assert careful == outcome(lambda: embed(io.BytesIO(data), format="fasta", limits=limits))


def outcome(embedded: Callable[[], "Embedding"]) -> object:
    """An embedding as its parts; None of an error: of two in a record, either may be met first."""
    from sgt_dna import SgtError

    try:
        found = embedded()
    except SgtError:
        return None
    return found.ids, found.descriptions, found.ambiguous.tolist(), found.vectors.tobytes()


def main() -> None:
    """Hand `check` to atheris; options are those of libFuzzer."""
    import atheris

    with atheris.instrument_imports(include=["sgt_dna"]):
        import sgt_dna.sources
        import sgt_dna.transform  # noqa: F401
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
