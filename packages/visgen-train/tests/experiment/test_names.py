"""Names and tables of sequences through a whole run, and through each part of it again."""

import csv
import json
from dataclasses import replace

import pytest
import sgt_dna
from typer.testing import CliRunner
from visgen_train.audit.audit import audit
from visgen_train.cli.main import app
from visgen_train.config import load_config, to_yaml
from visgen_train.data.sequences import Columns
from visgen_train.errors import DataError
from visgen_train.experiment.again import read_again
from visgen_train.experiment.inputs import Inputs, read_labels


@pytest.fixture
def renamed(collection):
    """The folders bear a synonym, an authority and a subspecies; the sequences are a table with odd columns."""
    images = collection / "images"
    (images / "Aus_albus").rename(images / "Vetus_albus")
    (images / "Aus_niger").rename(images / "Aus niger Smith, 1900")
    (images / "Bus_ruber").rename(images / "BUS RUBER MINOR")
    with (collection / "s.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["number", "bases", "Genus", "epithet"])
        for record in sgt_dna.read_records(collection / "sequences.fasta"):
            writer.writerow([record.id, record.sequence, *record.description.split()[1:3]])
    (collection / "synonyms.csv").write_text("synonym,accepted\nVetus albus,Aus albus\n")
    return collection


def words(folder, small):
    (folder / "small.yaml").write_text(to_yaml(small, "small"))
    given = ["--config", folder / "small.yaml", "--synonyms", folder / "synonyms.csv"]
    columns = ["--id-column", "number", "--sequence-column", "bases", "--species-column", "Genus,epithet"]
    return [folder / "images", folder / "s.csv", "--out", folder / "run", *given, *columns]


def visgen(*given):
    return CliRunner().invoke(app, [str(word) for word in given])


def test_names_are_read_as_told_and_later_parts_read_them_so_again(renamed, small):
    untrained = ["--set", "train.epochs=0", "--set", "align.epochs=0"]  # it is about names
    result = visgen("train", *words(renamed, small), *untrained)
    assert result.exit_code == 0, result.stderr
    assert (
        f"read 12 images of 'Vetus albus' as 'Aus albus' ({renamed / 'synonyms.csv'}, row 2)" in result.stderr
    )
    assert "read 4 images of 'Bus ruber minor' as 'Bus ruber' (a subspecies)" in result.stderr
    data = json.loads((renamed / "run" / "data.json").read_text())
    assert list(data["species"]) == ["Aus albus", "Aus niger", "Bus ruber"]
    assert data["names_read_as"]["Bus ruber minor"] == {
        "accepted": "Bus ruber",
        "images": 4,
        "sequences": 0,
        "why": "a subspecies",
    }
    assert data["sequences"]["columns"] == {"id": "number", "sequence": "bases", "species": "Genus,epithet"}
    (renamed / "synonyms.csv").unlink()  # the run remembers what it was read as
    labelled, examples = read_again(renamed / "run", load_config(file=renamed / "run" / "config.yaml"))
    assert labelled.species == ("Aus albus", "Aus niger", "Bus ruber")
    assert len(examples.sides) == 24


def test_a_split_that_writes_the_names_otherwise_is_not_of_other_species(renamed, small, caplog):
    accepted = {
        "Vetus_albus": "Aus albus",
        "Aus niger Smith, 1900": "Aus niger",
        "BUS RUBER MINOR": "Bus ruber",
    }
    for names in (accepted, {name: name for name in accepted}):
        with (renamed / "split.csv").open("w", newline="") as file:
            rows = [
                [f"{path.parent.name}/{path.name}", names[path.parent.name]]
                for path in renamed.rglob("*.png")
            ]
            csv.writer(file).writerows([["file", "species", "split"], *([*row, "train"] for row in rows)])
        columns = Columns("number", "bases", "Genus,epithet")
        inputs = Inputs(renamed / "images", renamed / "s.csv", columns=columns, split=renamed / "split.csv")
        inputs = replace(inputs, synonyms=renamed / "synonyms.csv")
        assert read_labels(inputs, small).items[0].split == "train"
        said = [finding.message for finding in audit(inputs).findings]
        assert not [text for text in [caplog.text, *said] if "another species" in text]


def test_without_the_synonym_the_names_do_not_match_and_are_suggested(renamed, small):
    inputs = Inputs(
        renamed / "images", renamed / "s.csv", columns=Columns("number", "bases", "Genus,epithet")
    )
    with pytest.raises(DataError, match=r"Vetus albus +12 +- +Aus albus\n +Aus albus +- +2 +Vetus albus"):
        read_labels(inputs, small)


def test_open_names_on_both_sides_are_warned_of(collection, small, caplog):
    images, sequences = collection / "images", collection / "sequences.fasta"
    (images / "Aus_albus").rename(images / "Aus_cf._albus")
    with pytest.raises(DataError, match=r"Aus cf\. albus +12 +-\n +Aus albus +- +2\n"):
        read_labels(Inputs(images, sequences), small)
    sequences.write_text(sequences.read_text().replace("Aus albus", "Aus cf. albus"))
    assert read_labels(Inputs(images, sequences), small).species[0] == "Aus cf. albus"
    assert "open names do not say that images and sequences are of one species" in caplog.text
