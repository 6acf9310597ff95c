"""Any source of sequences: files, file objects, mappings, series, pairs, records, plain sequences."""

import gzip
import io
import math
import os
import re

import numpy as np
import pandas as pd
import pytest
import sgt_dna
from Bio import SeqIO
from Bio.Seq import MutableSeq, Seq
from Bio.SeqRecord import SeqRecord
from sgt_dna import AlphabetError, FastaError, Record, SgtError, read_fasta, read_records
from sgt_dna.sources import check_records

PAIRS = [("a", "ACGTTGCA"), ("b", "TTGACCAN")]
TEXT = "".join(f">{id_}\n{sequence}\n" for id_, sequence in PAIRS)
EXPECTED = [Record(id_, id_, sequence) for id_, sequence in PAIRS]

SOURCES = {
    "pairs": PAIRS,
    "lists": [list(pair) for pair in PAIRS],
    "iterator": lambda: iter(PAIRS),
    "mapping": dict(PAIRS),
    "series": pd.Series(dict(PAIRS)),
    "series of objects": pd.Series(dict(PAIRS), dtype=object, name="sequence"),
    "items of a series": lambda: pd.Series(dict(PAIRS)).items(),
    "records": EXPECTED,
    "reader": lambda: read_fasta(io.StringIO(TEXT)),
    "seqrecords": [SeqRecord(Seq(sequence), id_) for id_, sequence in PAIRS],
    "mapping to Seq": {id_: Seq(sequence) for id_, sequence in PAIRS},
    "mapping to SeqRecord.seq": [(id_, SeqRecord(MutableSeq(sequence)).seq) for id_, sequence in PAIRS],
    "text": lambda: io.StringIO(TEXT),
    "text with CRLF": lambda: io.StringIO(TEXT.replace("\n", "\r\n"), newline=""),
    "binary": lambda: io.BytesIO(TEXT.encode()),
    "gzip": lambda: io.BytesIO(gzip.compress(TEXT.encode())),
    "opened gzip": lambda: gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(TEXT.encode()))),
}


@pytest.mark.parametrize("name", SOURCES)
def test_sources_agree(name):
    source = SOURCES[name]
    make = source if callable(source) else lambda: source
    assert [record._replace(line=None) for record in read_records(make())] == EXPECTED
    assert list(check_records(make())) == list(read_records(make()))
    emb = sgt_dna.embed(make())
    assert emb.ids == emb.descriptions == ("a", "b")
    assert emb.vectors.tobytes() == sgt_dna.embed([sequence for _, sequence in PAIRS]).vectors.tobytes()


@pytest.mark.parametrize("as_path", [str, lambda path: path])
def test_paths(fasta, as_path):
    assert list(read_records(as_path(fasta(TEXT)))) == list(read_fasta(fasta(TEXT)))


@pytest.mark.parametrize(
    "source",
    [
        ["ACGT", "TTGA"],
        [Seq("ACGT"), Seq("TTGA")],
        np.array(["ACGT", "TTGA"]),
        pd.Series(["ACGT", "TTGA"], index=[1, 2]),
        {1: "ACGT", np.int64(2): "TTGA"},
        [SeqRecord(Seq("ACGT")), SeqRecord(Seq("TTGA"))],
        (sequence for sequence in ("ACGT", "TTGA")),
    ],
    ids=["strings", "Seqs", "array", "series", "integer ids", "SeqRecords without id", "generator"],
)
def test_without_names_the_ids_are_numbers(source):
    assert list(read_records(source)) == [Record("1", "1", "ACGT"), Record("2", "2", "TTGA")]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("<unknown description>", "MK1"),
        ("", "MK1"),
        ("Candeina nitida", "MK1 Candeina nitida"),
        ("MK1 Candeina nitida", "MK1 Candeina nitida"),
        ("MK12 Candeina", "MK1 MK12 Candeina"),
    ],
)
def test_descriptions_of_seqrecords_begin_with_the_id(description, expected):
    source = SeqRecord(Seq("ACGT"), id="MK1", description=description)
    assert list(read_records([source])) == [Record("MK1", expected, "ACGT")]


def test_one_record_is_a_source():
    """Its fields, or its letters, must not be taken for sequences."""
    assert list(read_records(Record("a", "a", "ACGT", 7))) == [Record("a", "a", "ACGT", 7)]
    assert list(read_records(SeqRecord(Seq("ACGT"), "a"))) == [Record("a", "a", "ACGT")]


def test_records_of_a_file_can_be_filtered_on_the_way(five):
    chosen = [record for record in read_fasta(five) if "glutinata" in record.description]
    emb = sgt_dna.embed(chosen)
    assert emb.descriptions == tuple(record.description for record in chosen)
    assert 0 < len(emb) < 5


MISSING = [None, math.nan, np.float32("nan"), pd.NA, pd.NaT]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing_values_name_their_entry(value):
    series = pd.Series(["ACGT", value], index=["a", "b"], dtype=object)
    for source in (series, {"a": "ACGT", "b": value}, [("a", "ACGT"), ["b", value]]):
        with pytest.raises(
            FastaError, match=re.escape(f"record 'b' at entry 2 has no sequence ({value})")
        ) as caught:
            list(read_records(source))
        assert caught.value.record == "b"
    with pytest.raises(FastaError, match=re.escape(f"record '1' at entry 1 has no sequence ({value})")):
        list(read_records([value]))
    with pytest.raises(FastaError, match=re.escape(f"entry 1: the id is missing ({value})")):
        list(read_records([(value, "ACGT")]))


@pytest.mark.parametrize("source", [SeqRecord(None, "x"), SeqRecord(Seq(None, 9), "x"), ("x", Seq(None, 9))])
def test_records_of_biopython_without_sequence_are_named(source):
    with pytest.raises(
        FastaError, match="record 'x' at entry 1 has no sequence, though it may have a length"
    ):
        list(read_records([source]))


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ([], FastaError, "no records: the source holds no sequences"),
        ({}, FastaError, "no records: the source holds no sequences"),
        ([""], FastaError, "record '1' at entry 1 has no sequence"),
        ([("", "ACGT")], FastaError, "entry 1: the id is empty"),
        ([(" \t", "ACGT")], FastaError, "entry 1: the id is empty"),
        ([("a", "ACGT"), ("a", "AC")], FastaError, "the id 'a' occurs twice, at entry 1 and entry 2"),
        ([("1", "ACGT"), (1, "AC")], FastaError, "the id '1' occurs twice, at entry 1 and entry 2"),
        ([("a\0", "ACGT")], FastaError, "entry 1: the header of 'a\\x00' holds a NUL character; remove it"),
        ([Record("a", "a \0", "ACGT")], FastaError, "entry 1: the header of 'a' holds a NUL character"),
        ([("a\ud800", "ACGT")], FastaError, "entry 1: the header is not UTF-8"),
        ([Record("a", "a \udcff", "ACGT")], FastaError, "entry 1: the header is not UTF-8"),
        (["ACGT", "AC5T"], AlphabetError, "record '2', position 3: '5' is no nucleotide code; allowed are"),
        (["AC GT"], AlphabetError, "record '1', position 3: ' ' is no nucleotide code"),
        (["AC\u0410T"], AlphabetError, "record '1', position 3: '\\u0410' is no nucleotide code"),
        (
            {"p": "MKVLEW"},
            AlphabetError,
            "record 'p', position 4: 'L' is no nucleotide code; the sequence looks",
        ),
        (
            [b"ACGT"],
            TypeError,
            "entry 1 must be a sequence or an (id, sequence) pair of strings, not b'ACGT'",
        ),
        ([("a", 7)], TypeError, "entry 1 must be"),
        ([("a", "ACGT", "x")], TypeError, "entry 1 must be"),
        ([(("a", "b"), "ACGT")], TypeError, "entry 1 must be"),
        ([(1.5, "ACGT")], TypeError, "entry 1 must be"),
        ([Record("a", "a", Seq("ACGT"))], TypeError, "entry 1 must be"),
        (7, TypeError, "source must be a path, a file object or sequences, not int"),
        (b"ACGT", TypeError, "source must be a path, a file object or sequences, not bytes"),
        (Seq("ACGT"), TypeError, "not Seq; to embed a sequence itself, give a list"),
        (
            pd.DataFrame({"id": ["a"], "sequence": ["ACGT"]}),
            TypeError,
            "source must not be a table; pass one of its columns, with the ids as its index: "
            "table.set_index('id')['sequence']",
        ),
    ],
)
def test_bad_sequences_are_refused(source, error, message):
    for call in (lambda source: list(read_records(source)), sgt_dna.embed):
        with pytest.raises(error, match=re.escape(message)):
            call(source)


def test_check_records_goes_on_after_a_bad_record(fasta):
    content = ">a\nACGT\n>\nAC\n>b\n\n>a\nTT\n>c\nAC5T\nAC\n>d x\0\nAC\n>e\nAC\n"
    path = fasta(content)
    found = list(check_records(path))
    assert [
        item.id if isinstance(item, Record) else (type(item), item.record, item.line) for item in found
    ] == [
        "a",
        (FastaError, "", 3),
        (FastaError, "b", 5),
        (FastaError, "a", 7),
        (AlphabetError, "c", 10),
        (FastaError, "d", 12),
        "e",
    ]
    assert all(item.file == str(path) for item in found if isinstance(item, SgtError))
    with pytest.raises(FastaError, match=re.escape(f"{path}: line 3: the id is empty")):
        list(read_records(path))


def test_check_records_goes_on_in_memory_and_ends_with_what_ends_the_source(fasta):
    kinds = [type(item) for item in check_records({"a": "ACGT", "b": None, "c": "AC5", "d": "", "e": "AC"})]
    assert kinds == [Record, FastaError, AlphabetError, FastaError, Record]
    cut = fasta(gzip.compress(TEXT.encode())[:-4])
    *_, last = check_records(cut)
    assert isinstance(last, FastaError)
    assert "damaged or cut short" in str(last)
    (missing,) = check_records(cut.with_name("absent.fasta"))
    assert "cannot be read: No such file" in str(missing)


def test_an_error_of_the_reader_that_is_the_source_keeps_its_place(fasta):
    path = fasta(">a\nAC\n>b\nAC5\n")
    with pytest.raises(AlphabetError, match="record 'b', line 4, column 3") as caught:
        sgt_dna.embed(read_fasta(path))
    assert caught.value.file == str(path)


def test_a_series_with_a_name_is_no_file():
    with pytest.raises(FastaError) as caught:
        sgt_dna.embed(pd.Series({"a": ""}, name="sequence"))
    assert caught.value.file is None


def test_file_objects_are_read_from_where_they_stand_and_stay_open():
    opened = io.BytesIO(b"junk" + TEXT.encode())
    opened.seek(4)
    assert len(list(read_records(opened))) == 2
    assert not opened.closed


def test_a_mapping_to_records_has_their_sequences_under_its_ids():
    parsed = [
        SeqRecord(Seq("ACGT"), "a", description="a first"),
        SeqRecord(Seq("TTGA"), "b", description="b"),
    ]
    assert list(read_records(SeqIO.to_dict(parsed))) == [
        Record("a", "a first", "ACGT"),
        Record("b", "b", "TTGA"),
    ]
    renamed = {"x": parsed[0], "y": Record("c", "c third", "GGAA", 7)}
    assert list(read_records(renamed)) == [
        Record("x", "x a first", "ACGT"),
        Record("y", "y c third", "GGAA", 7),
    ]


@pytest.mark.parametrize("start", [b"", b">a\nAC"])
def test_a_stream_that_has_nothing_yet_has_not_ended(start):
    read, write = os.pipe()
    os.set_blocking(read, False)
    with os.fdopen(read, "rb", 0) as stream, os.fdopen(write, "wb", 0) as other:
        other.write(start)
        with pytest.raises(
            FastaError, match="the stream does not block, and has nothing to read yet; make it"
        ):
            sgt_dna.embed(stream)
