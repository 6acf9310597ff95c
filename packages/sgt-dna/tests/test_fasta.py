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
from hypothesis import given, settings
from hypothesis import strategies as st
from sgt_dna import AlphabetError, FastaError, Record, read_fasta

CLEAN = ">a first one\nACGTTGCA\n>b\nTTGACCAN\n"
COMPRESS = {"plain": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


def test_records_keep_header_and_sequence(fasta):
    assert list(read_fasta(fasta(">a  first one \nAC\n\nGu\n\n>b\tx\nTT"))) == [
        Record("a", "a  first one", "ACGu", 1),
        Record("b", "b\tx", "TT", 6),
    ]


@settings(max_examples=100, deadline=None)
@given(
    sequences=st.lists(st.text("ACGTN", min_size=1, max_size=90), min_size=1, max_size=4),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    width=st.integers(1, 100),
    blanks=st.integers(0, 2),
    lower=st.booleans(),
    mark=st.booleans(),
    final=st.booleans(),
    compress=st.sampled_from(sorted(COMPRESS)),
)
def test_layout_changes_nothing(sequences, end, width, blanks, lower, mark, final, compress):
    lines = []
    for number, sequence in enumerate(sequences, 1):
        shown = sequence.lower() if lower else sequence
        lines += [f">{number}", *(shown[i : i + width] for i in range(0, len(shown), width)), *[""] * blanks]
    text = ("\ufeff" if mark else "") + end * blanks + end.join(lines) + (end if final else "")
    expected = sgt_dna.embed(sequences)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.name"
        path.write_bytes(COMPRESS[compress](text.encode()))
        with path.open("rb") as handle:
            found = [sgt_dna.embed(source) for source in (path, str(path), handle, io.StringIO(text))]
    for emb in found:
        assert emb.ids == expected.ids
        assert emb.vectors.tobytes() == expected.vectors.tobytes()
        assert emb.ambiguous.tolist() == expected.ambiguous.tolist()


@pytest.mark.parametrize("opened", [io.StringIO(CLEAN), io.BytesIO(CLEAN.encode())])
def test_file_object_stays_open(opened):
    assert [record.id for record in read_fasta(opened)] == ["a", "b"]
    assert not opened.closed


def test_file_object_stays_usable_after_an_error():
    opened = io.BytesIO(b">a\nAC5\n")
    with pytest.raises(AlphabetError):
        list(read_fasta(opened))
    assert opened.seek(0) == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no records: the file is empty, or blank"),
        ("\n \r\n\n", "no records: the file is empty, or blank"),
        (
            "ACGT\n>a\nACGT",
            "expected '>' at line 1, found 'ACGT'; every FASTA record begins with a line '>id'",
        ),
        ("\n\n; old\n>a\nAC", "expected '>' at line 3, found '; old'"),
        ("@r1\nACGT\n+\nIIII\n", "expected '>' at line 1, found '@r1'; this looks like FASTQ"),
        ("<!DOCTYPE html>\n", "expected '>' at line 1, found '<!DOCTYPE html>'"),
        (b"\x89PNG\r\n\x1a\n\x00", "expected '>' at line 1, found '\\udc89PNG'; this looks like binary data"),
        ("id\tsequence\n", "expected '>' at line 1, found 'id\\tsequence'; every FASTA record"),
        (">a\nACGT\n".encode("utf-16"), "the file is UTF-16 or binary; save it as UTF-8 text"),
        (">a\nACGT\n".encode("utf-16-be"), "the file is UTF-16 or binary; save it as UTF-8 text"),
        (b"\x7fE\0F", "expected '>' at line 1, found '\\x7fE\\x00F'; this looks like binary data"),
        (">\nACGT\n", "line 1: the id is empty"),
        (">a\nAC\n> b\nACGT\n", "line 3: the id is empty"),
        (">a\n>b\nACGT\n", "record 'a' at line 1 has no sequence"),
        (">a\nAC\n>b\n\n", "record 'b' at line 3 has no sequence"),
        (">a\nAC\n>b\nAC\n>a x\nGT\n", "the id 'a' occurs twice, at line 1 and line 5; ids must be unique"),
        (b">a\xe9 x\nACGT\n", "line 1: the header is not UTF-8; save the file as UTF-8"),
    ],
)
def test_what_is_no_fasta_is_refused(fasta, content, message):
    path = fasta(content)
    with pytest.raises(FastaError, match=re.escape(f"{path}: {message}")) as caught:
        list(read_fasta(path))
    assert caught.value.file == str(path)
    with pytest.raises(FastaError, match=re.escape(message)):
        sgt_dna.embed(path)


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (
            ">a\nACGT\n\nAC5T\n",
            "record 'a', line 4, column 3: '5' is no nucleotide code; allowed are A C G T",
            4,
        ),
        (">a\nAC\x00T\n", "record 'a', line 2, column 3: '\\x00' is no nucleotide code", 2),
        (">a\nAC GT\n", "record 'a', line 2, column 3: ' ' is no nucleotide code", 2),
        (
            ">a\nAC>b\nGT\n",
            "line 2, column 3: '>' is no nucleotide code; a line break is missing before it",
            2,
        ),
        (">a\nACGT*\n", "record 'a', line 2, column 5: '*' is no nucleotide code", 2),
        (">a\nACXT\n", "record 'a', line 2, column 3: 'X' is no nucleotide code", 2),
        (">a\nACÉT\n", "record 'a', line 2, column 3: '\\xc9' is no nucleotide code", 2),
        (
            ">a\nMKVl\nEW*\n",
            "record 'a', line 2, column 4: 'l' is no nucleotide code; the sequence looks like",
            2,
        ),
        (
            ">a\nMKV\nLEW*\n",
            "line 3, column 1: 'L' is no nucleotide code; the sequence looks like protein",
            3,
        ),
    ],
)
def test_other_characters_are_refused(fasta, content, message, line):
    path = fasta(content)
    with pytest.raises(AlphabetError, match=re.escape(message)) as caught:
        sgt_dna.embed(path)
    assert (caught.value.file, caught.value.record, caught.value.line) == (str(path), "a", line)


@pytest.mark.parametrize("compress", ["gzip", "bzip2", "xz"])
def test_truncated_file_is_refused(fasta, compress):
    sequence = "".join(np.random.default_rng(0).choice(list("ACGT"), 50_000))
    path = fasta(COMPRESS[compress](f">a\nACGT\n>b\n{sequence}\n".encode())[:-40])
    with pytest.raises(FastaError, match=re.escape(f"{path}: damaged or cut short (")):
        sgt_dna.embed(path)


def test_damaged_gzip_is_refused(fasta):
    path = fasta(b"\x1f\x8b\x08garbage that is no gzip stream")
    with pytest.raises(FastaError, match="damaged or cut short"):
        sgt_dna.embed(path)


def test_text_file_in_another_encoding_is_refused(fasta):
    path = fasta(b">a \xe9\nACGT\n")
    with path.open(encoding="utf-8") as handle, pytest.raises(FastaError, match="'utf-8' codec can't decode"):
        sgt_dna.embed(handle)


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "absent.fasta"
    with pytest.raises(FastaError, match=re.escape(f"{path}: cannot be read: No such file")):
        sgt_dna.embed(path)
    with pytest.raises(FastaError, match=re.escape(f"{tmp_path}: cannot be read: Is a directory")):
        sgt_dna.embed(tmp_path)


def test_sequence_given_as_path_gets_a_hint():
    with pytest.raises(FastaError, match="to embed a sequence itself, give a list"):
        sgt_dna.embed("ACGTTGCA")
