"""The strict reader: what it tolerates, what it refuses, and what it says."""

import bz2
import gzip
import io
import lzma
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
import sgt_dna
from Bio import bgzf
from hypothesis import given, settings
from hypothesis import strategies as st
from sgt_dna import AlphabetError, FastaError, Record, read_fasta
from sgt_dna import fasta as reader

CLEAN = ">a first one\nACGTTGCA\n>b\nTTGACCAN\n"


def gzip_members(data: bytes) -> bytes:
    return b"".join(gzip.compress(data[i : i + 50]) for i in range(0, len(data), 50)) + gzip.compress(b"")


def bgzip(data: bytes) -> bytes:
    packed = io.BytesIO()
    writer = bgzf.BgzfWriter(fileobj=packed)
    for i in range(0, len(data), 50):
        writer.write(data[i : i + 50])
        writer.flush()
    writer._handle = (
        io.BytesIO()
    )  # close() would close the bytes as well; the mark at the end is an empty block
    return packed.getvalue() + bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def bzip2_streams(data: bytes) -> bytes:
    return b"".join(bz2.compress(data[i : i + 50]) for i in range(0, len(data), 50)) or bz2.compress(b"")


COMPRESS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip of members": gzip_members,
    "bgzf": bgzip,
    "bzip2": bz2.compress,
    "bzip2 of streams": bzip2_streams,
    "xz": lzma.compress,
}


def test_records_keep_header_and_sequence(fasta):
    assert list(
        read_fasta(fasta(">a  first one \nAC\n\nGu\n\n>b\tx\nTT\n> \tc\t x \nAC GT\tT \n\t\n A"))
    ) == [
        Record("a", "a  first one", "ACGu", 1),
        Record("b", "b\tx", "TT", 6),
        Record("c", "c\t x", "ACGTTA", 8),
    ]


def laid_out(draw, sequence):
    """A sequence as lines: any width, any case, blanks in it, blank lines after it."""
    width = draw(st.integers(1, 100))
    lines = [sequence[i : i + width] for i in range(0, len(sequence), width)]
    blank = draw(st.sampled_from(["", " ", "\t", " \t "]))
    every = draw(st.integers(1, 20))
    lines = [blank + blank.join(line[i : i + every] for i in range(0, len(line), every)) for line in lines]
    lines = [draw(st.sampled_from([line, line.lower()])) for line in lines]
    return [*lines, *[draw(st.sampled_from(["", " ", "\t"]))] * draw(st.integers(0, 2))]


@st.composite
def layouts(draw):
    """Sequences, and a file of them in some layout."""
    sequences = draw(st.lists(st.text("ACGTN", min_size=1, max_size=90), min_size=1, max_size=4))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    lines = [""] * draw(st.integers(0, 2))
    for number, sequence in enumerate(sequences, 1):
        lines += [f">{draw(st.sampled_from(['', ' ']))}{number}", *laid_out(draw, sequence)]
    text = end.join(lines) + (end if draw(st.booleans()) else "")
    return sequences, ("\ufeff" if draw(st.booleans()) else "") + text


@settings(max_examples=200, deadline=None)
@given(
    layout=layouts(), compress=st.sampled_from(sorted(COMPRESS)), block=st.sampled_from([1, 7, reader.BLOCK])
)
def test_fault_3_layout_changes_nothing(layout, compress, block):
    sequences, text = layout
    expected = sgt_dna.embed(sequences)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if block < reader.BLOCK:
            patch.setattr(reader, "BLOCK", block)
            patch.setattr(reader, "PIECE", 2 * block + 9)
        path = Path(folder) / "any.name"
        path.write_bytes(COMPRESS[compress](text.encode()))
        for source in (path, str(path), io.BytesIO(path.read_bytes()), io.StringIO(text)):
            found = list(read_fasta(source))
            assert [record.sequence.upper() for record in found] == sequences
            assert (
                [record.id for record in found]
                == [record.description for record in found]
                == list(expected.ids)
            )
        emb = sgt_dna.embed(path)
    assert emb.ids == expected.ids
    assert emb.vectors.tobytes() == expected.vectors.tobytes()
    assert emb.ambiguous.tolist() == expected.ambiguous.tolist()


@pytest.mark.parametrize("piece", [10, 100, reader.PIECE])
@pytest.mark.parametrize("character", ["5", ">", "\0", "\u0410"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_fault_6_positions_are_right_however_the_file_is_cut(fasta, monkeypatch, piece, character, end):
    monkeypatch.setattr(reader, "BLOCK", 1)
    monkeypatch.setattr(reader, "PIECE", piece)
    lines = [">a", "AC GT" * 8, "", "ACGTA" * 8, "AC GTTT" + character + "AC", "ACGT", ">b", "AC"]
    path = fasta(end.join(lines))
    where = f"record 'a', line 5, column 8: {character!a} is no nucleotide code"
    with pytest.raises(AlphabetError, match=re.escape(where)) as caught:
        list(read_fasta(path))
    assert (caught.value.file, caught.value.record, caught.value.line) == (str(path), "a", 5)
    lines[4] = "A" * 30 + character
    with pytest.raises(AlphabetError, match="record 'a', line 5, column 31: "):
        list(read_fasta(fasta(end.join(lines))))


@pytest.mark.parametrize("length", range(1, 40))
def test_a_record_may_begin_where_a_piece_ends(fasta, monkeypatch, length):
    monkeypatch.setattr(reader, "BLOCK", 1)
    monkeypatch.setattr(reader, "PIECE", 10)
    found = list(read_fasta(fasta(">a\n" + "A" * length + "\n>b\nAC\n")))
    assert found == [Record("a", "a", "A" * length, 1), Record("b", "b", "AC", 3)]


def test_lines_are_counted_right_over_many_blocks(fasta):
    text = "".join(f">r{i}\n" + "ACGTACGTAC\n" * (i % 7 + 1) + "\n" * (i % 3) for i in range(9000))
    assert len(text) > 3 * reader.BLOCK
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line[:1] == ">"]
    assert [record.line for record in read_fasta(fasta(text))] == starts


def test_a_record_over_many_pieces_is_whole(fasta):
    lines = ["".join(np.random.default_rng(i).choice(list("ACGT"), 997)) for i in range(40)] * 60
    assert 997 * len(lines) > 2 * reader.PIECE
    (a, b) = read_fasta(fasta(">a\n" + "\n".join(lines) + "\n>b\nAC\n"))
    assert (a.sequence, b) == ("".join(lines), Record("b", "b", "AC", 2402))


def test_a_header_without_end_is_refused(fasta):
    for content in (">" + "x" * (reader.PIECE + 1), ">" + "x" * (reader.PIECE + 1) + "\nAC\n>b\nAC\n"):
        with pytest.raises(FastaError, match="line 1: the header is longer than 1,048,576 characters"):
            list(read_fasta(fasta(content)))
    assert len(list(read_fasta(fasta(">" + "x" * reader.PIECE + "\nAC\n")))) == 1


@pytest.mark.parametrize("opened", [io.StringIO(CLEAN), io.BytesIO(CLEAN.encode())])
def test_file_object_stays_open(opened):
    assert [record.id for record in read_fasta(opened)] == ["a", "b"]
    assert not opened.closed


def test_file_object_stays_usable_after_an_error():
    opened = io.BytesIO(b">a\nAC5\n")
    with pytest.raises(AlphabetError):
        list(read_fasta(opened))
    assert opened.seek(0) == 0


@pytest.mark.parametrize("compress", sorted(set(COMPRESS) - {"plain"}))
def test_fault_9_truncated_file_is_refused(fasta, compress):
    sequence = "".join(np.random.default_rng(0).choice(list("ACGT"), 50_000))
    path = fasta(COMPRESS[compress](f">a\nACGT\n>b\n{sequence}\n".encode())[:-40])
    with pytest.raises(FastaError, match=re.escape(f"{path}: damaged or cut short (")):
        sgt_dna.embed(path)


def test_fault_9_damaged_gzip_is_refused(fasta):
    path = fasta(b"\x1f\x8b\x08garbage that is no gzip stream")
    with pytest.raises(FastaError, match="damaged or cut short"):
        sgt_dna.embed(path)


@pytest.mark.parametrize("compress", COMPRESS)
@pytest.mark.parametrize("suffix", [".fasta", ".gz", ".xz", ".png"])
def test_fault_9_wrong_extension_does_not_matter(tmp_path, compress, suffix):
    path = (tmp_path / "file").with_suffix(suffix)
    path.write_bytes(COMPRESS[compress](CLEAN.encode()))
    assert [record.id for record in read_fasta(path)] == ["a", "b"]


def test_fault_9_bgzf_cut_between_blocks_is_refused(fasta):
    blocks = bgzip(b"".join(b">%d\nACGT\n" % number for number in range(30)))
    ends = [at for at in range(1, len(blocks)) if blocks[at : at + 4] == b"\x1f\x8b\x08\x04"]
    assert len(ends) > 4
    for end in ends:
        with pytest.raises(FastaError, match="the block that ends a BGZF file is missing"):
            sgt_dna.embed(fasta(blocks[:end]))


def test_plain_gzip_may_follow_bgzf(fasta):
    first, second, third = (f">r{n}\n{'ACGTTGCA' * 40}\n".encode() for n in range(3))
    cut = bgzip(first)[:-28]
    for packed in (
        bgzip(first) + gzip.compress(second),
        cut + gzip.compress(second),
        bgzip(first) + bytes(9),
    ):
        expected = list(read_fasta(io.BytesIO(gzip.decompress(packed))))
        assert list(read_fasta(fasta(packed))) == expected
    mixed = bgzip(first) + gzip.compress(second) + bgzip(third)
    assert [record.id for record in read_fasta(fasta(mixed))] == ["r0", "r1", "r2"]
    with pytest.raises(FastaError, match="the block that ends a BGZF file is missing"):
        list(read_fasta(fasta(mixed[:-28])))
