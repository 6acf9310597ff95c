"""What `visgen check` says is what `visgen run` does: of each spoilt collection, with the options of its last line."""

import re
import shlex

import pytest
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.experiment import run as experiment
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import read_labels

RUNNER = CliRunner()
GROUPED = "--metadata meta.csv --group specimen"
ALL_SPECIES = "--set data.species=all"
REJECTED = [{"synonym": "Bus ruber", "accepted": "Bus_ruber"}]


def equal_sequences(s):
    names = ("Aus albus", "Aus niger", "Bus ruber")
    text = "".join(f">{name.replace(' ', '')} {name}\n{'ACGGTTAACC' * 20}\n" for name in names)
    (s.folder / "sequences.fasta").write_text(text)


def equal_pair(s):
    for number in range(1, 6):
        (s.folder / f"images/Bus_ruber/{number}.png").unlink()
    s.copy("Bus_ruber/0.png", "Bus_ruber/1.png")


def without(species):
    return lambda row: None if row["file"].startswith(species) else row


def rejected(s):
    """A near name that the user calls another species, in either direction."""
    s.replace("sequences.fasta", "Bus ruber", "Bus rubber")
    s.write("names.csv", REJECTED)


def circle(s):
    rows = [("Aus aa", "Bus bb"), ("Bus bb", "Aus aa")]
    s.write("names.csv", [{"synonym": name, "accepted": other} for name, other in rows])


# name: what is spoilt, options, verdict, what is said
CASES = {
    "clean": (lambda s: None, "", "clean", ""),
    "split": (lambda s: None, "--split split.csv", "clean", ""),
    "metadata": (lambda s: None, GROUPED, "clean", ""),
    "split: nothing tested": (
        lambda s: s.change("meta.csv", lambda row: row | {"split": "train"}),
        *("--metadata meta.csv", "not ready", "no image .* in test"),
    ),
    "split: a species untrained": (
        lambda s: s.change(
            "meta.csv", lambda row: row | {"split": "test"} if row["species"] == "Bus_ruber" else row
        ),
        *("--metadata meta.csv", "not ready", "Bus ruber: no image is left for training"),
    ),
    "split: a species untested": (
        lambda s: s.change(
            "meta.csv", lambda row: row | {"split": "train"} if row["species"] == "Bus_ruber" else row
        ),
        *("--metadata meta.csv", "usable", "Bus ruber: the given split has none in test"),
    ),
    "split: other hashes": (
        lambda s: s.change("split.csv", lambda row: row | {"sha256": "0" * 64}),
        *("--split split.csv", "not ready", "18 of 18 images are not those"),
    ),
    "split: spare row": (
        lambda s: s.add("split.csv", "gone.png,test"),
        *("--split split.csv", "not ready", "'gone.png'"),
    ),
    "split: paths with a dot": (
        lambda s: s.change("split.csv", lambda row: row | {"file": f"./{row['file']}"}),
        *("--split split.csv", "clean", ""),
    ),
    "split: no rows for what is left out": (
        lambda s: (s.no_sequences("Bus_ruber"), s.change("split.csv", without("Bus"))),
        *("--split split.csv --matched-only", "clean", ""),
    ),
    "split: of a run that skipped": (
        lambda s: (s.blank("Aus_albus/0.png"), s.change("split.csv", without("Aus_albus/0"))),
        *("--split split.csv", "usable", "--skip-bad --out"),
    ),
    "split: the same, skipped on purpose": (
        lambda s: (s.blank("Aus_albus/0.png"), s.change("split.csv", without("Aus_albus/0"))),
        *("--split split.csv --skip-bad", "clean", "--skip-bad --out"),
    ),
    "metadata: unknown side": (
        lambda s: s.replace("meta.csv", ",test", ",dev"),
        *("--metadata meta.csv", "not ready", "has split 'dev'"),
    ),
    "metadata: absolute path": (
        lambda s: s.add("meta.csv", "/etc/0.png,Aus_albus,s,test"),
        *("--metadata meta.csv", "not ready", "row 20 has the absolute path"),
    ),
    "metadata: path that leaves": (
        lambda s: s.add("meta.csv", "../0.png,Aus_albus,s,test"),
        *("--metadata meta.csv", "not ready", "row 20, '../0.png' leads out"),
    ),
    "metadata: no row": (
        lambda s: s.copy("Aus_albus/0.png", "Aus_albus/9.png"),
        *("--metadata meta.csv", "not ready", "has no row"),
    ),
    "metadata: spare row": (
        lambda s: s.add("meta.csv", "images/x.png,Aus_albus,s,test"),
        *("--metadata meta.csv", "usable", "row 20: images/x.png"),
    ),
    "metadata: two sides": (
        lambda s: s.change("meta.csv", lambda row: row | {"specimen": row["species"]}),
        *(GROUPED, "not ready", "two sides"),
    ),
    "metadata: groups that meet in what is left out": (
        lambda s: (
            s.no_sequences("Bus_ruber"),
            s.change(
                "meta.csv", lambda row: row | {"specimen": "x"} if row["species"] == "Bus_ruber" else row
            ),
        ),
        *(f"{GROUPED} --matched-only", "clean", ""),
    ),
    "metadata: columns in capitals": (
        lambda s: s.replace("meta.csv", "file,species,specimen,split", "File, Species,SPECIMEN,Split"),
        *(GROUPED, "clean", ""),
    ),
    "metadata: Latin-1": (
        lambda s: (s.folder / "meta.csv").write_bytes("file,split\nB\xfc.png,test\n".encode("latin-1")),
        *("--metadata meta.csv", "not ready", "CSV UTF-8"),
    ),
    "metadata: a spreadsheet": (
        lambda s: (s.folder / "meta.csv").write_bytes(b"PK\3\4\x14\0\x9d\xff\0"),
        *("--metadata meta.csv", "not ready", "CSV UTF-8"),
    ),
    "bad: one": (lambda s: s.blank("Aus_albus/0.png"), "", "usable", "--skip-bad --out"),
    "bad: all of a species": (
        lambda s: s.blank("Aus_albus/*"),
        *("", "usable", r"(?s)Aus albus: 2 sequences; its 6 images .*--matched-only --skip-bad --out"),
    ),
    "bad: all": (lambda s: s.blank("*/*"), "", "not ready", "0 species have both"),
    "bad: of what is left out": (
        lambda s: (s.no_sequences("Bus_ruber"), s.blank("Bus_ruber/0.png")),
        *("--matched-only", "clean", ""),
    ),
    "pictures alone": (lambda s: s.no_sequences("Bus_ruber"), "", "usable", "--matched-only --out"),
    "sequences alone": (lambda s: s.no_pictures("Bus_ruber"), "", "usable", "--matched-only --out"),
    "one species": (
        lambda s: (s.no_pictures("Bus_ruber"), s.no_sequences("Aus_niger")),
        *("", "not ready", "1 species has both"),
    ),
    "trained only": (
        lambda s: s.no_sequences("Bus_ruber"),
        *(f"{ALL_SPECIES} --set align.epochs=0", "clean", "--set align.epochs=0 --out"),
    ),
    "trained only, aligned": (
        lambda s: s.no_sequences("Bus_ruber"),
        *(ALL_SPECIES, "not ready", "without alignment"),
    ),
    "near name": (
        lambda s: s.replace("sequences.fasta", "Bus ruber", "Bus rubber"),
        *("", "not ready", "--suggest-names names.csv"),
    ),
    "near name, left out": (
        lambda s: s.replace("sequences.fasta", "Bus ruber", "Bus rubber"),
        *("--matched-only", "usable", "perhaps Bus rubber"),
    ),
    "near name, rejected": (rejected, "--synonyms names.csv --matched-only", "clean", ""),
    "near name, rejected, alone": (rejected, "--synonyms names.csv", "usable", "--matched-only --out"),
    "names in a circle": (circle, "--synonyms names.csv", "not ready", "circle"),
    "equal pictures": (
        lambda s: s.copy("Aus_albus/0.png", "Aus_albus/1.png"),
        "",
        "usable",
        "more than once",
    ),
    "equal pictures, two species": (
        lambda s: s.copy("Aus_albus/0.png", "Bus_ruber/0.png"),
        *("", "usable", "under two species"),
    ),
    "equal pictures, two sides": (
        lambda s: s.copy("Aus_albus/0.png", "Aus_albus/1.png"),
        *("--metadata meta.csv", "not ready", "two sides"),
    ),
    "equal pictures, two species, two sides": (
        lambda s: s.copy("Aus_albus/0.png", "Bus_ruber/1.png"),
        *("--metadata meta.csv", "not ready", "belong together"),
    ),
    "two pictures that are equal": (equal_pair, "", "usable", "Bus ruber: its 2 images are equal"),
    "equal sequences": (equal_sequences, "", "not ready", "bad-anchor|told apart by their sequences"),
    "12 bits": (lambda s: s.twelve_bits(), "", "usable", "--set data.white=4095 --out"),
    "12 bits, said": (lambda s: s.twelve_bits(), "--set data.white=4095", "clean", "data.white=4095 --out"),
    "above white": (lambda s: s.twelve_bits(), "--set data.white=4000", "not ready", "above data.white=4000"),
    "beside the folders": (lambda s: s.copy("Aus_albus/0.png", "0.png"), "", "usable", "Move them into"),
    "of a format that is not read": (
        lambda s: s.copy("Aus_albus/0.png", "Aus_albus/9.HEIC"),
        *("", "usable", "(?s)Aus_albus: 1 .HEIC.*no run sees them"),
    ),
    "folders of a split": (lambda s: s.sides_as_folders(), "", "not ready", r"\(test, train\) are sides"),
    "no sequences": (lambda s: (s.folder / "sequences.fasta").unlink(), "", "not ready", "sequences.fasta"),
    "no pictures": (lambda s: s.no_pictures(""), "", "not ready", "no such folder"),
}


class PassedError(Exception):
    """Inputs are read and split."""


@pytest.fixture
def reading_alone(monkeypatch, tmp_path):
    """A run that ends when it has read its inputs."""

    def read(inputs, out, config, *_, **__):
        read_pictures(read_labels(inputs, config), inputs, config, tmp_path)
        raise PassedError

    monkeypatch.setattr(experiment, "run", read)


@pytest.mark.usefixtures("reading_alone")
@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_what_a_run_does(spoilt, case):
    spoil, options, verdict, said = CASES[case]
    spoil(spoilt)
    checked = RUNNER.invoke(app, ["check", "images", "sequences.fasta", *shlex.split(options)])
    first, *_, last = checked.stdout.splitlines()
    told = first.partition(":")[0].partition(",")[0]
    assert (told, checked.exit_code) == (verdict, int(verdict != "clean")), checked.output
    assert re.search(said, checked.stdout), checked.stdout
    verb, *words = shlex.split(last.partition("visgen ")[2].partition(" --suggest-names")[0])
    assert verb == ("check" if verdict == "not ready" else "run")
    words += ["--out", "my-run"] if verb == "check" else []
    result = RUNNER.invoke(app, ["run", *words])
    assert isinstance(result.exception, PassedError) == (verdict != "not ready"), result.output
    assert ("visgen: error: " in result.stderr) == (verdict == "not ready")


def test_the_last_line_names_a_folder_that_is_not_there_yet(spoilt):
    (spoilt.folder / "my-run").mkdir()
    (spoilt.folder / "split.csv").rename(spoilt.folder / "my-run" / "split.csv")
    checked = RUNNER.invoke(app, ["check", "images", "sequences.fasta", "--split", "my-run/split.csv"])
    assert checked.stdout.splitlines()[-1].endswith("--split my-run/split.csv --out my-run-2")


def test_a_run_does_not_propose_what_the_table_of_names_rejects(spoilt):
    rejected(spoilt)
    call = ["run", "images", "sequences.fasta", "--out", "my-run"]
    assert re.search(r"Bus ruber .* Bus rubber$", RUNNER.invoke(app, call).stderr, re.MULTILINE)
    refused = RUNNER.invoke(app, [*call, "--synonyms", "names.csv"]).stderr
    assert re.search(r"Bus ruber +6 +-$", refused, re.MULTILINE)
