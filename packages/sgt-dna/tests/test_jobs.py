"""What a cluster is given to do, with a client that does it at once: cuts, errors, folders that are gone on with."""

import gzip
from itertools import pairwise

import numpy as np
import pytest
import sgt_dna
import sgt_dna.dask
from hypothesis import given, settings
from hypothesis import strategies as st
from sgt_dna import (
    AlphabetError,
    FastaError,
    Limits,
    SgtError,
    SGTParams,
    SGTState,
)
from sgt_dna import _jobs as work
from sgt_dna.shards import join

LONG = "ACGTTGCAAN" * 30
TEXT = f">a first\nACGTTG\n>b\nTTGACC\n>c the long one\n{LONG[:100]}\n\n{LONG[100:]}\r\n>d\nACG\n>e\n{LONG[:170]}"


@pytest.mark.parametrize("shard_bytes", [1, 7, 50, 120, 10_000])
@pytest.mark.parametrize("options", [{}, {"k": 3, "overlap": False, "ambiguous": "drop", "kappa": 0.5}])
def test_shards_joined_are_the_whole(inline, fasta, tmp_path, shard_bytes, options):
    path = fasta(TEXT)
    shards = sgt_dna.dask.embed(path, inline, tmp_path / "out", shard_bytes=shard_bytes, **options)
    found, expected = join(shards), sgt_dna.embed(path, **options)
    assert (found.ids, found.descriptions, found.params) == (
        expected.ids,
        expected.descriptions,
        expected.params,
    )
    assert found.ambiguous.tolist() == expected.ambiguous.tolist()
    np.testing.assert_allclose(found.vectors, expected.vectors, rtol=1e-12, atol=0)
    assert [shard.name for shard in shards] == [
        f"shard-{i:05}-of-{len(shards):05}.npz" for i in range(1, len(shards) + 1)
    ]


def test_long_records_alone_are_cut(fasta):
    path = fasta(TEXT)
    found = list(work.jobs(str(path), 120, None))
    content = path.read_bytes()
    texts = [content[job.range.start : job.range.end] for job in found]
    assert b"".join(texts) == content
    assert [text.count(b">") for text in texts] == [2, 1, 2]
    assert [type(job).__name__ for job in found] == ["Part", "LongRecord", "Part"]
    long = found[1]
    pieces = [content[piece.start : piece.end] for piece in long.pieces]
    assert b">c the long one\n" + b"".join(pieces) == texts[1]
    assert [len(piece) for piece in pieces] == [120, 120, 64]


@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, 300), max_size=6), kappa=st.sampled_from([0.1, 1.0, 10.0]))
def test_pieces_merged_are_the_whole(tmp_path_factory, cuts, kappa):
    path = tmp_path_factory.getbasetemp() / "pieces.txt"
    path.write_text(LONG)
    params = SGTParams(kappa=kappa, overlap=False)
    borders = [0, *sorted(set(cuts)), len(LONG)]
    states = [work.piece_state(str(path), work.ByteRange(*pair), params) for pair in pairwise(borders)]
    while len(states) > 1:
        states[:2] = [work.merged(*states[:2])]
    expected = SGTState(params).update(LONG)
    np.testing.assert_allclose(states[0].vector(), expected.vector(), rtol=1e-12, atol=0)
    assert (states[0].n_bases, states[0].n_ambiguous) == (300, 30)


def test_merging_changes_neither_part():
    parts = SGTState().update("ACGTTG"), SGTState().update("TTGACC")
    before = [part.vector().tobytes() for part in parts]
    work.merged(*parts)
    assert [part.vector().tobytes() for part in parts] == before


def test_compressed_files_and_other_formats_are_a_shard_each(inline, tmp_path):
    packed, reads = tmp_path / "a.fasta.gz", tmp_path / "b.fastq"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    reads.write_text("@r\nACGT\n+\n>III\n")
    first = sgt_dna.dask.embed(packed, inline, tmp_path / "first", shard_bytes=10)
    second = sgt_dna.dask.embed([reads], inline, tmp_path / "second", shard_bytes=1, format="fastq")
    assert (len(first), len(second)) == (1, 1)
    assert join(first).ids == ("a", "b", "c", "d", "e")
    assert join(second).ids == ("r",)
    with pytest.raises(FastaError, match="more than 4 records"):
        sgt_dna.dask.embed(packed, inline, tmp_path / "third", limits=Limits(max_records=4))
    reads.write_text(">P1;a\ndescription\nACGT*\n")  # begins as FASTA does
    assert join(sgt_dna.dask.embed(reads, inline, tmp_path / "fourth", format="pir")).ids == ("a",)


@pytest.mark.parametrize(
    ("old", "new", "options"),
    [
        (LONG[100:], LONG[100:250] + "5" + LONG[251:], {}),
        (">c the long one", ">", {}),
        (">c the long one", ">c \0", {}),
        (LONG[:100] + "\n\n" + LONG[100:], "\n" * 400, {}),
        ("CAAN", "CAAA", {"ambiguous": "error"}),
        (">c", ">c", {"limits": Limits(max_length=250)}),
        (">c", ">c" + "c" * 2**21, {}),
    ],
    ids=["character", "no id", "NUL", "no sequence", "ambiguous", "max_length", "long header"],
)
def test_errors_in_a_long_record_are_those_of_the_whole(inline, fasta, tmp_path, old, new, options):
    path = fasta(TEXT.replace(old, new, 1))
    with pytest.raises(SgtError) as whole:
        sgt_dna.embed(path, **options)
    with pytest.raises(SgtError) as parted:
        sgt_dna.dask.embed(path, inline, tmp_path / "out", shard_bytes=50, **options)
    one, other = whole.value, parted.value
    assert (type(other), str(other)) == (type(one), str(one))
    assert (other.file, other.record, other.line) == (str(path), one.record, one.line)


def test_limits_on_bytes_hold_for_long_records(inline, fasta, tmp_path):
    path = fasta(TEXT)  # the long record has 320 bytes
    made = sgt_dna.dask.embed(path, inline, tmp_path / "a", shard_bytes=100, limits=Limits(max_bytes=320))
    assert "write_record" in inline.called
    assert len(made) == 4
    with pytest.raises(FastaError, match="there are more than 3.. bytes of text"):
        sgt_dna.dask.embed(path, inline, tmp_path / "b", shard_bytes=100, limits=Limits(max_bytes=319))


def test_the_file_ends_while_it_is_read(fasta):
    path = fasta("ACGT")
    with pytest.raises(FastaError, match=f"^{path}: the file became shorter"):
        work.piece_state(str(path), work.ByteRange(2, 5), SGTParams())


def test_each_error_is_told(inline, fasta, tmp_path):
    path = fasta(TEXT.replace("ACGTTG", "ACGT!G", 1).replace("TTGACC", "TTGAC?"))
    with pytest.raises(AlphabetError, match="record 'a', line 2, column 5: '!'") as caught:
        sgt_dna.dask.embed(path, inline, tmp_path / "out", shard_bytes=10)
    second, last = caught.value.__notes__
    assert second.startswith(f"and: {path}: record 'b', line 4, column 6: '?' is no nucleotide code")
    assert last == f"3 of 5 shards are written, in '{tmp_path / 'out'}'"
