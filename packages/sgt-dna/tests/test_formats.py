"""What Biopython reads: by name, by content, and what is said when it cannot."""

import bz2
import gzip
import io
import random
import re
import struct
import warnings

import pytest
import sgt_dna
from Bio import SeqIO
from Bio.Seq import Seq
from Bio.SeqRecord import SeqRecord
from sgt_dna import AlphabetError, FastaError, Limits, ParameterError, read_records
from sgt_dna.formats import format_mode
from sgt_dna.sources import check_records

SEQUENCES = {"MK000001": "ACGTTGCAACGTTGCANNRY", "MK000002": "TTGACCAGTTGACCAGTTGA"}
TEXT = [
    "clustal", "embl", "fasta-2line", "fastq", "fastq-illumina", "gb", "genbank", "imgt", "maf", "nexus",
    "phylip", "phylip-relaxed", "pir", "stockholm", "tab",
]  # fmt: skip
BINARY = ["seqxml", "xdna"]


def written(name):
    """A file in that format, as bytes."""
    records = [
        SeqRecord(
            Seq(sequence),
            id_,
            id_,
            "Candeina nitida",
            annotations={"molecule_type": "DNA"},
            letter_annotations={"phred_quality": [40] * len(sequence)},
        )
        for id_, sequence in SEQUENCES.items()
    ]
    handle = io.BytesIO() if name in BINARY else io.StringIO()
    SeqIO.write(records[:1] if name == "xdna" else records, handle, name)
    value = handle.getvalue()
    return value if isinstance(value, bytes) else value.encode()


GENBANK = written("genbank")


@pytest.mark.parametrize("name", TEXT)
def test_text_formats(name, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(written(name)))
    found = list(read_records(path, format=name))
    assert {record.id.removesuffix(".1"): record.sequence for record in found} == SEQUENCES
    assert all(record.description.startswith(record.id) for record in found)
    for source in (io.BytesIO(written(name)), io.StringIO(written(name).decode())):
        assert list(read_records(source, format=name)) == found


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("compress", [bytes, bz2.compress])
def test_binary_formats(name, compress):
    found = list(read_records(io.BytesIO(compress(written(name))), format=name))
    assert {record.id: record.sequence for record in found}.items() <= SEQUENCES.items()
    assert len(found) == (1 if name == "xdna" else 2)


def snapgene(*packets):
    parts = [(9, b"SnapGene" + struct.pack(">HHH", 1, 14, 14)), (0, b"\0ACGTTGCA"), *packets]
    return io.BytesIO(b"".join(struct.pack(">BI", kind, len(content)) + content for kind, content in parts))


def test_snapgene():
    notes = (6, b"<Notes><AccessionNumber>pMK1</AccessionNumber></Notes>")
    (found,) = read_records(snapgene(notes), format="snapgene")
    assert (found.id, found.sequence) == ("pMK1", "ACGTTGCA")


def test_a_file_that_names_no_record_numbers_them():
    assert list(read_records(snapgene(), format="snapgene")) == [sgt_dna.Record("1", "1", "ACGTTGCA")]


def test_descriptions_begin_with_the_id_as_headers_do():
    (first, _) = read_records(io.BytesIO(GENBANK))
    assert first == sgt_dna.Record("MK000001", "MK000001 Candeina nitida", SEQUENCES["MK000001"], None)


@pytest.mark.parametrize("name", ["genbank", "embl"])
@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n \n"])
def test_genbank_and_embl_are_known_by_content(name, before):
    found = list(read_records(io.BytesIO(gzip.compress(before + written(name)))))
    assert [record.sequence for record in found] == list(SEQUENCES.values())
    assert sgt_dna.embed(io.BytesIO(written(name))).ids == tuple(record.id for record in found)


def test_format_fasta_is_the_strict_reader(fasta):
    assert [record.line for record in read_records(fasta(">a\nAC\n"), format="fasta")] == [1]
    with pytest.raises(FastaError, match="expected '>' at line 1, found 'LOCUS"):
        next(read_records(io.BytesIO(GENBANK), format="fasta"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "genebank",
            "format must be a name that Biopython's SeqIO knows, not 'genebank'; near names are 'genbank'",
        ),
        ("FASTQ", "not 'FASTQ'; near names are 'fastq'"),
        ("", "not ''; 'genbank', 'embl', 'fastq' are some"),
        (7, "not 7; 'genbank', 'embl', 'fastq' are some"),
    ],
)
def test_unknown_formats_are_refused_at_once(five, name, message):
    for call in (read_records, check_records):
        with pytest.raises(ParameterError, match=re.escape(message)):
            call(five, format=name)


def test_a_format_is_for_files():
    with pytest.raises(ParameterError, match="format='genbank' is for files; leave it out"):
        read_records(["ACGT"], format="genbank")


def test_every_format_of_biopython_has_a_mode():
    from Bio.SeqIO import _FormatToIterator

    assert {*TEXT, *BINARY, "snapgene"} <= set(_FormatToIterator)
    for name, parser in _FormatToIterator.items():
        assert format_mode(name) == getattr(parser, "modes", format_mode(name))


@pytest.mark.parametrize("format_", [None, "genbank"])
def test_a_record_without_sequence_is_named(tmp_path, format_):
    lines = GENBANK.decode().splitlines(keepends=True)
    start, end = lines.index("ORIGIN\n"), lines.index("//\n")
    path = tmp_path / "contig.gb"
    path.write_text("".join([*lines[:start], "CONTIG      join(MK000009.1:1..20)\n", *lines[end:]]))
    first, second = check_records(path, format=format_)
    assert "record 'MK000001' at record 1 has no sequence, though it may have a length" in str(first)
    assert (type(first), first.file, first.record) == (FastaError, str(path), "MK000001")
    assert second.sequence == SEQUENCES["MK000002"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("genbank", b"LOCUS       x\n", "record 1 cannot be read as 'genbank': "),
        ("genbank", b">a\nAC\n", "no records: the file is empty, or not in the format 'genbank'"),
        ("fastq", b"@a\nACGT\n+\nII\n", "record 1 cannot be read as 'fastq': Lengths of sequence and quality"),
        ("fastq", b"@a\nAC\n+\nI\x1b\n", "Invalid character (\\x1b) or (0x1b)"),
        ("fastq", b">a\nACGT\n", "record 1 cannot be read as 'fastq': "),
        ("clustal", b"hello\n", "record 1 cannot be read as 'clustal': "),
        ("snapgene", b"hello", "record 1 cannot be read as 'snapgene': "),
        ("seqxml", b"<a", "record 1 cannot be read as 'seqxml': "),
        ("tab", b"a\tACGT\na\tACGT\n", "the id 'a' occurs twice, at record 1 and record 2"),
        ("tab", b"a\t\n", "record 'a' at record 1 has no sequence; add it"),
        ("tab", b"a\xe9\tACGT\n", "record 1: the header is not UTF-8"),
        ("tab", "a\tACGT\n".encode("utf-16"), "the file is UTF-16 or binary"),
        ("fastq", b"", "no records"),
        ("clustal", b"CLUSTAL W (1.81) multiple sequence alignment\n\n", "damaged or cut short (the file ends"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path, name, content, message):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FastaError, match=re.escape(message)) as caught:
        list(read_records(path, format=name))
    assert caught.value.file == str(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert (caught.value.__cause__ is not None) == (
        "cannot be read as" in message or "0x1b" in message or "cut short" in message
    )


def test_protein_is_refused_with_the_position():
    with pytest.raises(AlphabetError, match="record 'p', position 4: 'L' is no nucleotide code; .* protein"):
        list(read_records(io.StringIO("p\tMKVLEW\n"), format="tab"))


@pytest.mark.parametrize("name", ["tab", "xdna"])
def test_truncated_archive_is_named_as_such(name):
    text = "".join(random.Random(1).choices("ACGT", k=400_000))  # more than is read ahead
    content = f"a\t{text}\n".encode() if name == "tab" else written(name) + text.encode()
    with pytest.raises(FastaError, match=re.escape("damaged or cut short (")):
        list(read_records(io.BytesIO(gzip.compress(content)[:-9]), format=name))


@pytest.mark.parametrize("name", TEXT + BINARY)
def test_spoilt_files_raise_no_error_but_ours(name):
    rng = random.Random(name)
    for _ in range(60):
        data = bytearray(written(name))
        for _ in range(rng.randint(1, 4)):
            start = rng.randrange(len(data))
            data[start : start + rng.choice([0, 1, 1, 5, 40])] = rng.randbytes(rng.choice([0, 1, 1, 3]))
        found = list(check_records(io.BytesIO(data), format=name, limits=Limits(max_bytes=10_000)))
        assert all(isinstance(item, sgt_dna.Record | sgt_dna.SgtError) for item in found)
        assert found


def test_limits_hold():
    with pytest.raises(FastaError, match="record 'MK000001' at record 1 is longer than 19 bases"):
        list(read_records(io.BytesIO(GENBANK), limits=Limits(max_length=19)))
    with pytest.raises(FastaError, match="there are more than 1 records"):
        list(read_records(io.BytesIO(GENBANK), limits=Limits(max_records=1)))
    for name in ("genbank", "seqxml"):
        with pytest.raises(FastaError, match="there are more than 100 bytes of text"):
            list(read_records(io.BytesIO(written(name)), format=name, limits=Limits(max_bytes=100)))


@pytest.fixture
def wrong_length():
    return io.BytesIO(GENBANK.replace(b"20 bp", b"21 bp", 1))


def test_warnings_of_biopython_are_warnings(wrong_length):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert len(list(read_records(wrong_length))) == 2
    assert "Expected sequence length 21, found 20" in str(caught[0].message)


def test_warnings_that_are_errors_become_ours(wrong_length):
    with pytest.raises(FastaError, match="record 1 cannot be read as 'genbank': Expected sequence length 21"):
        list(read_records(wrong_length))
