"""`visgen predict --barcodes`: sequences of the run, parts of them, moved files, and strangers."""

import json
import shutil

import numpy as np
import pytest
from sgt_dna import read_records
from visgen_train.data.sequences import read_sequences
from visgen_train.errors import DataError
from visgen_train.experiment.relatives import Sequences
from visgen_train.prediction.barcodes import name_sequences


@pytest.fixture
def asked(made, tmp_path):
    """A sequence of a species with pictures, a part of it turned, one of a species without, and none."""
    records = list(read_records(made.sequences))
    own, unseen = records[0].sequence, records[-1].sequence
    turned = own[100:200].translate(str.maketrans("ACGT", "TGCA"))[::-1]
    other = "".join(np.random.default_rng(9).choice(list("ACGT"), 300))
    path = tmp_path / "asked.fasta"
    path.write_text(f">own\n{own}\n>part\n{turned}\n>unseen\n{unseen}\n>other\n{other}\n")
    return path


def test_sequences_are_named_by_those_of_the_run(made, asked):
    own, part, unseen, other = name_sequences(made.run, asked)
    assert (own.verdict, own.candidates[0]) == ("species", ("Aus albus", 0.0))
    assert (part.verdict, part.candidates[0], part.turned) == ("species", ("Aus albus", 0.0), True)
    assert (unseen.candidates[0][0], unseen.pictured) == ("Bus caeruleus", False)
    assert own.pictured
    assert "without pictures" in unseen.text
    assert other.verdict == "none"
    assert "no near relative" in other.text


def test_a_species_with_pictures_should_look_like_them(made, asked):
    own, part, _, other = name_sequences(made.run, asked)
    assert own.looks_like[0] == part.looks_like[0] == "Aus albus"
    assert all(file.startswith("Aus_albus/") for file in own.pictures)
    assert own.explained > 0.5
    assert (other.explained, other.pictures) == (None, ())


def test_a_part_that_several_species_have_is_of_none_of_them(made, asked, tmp_path):
    shared, own = "ACGTTGCAAGGCTTAACCGG", iter(read_records(made.sequences))
    records = [(one.description, one.sequence) for one in own]
    moved = tmp_path / "shared.fasta"
    moved.write_text("".join(f">{header}\n{sequence}{shared}\n" for header, sequence in records))
    asked.write_text(f">short\n{shared}\n>long\n{records[0][1]}{shared}\n")
    folder = shutil.copytree(made.run, tmp_path / "copy")
    data = json.loads((folder / "data.json").read_text())
    data["sequences"] |= {"file": str(moved), "sha256": Sequences(*read_sequences(moved)).sha256}
    (folder / "data.json").write_text(json.dumps(data))
    short, long = name_sequences(folder, asked, device="cpu")
    assert (short.verdict, short.tied, short.pictures) == ("several", 5, ())
    assert short.text.startswith("one of 5 species that it is equally near (Aus albus, ")
    assert short.text.endswith(", ...; distance 0.00)")
    assert (long.verdict, long.tied) == ("species", 1)


def test_moved_sequences_are_named_and_others_refused(made, asked, tmp_path):
    folder = shutil.copytree(made.run, tmp_path / "copy")
    data = json.loads((folder / "data.json").read_text())
    data["sequences"]["file"] = str(tmp_path / "gone.fasta")
    (folder / "data.json").write_text(json.dumps(data))
    with pytest.raises(Exception, match="gone.fasta") as raised:
        name_sequences(folder, asked)
    assert "--sequences" in "".join(raised.value.__notes__)
    assert name_sequences(folder, asked, made.sequences)[0].candidates[0][0] == "Aus albus"
    changed = tmp_path / "changed.fasta"
    changed.write_text(made.sequences.read_text().replace("\nA", "\nC").replace("\nC", "\nG"))
    with pytest.raises(DataError, match="not the sequences"):
        name_sequences(folder, asked, changed)
