"""Sequences with their species, from tables, GenBank and memory."""

import logging

import pytest
import sgt_dna
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.errors import DataError

GENBANK = """LOCUS       MK1                        8 bp    DNA     linear   INV 01-JAN-2020
DEFINITION  Small subunit ribosomal RNA gene of a foraminifer.
ACCESSION   MK1
VERSION     MK1.1
SOURCE      a foraminifer
  ORGANISM  {organism}
            Eukaryota; Sar; Rhizaria.
FEATURES             Location/Qualifiers
     source          1..8
                     /organism="{organism}"
ORIGIN
        1 acgtacgt
//
"""


def written(tmp_path, text, name="s.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path / name


def test_a_table_with_the_usual_columns(tmp_path):
    text = (
        "\ufeffAccession number;Full Sequence;Genus;species\nA1;ac gt;Aus ;albus\nA2;AC-NRY;Bus\u00a0;ruber\n"
    )
    records, species = read_sequences(written(tmp_path, text.replace("Full Sequence", "FullSequence")))
    assert [(record.id, record.sequence) for record in records] == [("A1", "acgt"), ("A2", "AC-NRY")]
    assert species == {"A1": "Aus albus", "A2": "Bus ruber"}


def test_a_tsv_as_bold_writes_it_without_the_rows_that_lack_something(tmp_path, caplog):
    text = "processid\tgenus\tspecies\tnuc\nP1\tAus\tAus albus\tACGT\nP2\tAus\t\tACGT\nP3\tBus\tBus ruber\tNone\n"
    with caplog.at_level(logging.WARNING):
        records, species = read_sequences(written(tmp_path, text, "b.tsv"))
    assert ([record.id for record in records], species) == (["P1"], {"P1": "Aus albus"})
    assert "b.tsv: 1 of 3 rows have no sequence and are left out: 4" in caplog.text
    assert "b.tsv: 1 of 3 rows have no species and are left out: 3" in caplog.text


def test_columns_are_named_where_the_usual_names_do_not_tell(tmp_path):
    table = written(tmp_path, "ID,accession,seq 18S,Gattung,Art\nA1,X1,ACGT,Aus,albus\n")
    with pytest.raises(DataError, match=r"'ID' and 'accession' may both be the id\. Name one by --id-column"):
        read_sequences(table)
    with pytest.raises(
        DataError, match="no column is called sequence or the like.*--sequence-column.*'seq 18S'"
    ):
        read_sequences(table, columns=Columns(id="id"))
    with pytest.raises(DataError, match=r"no column 'Genus'\. Name one by --species-column"):
        read_sequences(table, columns=Columns("id", "seq_18s", "Genus,Art"))
    _, species = read_sequences(table, columns=Columns("accession", "seq_18s", "Gattung, Art"))
    assert species == {"X1": "Aus albus"}


def test_a_table_of_labels_takes_the_place_of_the_species(tmp_path):
    table = written(tmp_path, "id,sequence\nA1,ACGT\n")
    assert read_sequences(table, {"A1": "Aus_albus"})[1] == {"A1": "Aus albus"}
    with pytest.raises(DataError, match="no column is called species"):
        read_sequences(table)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("A1,ACGT,Aus albus\nA1,ACGG,Bus ruber\n", r"s\.csv, row 3: 'id' is 'A1', as in row 2.*--id-column"),
        ("A1,ACGT,Aus albus\n,ACGG,Bus ruber\n", r"s\.csv, row 3: 'id' is empty"),
        (
            "A1,ACGT,Aus albus\nA2,AC5T,Bus ruber\n",
            r"s\.csv, row 3: record 'A2', position 3: '5' is no nucleotide",
        ),
        ("A1,,Aus albus\nA2,ACGT,\n", "none of its 2 rows has a sequence and a species"),
        ("", "there are no rows below the header line"),
    ],
)
def test_bad_tables_name_the_row(tmp_path, rows, message):
    with pytest.raises(DataError, match=message):
        read_sequences(written(tmp_path, "id,sequence,species\n" + rows))


def test_columns_are_for_tables(tmp_path):
    fasta = written(tmp_path, ">A1 Aus albus\nACGT\n", "s.fasta")
    with pytest.raises(DataError, match="--id-column is for tables"):
        read_sequences(fasta, columns=Columns(id="id"))
    assert read_sequences(fasta, columns=Columns())[1] == {"A1": "Aus albus"}


@pytest.mark.parametrize(
    ("organism", "species"),
    [
        ("Candeina nitida", "Candeina nitida"),
        ("Candeina nitida (a foraminifer)", "Candeina nitida"),
        ("Candeina sp. AB-7", "Candeina sp. AB-7"),
    ],
)
def test_genbank_names_the_species_by_its_organism(tmp_path, organism, species):
    _, found = read_sequences(written(tmp_path, GENBANK.format(organism=organism), "s.gb"))
    assert found == {"MK1.1": species}


def test_an_organism_that_is_no_species_is_named(tmp_path):
    genbank = written(tmp_path, GENBANK.format(organism="uncultured eukaryote"), "s.gb")
    with pytest.raises(
        DataError, match=r"record MK1\.1: the organism 'uncultured eukaryote' names no species"
    ):
        read_sequences(genbank)


def test_sequences_in_memory():
    _, species = read_sequences({"A1": "ACGT"}, {"A1": "Aus albus"})
    assert species == {"A1": "Aus albus"}
    records, _ = read_sequences([sgt_dna.Record("A1", "A1 Aus albus", "ACGT")])
    assert records[0].organism is None


def test_the_raw_table_of_the_foraminifera(shared_data, caplog):
    folder = shared_data / "foram-18s"
    with caplog.at_level(logging.WARNING):
        records, species = read_sequences(folder / "raw_878.csv")
    assert (len(records), len(set(species.values())), caplog.text) == (878, 39, "")
    assert {"Gallitellia vivans", "Neogloboquadrina dutertrei", "Globigerinoides ruber-albus"} <= set(
        species.values()
    )
    _, cleaned = read_sequences(folder / "sequences.fasta")
    renamed = {"Globigerinoides ruber-albus", "Globigerinoides ruber-ruber"}
    assert all(species[key] == name or species[key] in renamed for key, name in cleaned.items())
