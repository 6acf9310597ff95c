"""Fuzz the FASTA reader: any bytes either give records or a typed error, and records survive a round trip.

Run it by `uv run nox -s fuzz -- 600`. What it finds goes to tests/corpus, which the ordinary tests replay.
"""

import io
import sys
from unittest import mock

TINY_BLOCKS = {"BLOCK": 5, "PIECE": 40}
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


def main() -> None:
    """Hand `check` to atheris; options are those of libFuzzer."""
    import atheris

    with atheris.instrument_imports(include=["sgt_dna"]):
        import sgt_dna.sources  # noqa: F401
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
