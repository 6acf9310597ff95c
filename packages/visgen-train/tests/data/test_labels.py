"""Species of sequences: from their headers or from a table, refused by line where it is not clear."""

import csv
import os
import re
import sys
import threading

import pytest
import sgt_dna
from visgen_train.data import image_table, labels, manifest, metadata, sequences, split_files, synonyms
from visgen_train.data.labels import read_table
from visgen_train.data.manifest import Item
from visgen_train.data.matching import match
from visgen_train.errors import DataError


def records(path):
    return list(sgt_dna.read_fasta(path))


def test_headers_without_species_are_refused_with_line_and_way_out(tmp_path):
    fasta = tmp_path / "s.fasta"
    fasta.write_text(">A1 Aus albus\nACGT\n>A2\nACGT\n>A3\nAC\n")
    with pytest.raises(DataError, match=r"s\.fasta, line 3: .*'A2' names no species \(2 of 3.*--labels"):
        labels.sequence_labels(records(fasta), fasta)


def test_headers_that_may_name_two_species_are_refused(tmp_path):
    fasta = tmp_path / "s.fasta"
    fasta.write_text(">A1 Aus albus\nACGT\n>A2|Aus albus|Homo sapiens\nACGT\n")
    with pytest.raises(
        DataError, match=r"line 3: .* may name 'Aus albus' or 'Homo sapiens' \(1 of 2.*--labels"
    ):
        labels.sequence_labels(records(fasta), fasta)


def test_records_without_a_line_are_named_by_their_id():
    nameless = [sgt_dna.Record("A1", "A1 Aus albus", "AC"), sgt_dna.Record("A2", "A2", "AC")]
    with pytest.raises(DataError, match=r"s\.gb, record A2: the header 'A2' names no species \(1 of 2"):
        labels.sequence_labels(nameless, "s.gb")


def test_labels_table_names_the_records(tmp_path):
    fasta, table = tmp_path / "s.fasta", tmp_path / "labels.csv"
    fasta.write_text(">A1\nACGT\n>A2\nACGT\n")
    table.write_text("\ufeffid,species,class\nA1,Aus_albus,1\nA2, Bus  ruber,2\nA9,Bus ruber,2\n")
    assert labels.sequence_labels(records(fasta), fasta, table) == {"A1": "Aus albus", "A2": "Bus ruber"}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("id,species\nA1,Aus albus\n", "no species for A2 of .*Add rows"),
        ("id,name\nA1,Aus albus\n", "no column 'species'; the columns are id, name"),
        ("id,species\nA1,\nA2,Aus albus\n", "row 2 .A1. has an empty species"),
        (
            "id,species\nA1,Aus albus\nA1,Bus ruber\n",
            "row 3 calls A1 'Bus ruber', an earlier row 'Aus albus'",
        ),
        ("id,species\nA1\n", "row 2 does not have 2 cells"),
        ("id,species\nA1,Aus albus,7\n", "row 2 does not have 2 cells"),
    ],
)
def test_bad_label_tables(tmp_path, table, message):
    (tmp_path / "s.fasta").write_text(">A1\nACGT\n>A2\nACGT\n")
    (tmp_path / "labels.csv").write_text(table)
    with pytest.raises(DataError, match=message):
        labels.sequence_labels(records(tmp_path / "s.fasta"), tmp_path / "s.fasta", tmp_path / "labels.csv")


def test_tables_from_a_spreadsheet_may_have_empty_columns_and_rows(tmp_path):
    (tmp_path / "t.csv").write_text("file,split,,\na.png,train,,\n,,,\nb.png,test,,\n")
    assert labels.read_table(tmp_path / "t.csv", ["file"]) == [
        {"file": "a.png", "split": "train"},
        {"file": "b.png", "split": "test"},
    ]


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv: cannot be read"):
        labels.read_table(tmp_path / "none.csv", [])


def test_real_headers_name_the_species_of_the_table(shared_data):
    folder = shared_data / "foram-18s"
    fasta = folder / "sequences.fasta"
    from_headers = labels.sequence_labels(records(fasta), fasta)
    assert from_headers == labels.sequence_labels(records(fasta), fasta, folder / "labels.csv")
    assert (len(from_headers), len(set(from_headers.values()))) == (804, 32)


@pytest.mark.parametrize(("name", "species"), [("mosquito-pair", 3), ("foram-pair", 4)])
def test_real_folders_and_headers_match(shared_data, name, species):
    items = manifest.scan(shared_data / name / "images")
    sequences = labels.sequence_labels(records(shared_data / name / "sequences.fasta"), shared_data)
    found = match((item.species for item in items), sequences.values())
    assert found.complete
    assert len(found.species) == species


def test_a_column_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("file,split,split\na.png,train,test\n")
    with pytest.raises(DataError, match=r"the column 'split' stands there twice\. Leave one of them out"):
        read_table(path, ["file"])


LONG = "a/" * 3000 + "x.png"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,species\n\n\na.png,Aus albus\n\nb.png\n", "row 6 does not have 2 cells"),
        ("\n\nfile,species\nb.png\n", "row 4 does not have 2 cells"),
        ('file,species\n"a\nb\nc",Aus albus\n,,\nb.png\n', "row 6 does not have 2 cells"),
        ("file,species\r\n\r\n \t,\r\nb.png\r\n", "row 4 does not have 2 cells"),
        ("file,species\ra.png,Aus albus\rb.png\r", "row 3 does not have 2 cells"),
        ("file,species\n\na\0.png,Aus albus\n", r"t\.csv: row 3 holds a NUL character\. Save"),
    ],
)
def test_rows_are_numbered_by_the_lines_of_the_file(tmp_path, text, message):
    (tmp_path / "t.csv").write_bytes(text.encode())
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / "t.csv", ["file"])


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (image_table.read_image_table, "file,species\n\n,,\na.png,\n", "row 4 has an empty 'species'"),
        (image_table.read_image_table, f"file,species\n\n{LONG},Aus albus\n", "1 of 1 files are not there.*row 3"),
        (synonyms.load, "synonym,accepted\n\nAus albus,\n", "row 3: an empty cell"),
        (
            lambda table: metadata.with_metadata([], table.parent, table),
            "file\n\na.png\n\n\na.png\n",
            "rows 3 and 6 are of one file, 'a.png'",
        ),
        (
            lambda table: split_files.with_split([], [], table),
            "file,split\n\na.png,test\n\na.png,test\n",
            "row 5 repeats the file 'a.png'",
        ),
        (
            sequences.read_sequences,
            "id,sequence,species\n\nA1,AC,Aus albus\n\nA1,AC,Aus albus\n",
            "row 5: 'id' is 'A1', as in row 3",
        ),
        (
            lambda table: labels.sequence_labels([], "s", table),
            "id,species\n\nA1,Aus albus\n\nA1,Bus ruber\n",
            "row 5 calls A1 'Bus ruber'",
        ),
        (
            lambda table: metadata.with_metadata([Item("a.png", "Aus albus")], table.parent, table, "group"),
            "file,group\n\n\na.png,\n",
            "row 4, 'a.png' has an empty 'group'",
        ),
    ],
)  # fmt: skip
def test_every_table_tells_the_lines_of_its_file(tmp_path, read, text, message):
    (tmp_path / "t.csv").write_text(text)
    try:
        told = read(tmp_path / "t.csv")
    except DataError as error:
        told = str(error)
    assert re.search(message, told)


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
def test_a_table_may_come_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    writer = threading.Thread(target=lambda: (tmp_path / "t.csv").write_text("id;species\nA1;Aus albus\n"))
    writer.start()
    assert read_table(tmp_path / "t.csv", ["id"]) == [{"id": "A1", "species": "Aus albus"}]
    writer.join()


def test_a_genome_may_stand_in_a_cell(tmp_path):
    (tmp_path / "t.csv").write_text(f"id,sequence\nA1,{'ACGT' * 50_000}\n")
    before = csv.field_size_limit()
    assert len(read_table(tmp_path / "t.csv", [])[0]["sequence"]) == 200_000
    assert csv.field_size_limit() == before
