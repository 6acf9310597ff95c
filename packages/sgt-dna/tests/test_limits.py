"""Limits: long records, many records, decompression bombs; and that they cost little to enforce."""

import bz2
import gzip
import io
import lzma
import re
import time
import tracemalloc
import zlib

import pytest
import sgt_dna
from sgt_dna import FastaError, Limits, ParameterError, Record, SgtError, read_fasta, read_records, streams
from sgt_dna.sources import check_records

MB = 1_000_000


def bomb(start, character, size=200 * MB):
    """A gzip file of `start` and then one character over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = character * (MB // len(character))
    parts = [packer.compress(start)]
    parts += [packer.compress(block) for _ in range(size // MB)]
    return b"".join([*parts, packer.flush()])


@pytest.fixture(scope="module")
def bombs():
    return {
        "NUL": bomb(b"", b"\0"),
        "record of A": bomb(b">a\n", b"A"),
        "short lines": bomb(b">a\n", b"ACGT" * 19 + b"ACG\n"),
        "header": bomb(b">a ", b"x"),
        "blanks": bomb(b"", b"\n"),
        "genbank": bomb(b"LOCUS       x\n", b" "),
    }


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("NUL", "the file is UTF-16 or binary"),
        (
            "record of A",
            "there are more than 100,000,000 bytes of text; that is 200 times the compressed size",
        ),
        ("short lines", "there are more than 100,000,000 bytes of text"),
        ("header", "line 1: the header is longer than 1,048,576 characters"),
        ("blanks", "there are more than 100,000,000 bytes of text"),
        ("genbank", "there are more than 100,000,000 bytes of text"),
    ],
)
def test_fault_9_gzip_bombs_end_early_and_in_little_memory(bombs, kind, message):
    packed = bombs[kind]
    assert len(packed) < MB
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(FastaError, match=re.escape(message)):
            list(read_records(io.BytesIO(packed)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.process_time() - start < 10
    assert peak < (350 if kind == "genbank" else 130) * MB


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_fault_9_other_bombs(compress):
    with pytest.raises(FastaError, match="--max-bytes"):
        list(read_fasta(io.BytesIO(compress(b">a\n" + b"A" * 101 * MB))))


@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_max_bytes_counts_the_text(compress):
    text = b">a\nACGT\n>b\nTTGA\n"
    for source in (io.BytesIO(compress(text)), io.StringIO(text.decode())):
        assert len(list(read_fasta(source, limits=Limits(max_bytes=len(text))))) == 2
        source.seek(0)
        with pytest.raises(FastaError) as caught:
            list(read_fasta(source, limits=Limits(max_bytes=len(text) - 1)))
        assert str(caught.value) == (
            "there are more than 15 bytes of text; raise it with limits=Limits(max_bytes=...), or --max-bytes"
        )


def test_a_higher_limit_lets_a_packed_file_through(monkeypatch):
    monkeypatch.setattr(streams, "SAFE_BYTES", 1000)
    packed = gzip.compress(b">a\n" + b"A" * MB)
    with pytest.raises(FastaError, match=re.escape(f"more than {200 * len(packed):,} bytes of text")):
        list(read_fasta(io.BytesIO(packed)))
    (record,) = read_fasta(io.BytesIO(packed), limits=Limits(max_bytes=MB + 3))
    assert len(record.sequence) == MB


def test_the_ratio_is_of_what_was_read_so_far(monkeypatch):
    """It works on pipes, whose size nobody knows; the same bytes in front of more data are no excuse."""
    monkeypatch.setattr(streams, "SAFE_BYTES", 1000)
    packed = gzip.compress(b">a\n" + b"A" * (90 * MB)) + gzip.compress(bytes(range(256)) * 10_000, 0)

    class Pipe(io.RawIOBase):
        source = io.BytesIO(packed)

        def read(self, size=-1):
            return self.source.read(min(size, 4096))

    with pytest.raises(FastaError, match="200 times the compressed size"):
        list(read_fasta(Pipe()))


def test_plain_files_have_no_limit_on_bytes(monkeypatch):
    monkeypatch.setattr(streams, "SAFE_BYTES", 10)
    assert len(list(read_fasta(io.BytesIO(b">a\nACGTACGTACGT\n")))) == 1


@pytest.mark.parametrize("format_", [None, "tab"])
def test_a_record_may_be_as_long_as_the_limit(format_):
    text = "a\tACGTA\nb\tTTGACC\nc\tAC\n"
    if format_ is None:
        text = ">a\nAC\nGTA\n>b\nTTG ACC\n>c\nAC\n"
    a, b, c = check_records(io.StringIO(text), format=format_, limits=Limits(max_length=5))
    assert (a.sequence, c.sequence) == ("ACGTA", "AC")
    where = "line 4" if format_ is None else "record 2"
    assert str(b) == (
        f"record 'b' at {where} is longer than 5 bases; raise it with limits=Limits(max_length=...), or --max-length"
    )
    assert (type(b), b.record, b.line) == (FastaError, "b", 4 if format_ is None else None)


def test_the_limit_on_length_is_seen_before_the_record_is_read():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            self.given += size
            return (b">a\n" if self.given == size else b"").ljust(size, b"A")

    source = Endless()
    with pytest.raises(FastaError, match="record 'a' at line 1 is longer than 3,000,000 bases"):
        list(read_fasta(source, limits=Limits(max_length=3 * MB)))
    assert source.given < 10 * MB


def test_the_number_of_records_is_limited(five):
    assert len(list(read_records(five, limits=Limits(max_records=5)))) == 5
    for source in (five, ["ACGT"] * 5, {str(i): "ACGT" for i in range(5)}):
        found = list(check_records(source, limits=Limits(max_records=4)))
        assert [isinstance(item, Record) for item in found] == [True] * 4 + [False]
        assert "there are more than 4 records; raise it with limits=Limits(max_records=...)" in str(found[-1])


def test_limits_reach_embed(five):
    with pytest.raises(FastaError, match=re.escape(f"{five}: record ") + ".* is longer than 100 bases"):
        sgt_dna.embed(five, limits=Limits(max_length=100))
    with pytest.raises(FastaError, match="record '1' at entry 1 is longer than 3 bases"):
        sgt_dna.embed(["ACGT"], limits=Limits(max_length=3))


@pytest.mark.parametrize("name", ["max_length", "max_records", "max_bytes"])
@pytest.mark.parametrize("value", [0, -1, 1.5, "7", True, None])
def test_limits_are_positive_integers(name, value):
    if name == "max_bytes" and value is None:
        assert Limits(max_bytes=None) == Limits()
        return
    with pytest.raises(ParameterError, match=re.escape(f"{name} must be a positive integer, not {value!r}")):
        Limits(**{name: value})


def test_errors_of_limits_are_of_this_package():
    assert issubclass(FastaError, SgtError)
