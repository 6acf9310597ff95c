"""`visgen evidence`, of a run and of features."""

import hashlib
import json
import re

import numpy as np
import pytest
import visgen_train
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.errors import UsageError
from visgen_train.experiment.inputs import Inputs
from visgen_train.experiment.run import train

RUNNER = CliRunner()
KEYS = {
    "p_value",
    "signal",
    "signal_interval",
    "gain",
    "verdict",
    "few_shot",
    "zero_shot",
    "distance",
    "species",
}
SPECIES = [f"Aus {name}" for name in ("albus", "niger", "ruber", "viridis", "minor", "major", "longus")]


def visgen(*words):
    return RUNNER.invoke(app, [str(word) for word in words])


def hashes(folder):
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def features(tmp_path):
    """features.npz of seven species, four images each; sequences.fasta with random mutations of one sequence."""
    rng = np.random.default_rng(0)
    base, lines = rng.choice(list("ACGT"), 300), []
    for number, name in enumerate(SPECIES):
        mutated = np.where(rng.random(300) < 0.03 * (number + 1), rng.choice(list("ACGT"), 300), base)
        lines += [f">r{number} {name}", "".join(mutated)]
    (tmp_path / "sequences.fasta").write_text("\n".join(lines) + "\n")
    vectors = np.repeat(rng.normal(size=(7, 5)), 4, 0) + 0.3 * rng.normal(size=(28, 5))
    np.savez(tmp_path / "features.npz", vectors=vectors, labels=np.repeat(SPECIES, 4))
    tree = ",".join(f"Aus_{name.split()[1]}:{number + 1}" for number, name in enumerate(SPECIES))
    (tmp_path / "tree.nwk").write_text(f"({tree});")
    return tmp_path


def test_a_run_is_read_without_its_test_images_and_stays_as_it_is(collection, small):
    run = collection / "run"
    sequences, names = collection / "sequences.fasta", collection / "names.csv"
    sequences.write_text(sequences.read_text().replace("Bus ruber", "Cus ruber"))
    names.write_text("synonym,accepted\nCus ruber,Bus ruber\n")
    train(Inputs(collection / "images", sequences, synonyms=names), run, small)
    result = visgen("evidence", run, "--repeats", "1")
    assert result.exit_code == 0, result.output
    content = json.loads((run / "evidence.json").read_text())
    assert content.keys() >= KEYS | {"schema_version"}
    evaluated = json.loads(visgen("evaluate", run, "--set", "align.epochs=0", "--json").stdout)
    items = json.loads((run / "data.json").read_text())["items"]
    assert content["images"] == sum(item["split"] == "train" for item in items)
    assert any("trained on these very images" in note for note in content["notes"])
    assert "Too few species to say whether DNA informs looks: 3" in result.stdout
    assert result.stdout.splitlines()[-1] == f"Next: visgen evaluate {run}"
    for item in items:
        if item["split"] != "train":
            (collection / "images" / item["file"]).unlink()
    before = hashes(run)
    again = visgen("evidence", run, "--repeats", "1", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout) == content
    assert hashes(run) == before
    twin = visgen_train.dna_signal_of_run(run, repeats=1)
    assert twin.content == content
    recommended = evaluated["recommended"]
    assert [recommended[key] for key in ("p_value", "signal_interval")] == [
        content["p_value"],
        content["signal_interval"],
    ]
    finished = visgen("evidence", run, "--repeats", "1", "--distance", "sgt-hellinger").stdout
    assert finished.splitlines()[-1] == f"Next: visgen report {run}"
    assert visgen("evidence", run, "--repeats", "1", "-q", "--distance", "sgt-cosine").stdout == ""
    assert json.loads((run / "evidence.json").read_text())["distance"] == "sgt-cosine"
    tips = [*twin.content["counts"]]
    tree = "(" + ",".join(f"{tip}:{n + 1}" for n, tip in enumerate(tips)).replace(" ", "_") + ");"
    (collection / "old.nwk").write_text(tree.replace("Bus_ruber", "Cus_ruber"))
    along = visgen_train.dna_signal_of_run(run, repeats=1, tree=collection / "old.nwk")
    assert along.content["distance"] == "patristic"  # under the names that the run has read


def test_features_print_and_write_only_where_asked(features):
    given = ["evidence", features / "features.npz", features / "sequences.fasta", "--repeats", "2"]
    before = hashes(features)
    result = visgen(*given)
    assert result.exit_code == 0, result.output
    assert hashes(features) == before
    assert re.search(r"^images +species +real DNA", result.stdout, re.MULTILINE)
    assert re.search(r"^3 +7 ", result.stdout, re.MULTILINE)
    assert re.search(r"^none, first of up to 4 +7 ", result.stdout, re.MULTILINE)
    assert re.search(r"(DNA informs|No sign that|A hint)", result.stdout)
    out = features / "found.json"
    written = visgen(*given, "--out", out, "--json")
    content = json.loads(out.read_text())
    assert json.loads(written.stdout) == content
    assert visgen(*given, "--out", out).exit_code == 2
    assert visgen(*given, "--out", out, "--force", "--seed", "1").exit_code == 0
    assert json.loads(out.read_text())["seed"] == 1
    with np.load(features / "features.npz") as held:
        twin = visgen_train.dna_signal(
            held["vectors"], held["labels"], features / "sequences.fasta", repeats=2
        )
    assert {**twin.content, "source": ""} == {**content, "source": ""}
    assert twin.verdict == content["verdict"]
    assert (
        twin.few_shot.query("images == 1 and figure == 'real'")["mean"].item()
        == (content["few_shot"][0]["real"]["mean"])
    )


def test_the_next_command_settles_species_by_the_same_options(features):
    (features / "labels.csv").write_text(
        "id,species\n" + "".join(f"r{row},{name}\n" for row, name in enumerate(SPECIES[:-1]))
    )
    held = (features / "sequences.fasta").read_text().split(">r6")[0]
    (features / "bare.fasta").write_text(re.sub(" Aus .*", "", held))
    given = [features / "features.npz", features / "bare.fasta", "--labels", features / "labels.csv"]
    result = visgen("evidence", *given, "--matched-only", "--repeats", "1")
    assert result.exit_code == 0, result.output
    words = " ".join(map(str, given))
    assert result.stdout.splitlines()[-1] == f"Next: visgen run --features {words} --matched-only --out RUN"


def test_a_tree_in_place_of_a_distance(features):
    given = ["evidence", features / "features.npz", features / "sequences.fasta", "--repeats", "1"]
    result = visgen(*given, "--tree", features / "tree.nwk", "--json")
    assert json.loads(result.stdout)["distance"] == "patristic"
    tree = features / "tree.nwk"
    tree.write_text(tree.read_text().replace("Aus_minor", "Bus_minor"))
    result = visgen(*given, "--tree", tree)
    assert result.exit_code == 1
    assert "The tree has no tip of Aus minor" in result.stderr
    assert "Bus minor" in result.stderr
    (features / "names.csv").write_text("synonym,accepted\nBus minor,Aus minor\n")
    named = visgen(*given, "--tree", tree, "--synonyms", features / "names.csv", "--json")
    with np.load(features / "features.npz") as held:
        arguments = (held["vectors"], held["labels"], features / "sequences.fasta")
    asked = {"repeats": 1, "synonyms": features / "names.csv", "tree": tree}
    twin = visgen_train.dna_signal(*arguments, **asked)
    assert twin.p_value == json.loads(named.stdout)["p_value"]
    with pytest.raises(UsageError, match="take one"):
        visgen_train.dna_signal(*arguments, **asked, distance="k80")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none"], "none holds no trained run. Make one: visgen train"),
        (["f.npz"], "f.npz is a file; with features, visgen evidence takes FEATURES SEQUENCES"),
        (["a", "b", "c"], "takes RUN, or FEATURES SEQUENCES, found a b c"),
        (["f.npz", "s", "--distance", "kmers"], "no --distance 'kmers'; .*perhaps kmer"),
        (["f.npz", "s", "--distance", "patristic"], "For distances along a tree take --tree"),
        (["f.npz", "s", "--distance", "kmer", "--tree", "t"], "take one"),
        (["f.npz", "s", "--images", "i"], "are for a RUN"),
        (["f.npz", "s", "--out", "f.npz"], "f.npz is an input; --out takes a new file"),
        (["f.npz", "s.fasta", "--permutations", "50"], "permutations is 50; the p-value needs 99 or more"),
    ],
)
def test_it_says_what_it_takes(features, monkeypatch, words, message):
    monkeypatch.chdir(features)
    (features / "features.npz").rename("f.npz")
    (features / "sequences.fasta").rename("s.fasta")
    result = visgen("evidence", *words)
    assert result.exit_code == 2, result.output
    assert re.search(message, result.stderr), result.stderr


def test_a_run_that_has_not_finished_and_options_that_are_not_for_runs(collection, small):
    run = collection / "run"
    train(Inputs(collection / "images", collection / "sequences.fasta"), run, small)
    result = visgen("evidence", run, "--matched-only")
    assert result.exit_code == 2
    assert "a RUN has settled its species" in result.stderr
    (run / "checkpoints" / "visual.safetensors").unlink()
    result = visgen("evidence", run)
    assert result.exit_code == 2
    assert "holds no trained run" in result.stderr
