"""What `visgen check` says is what `visgen run` does: of each spoilt collection, with the options of its last line."""

import csv
import re
import shlex
import shutil

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.experiment import run as experiment
from visgen_train.experiment.examples import read_pictures
from visgen_train.experiment.inputs import read_labels

RUNNER = CliRunner()
NAMES = ("Aus_albus", "Aus_niger", "Bus_ruber")


class PassedError(Exception):
    """Inputs are read and split."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """images/ of three species, sequences.fasta and meta.csv (specimen, split), all clean.

    A run stops when it has read.
    """
    rng = np.random.default_rng(0)
    rows, records = [], []
    for name in NAMES:
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(6):
            Image.fromarray(rng.integers(0, 255, (36, 40), dtype=np.uint8)).save(
                tmp_path / "images" / name / f"{number}.png"
            )
            rows.append(
                (f"images/{name}/{number}.png", name, f"{name}{number}", ("train", "test")[number % 2])
            )
        for number in range(2):
            records += [
                f">{name[0]}{name[4]}{number} {name.replace('_', ' ')}",
                "".join(rng.choice(list("ACGT"), 200)),
            ]
    (tmp_path / "sequences.fasta").write_text("\n".join(records) + "\n")
    write(tmp_path / "meta.csv", ("file", "species", "specimen", "split"), rows)
    monkeypatch.chdir(tmp_path)

    def read_only(inputs, out, config, *_):
        read_pictures(read_labels(inputs, config), inputs, config, tmp_path)
        raise PassedError

    monkeypatch.setattr(experiment, "run", read_only)
    return tmp_path


def write(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def change(folder, change_row, source="meta.csv", target=None):
    """Rewrite a table, each row as `change_row` leaves it; those that become None are gone."""
    rows = [row for row in (change_row(row) for row in read(folder / source)) if row is not None]
    write(folder / (target or source), rows[0].keys(), [row.values() for row in rows])


def split_file(folder, **changes):
    """split.csv from meta.csv: of each row the side, by the function of this name."""
    change(
        folder,
        lambda row: {
            "file": row["file"].removeprefix("images/"),
            "split": row["split"],
            **changes.get("add", {}),
        },
        target="split.csv",
    )


def sides(folder, side_of):
    change(folder, lambda row: row | {"split": side_of(row)})


def blank(*files):
    def spoil(folder):
        for file in files:
            for path in folder.glob(f"images/{file}"):
                path.write_bytes(b"")

    return spoil


def replaced(file, old, new):
    return lambda folder: (folder / file).write_text((folder / file).read_text().replace(old, new))


def added(file, line):
    return lambda folder: (folder / file).write_text((folder / file).read_text() + line + "\n")


def both(*spoils):
    return lambda folder: [spoil(folder) for spoil in spoils]


def twins(folder):
    """A species of two pictures that are equal."""
    for number in range(1, 6):
        (folder / f"images/Bus_ruber/{number}.png").unlink()
    shutil.copy(folder / "images/Bus_ruber/0.png", folder / "images/Bus_ruber/1.png")


def copied(source, target):
    return lambda folder: shutil.copy(folder / "images" / source, folder / "images" / target)


def twelve_bits(folder):
    rng = np.random.default_rng(1)
    for path in folder.glob("images/*/*.png"):
        Image.fromarray(rng.integers(0, 4096, (36, 40), dtype=np.uint16)).save(path)


def sequences_only(name):
    return lambda folder: shutil.rmtree(folder / "images" / name)


def images_only(name):
    def spoil(folder):
        parts = (folder / "sequences.fasta").read_text().split(">")[1:]
        kept = "".join(f">{part}" for part in parts if name.replace("_", " ") not in part)
        (folder / "sequences.fasta").write_text(kept)

    return spoil


def sides_without_a_row(folder):
    """A split of the species that have sequences: that of a run with --matched-only."""
    images_only("Bus_ruber")(folder)
    split_file(folder)
    change(folder, lambda row: None if row["file"].startswith("Bus") else row, "split.csv")


def split_of_a_skip_bad_run(folder):
    blank("Aus_albus/0.png")(folder)
    split_file(folder)
    change(folder, lambda row: None if row["file"] == "Aus_albus/0.png" else row, "split.csv")


def groups_meet_in_a_species_left_out(folder):
    images_only("Bus_ruber")(folder)
    change(folder, lambda row: row | {"specimen": "one"} if row["species"] == "Bus_ruber" else row)


def with_hashes(folder):
    split_file(folder, add={"sha256": "0" * 64})


def as_train_and_test(folder):
    for side in ("train", "test"):
        (folder / "sides" / side).mkdir(parents=True)
    for name in NAMES:
        (folder / "images" / name).rename(folder / "sides" / "train" / name)
    (folder / "images").rmdir()
    (folder / "sides").rename(folder / "images")


misspelt = replaced("sequences.fasta", "Bus ruber", "Bus rubber")


def spelt_otherwise(folder):
    """Near names, of which the user says that they are two species."""
    (folder / "images/Bus_ruber").rename(folder / "images/Bus_rubber")
    write(folder / "names.csv", ("synonym", "accepted"), [("Bus_rubber", "Bus rubber")])


META = ("--metadata", "meta.csv")
SPLIT = ("--split", "split.csv")
MATCHED = ("--matched-only",)
GROUPED = (*META, "--group", "specimen")
CASES = {
    "clean": (lambda _: None, (), "clean", ""),
    "clean with a split": (split_file, SPLIT, "clean", ""),
    "a split that tests nothing": (
        lambda f: sides(f, lambda _: "train"),
        META,
        "not ready",
        "no image .* in test",
    ),
    "a split that trains nothing of a species": (
        lambda f: sides(f, lambda row: "test" if row["species"] == "Bus_ruber" else row["split"]),
        META,
        "not ready",
        "Bus ruber: no image is left for training",
    ),
    "a split of other pictures": (with_hashes, SPLIT, "not ready", "18 of 18 images are not those"),
    "a split with a row too many": (
        lambda f: (split_file(f), added("split.csv", "gone.png,test")(f)),
        SPLIT,
        "not ready",
        "'gone.png'",
    ),
    "an unknown side": (lambda f: sides(f, lambda _: "dev"), META, "not ready", "bad|cells of the table"),
    "an absolute path": (
        replaced("meta.csv", "images/Aus_albus/0", "/etc/0"),
        META,
        "not ready",
        "absolute path",
    ),
    "a path that leaves": (
        added("meta.csv", "../x.png,Aus_albus,s,test"),
        META,
        "not ready",
        "leads out of the folders",
    ),
    "a picture without a row": (
        copied("Aus_albus/0.png", "Aus_albus/9.png"),
        META,
        "not ready",
        "has no row",
    ),
    "a row without a picture": (
        added("meta.csv", "images/x.png,Aus_albus,s,test"),
        META,
        "usable",
        "x.png",
    ),
    "a group on two sides": (
        lambda f: change(f, lambda row: row | {"specimen": row["species"]}),
        GROUPED,
        "not ready",
        "two sides",
    ),
    "groups that meet in a species left out": (
        groups_meet_in_a_species_left_out,
        (*GROUPED, *MATCHED),
        "clean",
        "",
    ),
    "no rows for a species left out": (sides_without_a_row, (*SPLIT, *MATCHED), "clean", ""),
    "a split of a run that skipped": (split_of_a_skip_bad_run, SPLIT, "usable", "--skip-bad --out"),
    "skipped on purpose": (split_of_a_skip_bad_run, (*SPLIT, "--skip-bad"), "clean", "--skip-bad --out"),
    "a bad picture": (blank("Aus_albus/0.png"), (), "usable", "--skip-bad --out"),
    "all pictures of a species bad": (
        blank("Aus_albus/*"),
        (),
        "usable",
        r"(?s)Aus albus: 2 sequences; its 6 images cannot be read.*--matched-only --skip-bad --out",
    ),
    "nothing but bad pictures": (blank("*/*"), (), "not ready", "0 species have both"),
    "bad pictures of a species left out": (
        both(images_only("Bus_ruber"), blank("Bus_ruber/0.png")),
        MATCHED,
        "clean",
        "",
    ),
    "images alone": (images_only("Bus_ruber"), (), "usable", "--matched-only --out"),
    "sequences alone": (sequences_only("Bus_ruber"), (), "usable", "--matched-only --out"),
    "one species": (
        both(sequences_only("Bus_ruber"), images_only("Aus_niger")),
        (),
        "not ready",
        "1 species has both",
    ),
    "trained on and not scored": (
        images_only("Bus_ruber"),
        ("--set", "data.species=all", "--set", "align.epochs=0"),
        "clean",
        "data.species=all --set align.epochs=0 --out",
    ),
    "nothing to align to": (
        images_only("Bus_ruber"),
        ("--set", "data.species=all"),
        "not ready",
        "without alignment",
    ),
    "a near name": (misspelt, (), "not ready", "--suggest-names"),
    "a near name left out": (misspelt, MATCHED, "usable", "perhaps Bus rubber"),
    "a near name that is another": (spelt_otherwise, ("--synonyms", "names.csv", *MATCHED), "clean", ""),
    "a table of names in a circle": (
        lambda f: write(f / "n.csv", ("synonym", "accepted"), [("A a", "B b"), ("B b", "A a")]),
        ("--synonyms", "n.csv"),
        "not ready",
        "circle",
    ),
    "equal pictures of a species": (
        copied("Aus_albus/0.png", "Aus_albus/1.png"),
        (),
        "usable",
        "more than once",
    ),
    "equal pictures of two species": (
        copied("Aus_albus/0.png", "Bus_ruber/1.png"),
        (),
        "usable",
        "under two species",
    ),
    "equal pictures on two sides": (
        copied("Aus_albus/0.png", "Aus_albus/1.png"),
        META,
        "not ready",
        "two sides",
    ),
    "equal pictures of two species on two sides": (
        copied("Aus_albus/0.png", "Bus_ruber/1.png"),
        META,
        "not ready",
        "belong together",
    ),
    "two pictures that are equal": (twins, (), "usable", "Bus ruber: its 2 images are equal"),
    "two species of equal sequences": (
        lambda f: (f / "sequences.fasta").write_text(
            "".join(f">{name} {name.replace('_', ' ')}\n{'ACGGTTAACC' * 20}\n" for name in NAMES)
        ),
        (),
        "not ready",
        "Aus albus",
    ),
    "12 bits": (twelve_bits, (), "usable", "--set data.white=4095 --out"),
    "12 bits, said": (twelve_bits, ("--set", "data.white=4095"), "clean", "--set data.white=4095 --out"),
    "brighter than white": (twelve_bits, ("--set", "data.white=4000"), "not ready", "above data.white=4000"),
    "pictures beside the folders": (
        copied("Aus_albus/0.png", "0.png"),
        (),
        "usable",
        "Move them into the folder",
    ),
    "no sequences": (lambda f: (f / "sequences.fasta").unlink(), (), "not ready", "sequences.fasta"),
    "no pictures": (lambda f: shutil.rmtree(f / "images"), (), "not ready", "no such folder"),
    "folders of a split": (as_train_and_test, (), "not ready", r"\(test, train\) are sides of a split"),
    "columns in capitals": (
        replaced("meta.csv", "file,species,specimen,split", "File, Species,SPECIMEN,Split"),
        GROUPED,
        "clean",
        "",
    ),
    "paths that begin with a dot": (
        lambda f: (split_file(f), change(f, lambda row: row | {"file": f"./{row['file']}"}, "split.csv")),
        SPLIT,
        "clean",
        "",
    ),
    "a table in Latin-1": (
        lambda f: (f / "meta.csv").write_bytes("file,split\nimages/B\xfc.png,test\n".encode("latin-1")),
        META,
        "not ready",
        "CSV UTF-8",
    ),
    "a spreadsheet": (
        lambda f: (f / "meta.csv").write_bytes(b"PK\3\4\x14\0\x9d\xff\0"),
        META,
        "not ready",
        "CSV UTF-8",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_is_what_a_run_does(folder, case):
    spoil, options, verdict, said = CASES[case]
    spoil(folder)
    checked = RUNNER.invoke(app, ["check", "images", "sequences.fasta", *options])
    first, *_, last = checked.stdout.splitlines()
    told = {"clean": "clean", "usable, with doubts": "usable", "not ready": "not ready"}[
        first.partition(":")[0]
    ]
    assert (told, checked.exit_code) == (verdict, int(verdict != "clean")), checked.output
    assert re.search(said, checked.stdout), checked.stdout
    verb, *words = shlex.split(last.partition("visgen ")[2].partition(" --suggest-names")[0])
    assert verb == ("check" if verdict == "not ready" else "run")
    if verb == "check":
        words += ["--out", "my-run"]
    result = RUNNER.invoke(app, ["run", *words])
    assert isinstance(result.exception, PassedError) == (verdict != "not ready"), result.output
    if verdict == "not ready":
        assert "visgen: error: " in result.stderr


def test_the_last_line_names_what_is_not_there_yet(folder):
    split_file(folder)
    (folder / "my-run").mkdir()
    (folder / "split.csv").rename(folder / "my-run" / "split.csv")
    checked = RUNNER.invoke(app, ["check", "images", "sequences.fasta", "--split", "my-run/split.csv"])
    assert checked.stdout.splitlines()[-1].endswith("--out my-run-2")
