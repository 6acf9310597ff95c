"""What the strict reader refuses, and what it says: the cases of faults, by their numbers, and others."""

import gzip
import re

import pytest
import sgt_dna
from sgt_dna import AlphabetError, FastaError, read_fasta

FAULT_1 = [
    ("", "no records: the file is empty, or blank"),
    ("\n \r\n\n", "no records: the file is empty, or blank"),
    (b"\xef\xbb\xbf", "no records: the file is empty, or blank"),
    (gzip.compress(b""), "no records: the file is empty, or blank"),
    (gzip.compress(b" \n" * 100_000), "no records: the file is empty, or blank"),
]
FAULT_2 = [
    (
        "ACGT\n>a\nACGT",
        "expected '>' at line 1, found 'ACGT'; every FASTA record begins with a line '>id'",
    ),
    ("\n\n; old\n>a\nAC", "expected '>' at line 3, found '; old'"),
    (
        "@r1\nACGT\n+\nIIII\n",
        "expected '>' at line 1, found '@r1'; this looks like FASTQ; give format='fastq'",
    ),
    ("<!DOCTYPE html>\n", "expected '>' at line 1, found '<!DOCTYPE html>'"),
    (b"\x89PNG\r\n\x1a\n\x00", "expected '>' at line 1, found '\\udc89PNG'; this looks like binary data"),
    ("id\tsequence\n", "expected '>' at line 1, found 'id\\tsequence'; every FASTA record"),
    ("\n" * 70_000 + "hello", "expected '>' at line 70001, found 'hello'"),
    (" >a\nACGT\n", "expected '>' at line 1, found '>a'; remove the blanks before it"),
    ("x" * 70_000, f"expected '>' at line 1, found '{'x' * 40}...'; every FASTA"),
    (gzip.compress(gzip.compress(b">a\nAC\n")), "expected '>' at line 1, found '\\x1f"),
    (
        b"PK\x03\x04\x14\x00",
        "expected '>' at line 1, found 'PK\\x03\\x04\\x14\\x00'; this looks like a zip archive",
    ),
    (
        b"\x28\xb5\x2f\xfd\x24\x05",
        "expected '>' at line 1, found '(\\udcb5/\\udcfd$\\x05'; this is compressed with Z",
    ),
    (">a\nACGT\n".encode("utf-16"), "the file is UTF-16 or binary; save it as UTF-8 text"),
    (">a\nACGT\n".encode("utf-16-be"), "the file is UTF-16 or binary; save it as UTF-8 text"),
    (b"\x7fE\0F", "expected '>' at line 1, found '\\x7fE\\x00F'; this looks like binary data"),
]
FAULT_4 = [
    (">\nACGT\n", "line 1: the id is empty"),
    (">a\nAC\n> \t\nACGT\n", "line 3: the id is empty"),
    (">a\nAC\n>", "line 3: the id is empty"),
    (">a\n>b\nACGT\n", "record 'a' at line 1 has no sequence"),
    (">a\nAC\n>b\n\n", "record 'b' at line 3 has no sequence"),
]
FAULT_5 = [
    (">a\nAC\n>b\nAC\n>a x\nGT\n", "the id 'a' occurs twice, at line 1 and line 5; ids must be unique"),
]
OTHERS = [
    (b">a\xe9 x\nACGT\n", "line 1: the header is not UTF-8; save the file as UTF-8"),
    (b">a x\0\nACGT\n", "line 1: the header of 'a' holds a NUL character; remove it"),
]
REFUSED = {1: FAULT_1, 2: FAULT_2, 4: FAULT_4, 5: FAULT_5, 0: OTHERS}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(*case, id=f"fault {fault}, {number}" if fault else f"{number}")
        for fault, cases in REFUSED.items()
        for number, case in enumerate(cases, 1)
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
        (">a\nAC\xa0GT\n", "record 'a', line 2, column 3: '\\xa0' is no nucleotide code", 2),
        (">a\nAC\x0cGT\n", "record 'a', line 2, column 3: '\\x0c' is no nucleotide code", 2),
        (">a\nACGT АC\n", "record 'a', line 2, column 6: '\\u0410' is no nucleotide code", 2),
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
def test_fault_6_and_8_other_characters_are_refused(fasta, content, message, line):
    path = fasta(content)
    with pytest.raises(AlphabetError, match=re.escape(message)) as caught:
        sgt_dna.embed(path)
    assert (caught.value.file, caught.value.record, caught.value.line) == (str(path), "a", line)


def test_text_file_in_another_encoding_is_refused(fasta):
    path = fasta(b">a \xe9\nACGT\n")
    with path.open(encoding="utf-8") as handle, pytest.raises(FastaError, match="'utf-8' codec can't decode"):
        sgt_dna.embed(handle)


def test_missing_file_is_named(tmp_path):
    path = tmp_path / "absent.fasta"
    with pytest.raises(FastaError, match=re.escape(f"{path}: cannot be read: No such file")):
        sgt_dna.embed(path)
    with pytest.raises(
        FastaError, match=re.escape(f"{tmp_path}: cannot be read: Is a directory; name the file in it")
    ):
        sgt_dna.embed(tmp_path)


@pytest.mark.parametrize("name", ["序列.fasta", "a\0b", "x" * 300])
def test_odd_names_of_files_are_no_accident(tmp_path, name):
    with pytest.raises(FastaError, match="cannot be read"):
        list(read_fasta(str(tmp_path / name)))
    with pytest.raises(FastaError, match="cannot be read"):
        list(read_fasta(name))


def test_sequence_given_as_path_gets_a_hint():
    with pytest.raises(FastaError, match="to embed a sequence itself, give a list"):
        sgt_dna.embed("ACGTTGCA")


def test_a_stray_x_does_not_look_like_protein():
    with pytest.raises(AlphabetError, match="'X' is no nucleotide code; allowed are A C G T"):
        sgt_dna.embed(["ACGTACX"])
