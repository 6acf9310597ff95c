"""`visgen phylogeny`: the tree, and its comparison with a run."""

import json

import numpy as np
import pytest
import sgt_dna
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.data.trees import read_tree

RUNNER = CliRunner()
SPECIES = ["Aus albus", "Aus niger", "Bus ruber", "Bus viridis", "Cus minor", "Cus major"]
SPACES = ("pictures, before alignment", "pictures, after alignment", "anchors of the run")


def visgen(*words):
    return RUNNER.invoke(app, ["phylogeny", *map(str, words)])


@pytest.fixture
def folder(tmp_path):
    """sequences.fasta of three genera of two species, two sequences each; run/ whose space after alignment is SGT's."""
    rng = np.random.default_rng(0)

    def changed(bases, share):
        return np.where(rng.random(600) < share, rng.choice(list("ACGT"), 600), bases)

    lines, root = [], rng.choice(list("ACGT"), 600)
    for genus in range(3):
        ancestor = changed(root, 0.3)
        for name in SPECIES[2 * genus : 2 * genus + 2]:
            own = changed(ancestor, 0.08)
            lines += [
                text
                for n in "12"
                for text in (f">{name[0]}{name[4:6]}{n} {name}", "".join(changed(own, 0.01)))
            ]
    (tmp_path / "sequences.fasta").write_text("\n".join(lines) + "\n")
    vectors = sgt_dna.embed(tmp_path / "sequences.fasta").vectors[::2]
    run = tmp_path / "run"
    (run / "checkpoints").mkdir(parents=True)
    (run / "environment.json").write_text(json.dumps({"packages": {"visgen-train": "0"}}))
    for name in ("checkpoints/visual.safetensors", "data.json", "config.yaml"):
        (run / name).write_text("{}")
    order = np.argsort(SPECIES)
    np.savez(
        run / "embeddings.npz",
        species=np.repeat(SPECIES, 2),
        split=np.tile(["train", "test"], 6),
        visual_embedding=rng.normal(size=(12, 5)),
        aligned_embedding=np.repeat(vectors, 2, axis=0),
        anchors=vectors[order],
    )
    return tmp_path


def test_a_tree_and_what_it_says(folder):
    done = visgen(folder / "sequences.fasta", "--out", folder / "out", "--method", "nj")
    assert done.exit_code == 0, done.output
    assert (
        "Neighbour joining by kmer distances, without an alignment (no support values), 6 tips" in done.stdout
    )
    assert "3 of 3 genera of two tips or more are a branch of their own." in done.stdout
    assert {tip.name for tip in read_tree(folder / "out" / "tree.nwk").get_terminals()} == set(SPECIES)
    words = [
        "--all",
        "--outgroup",
        "Cus_minor",
        "--outgroup",
        "Cus major",
        "--distance",
        "sgt-cosine",
        "--json",
    ]
    done = visgen(folder / "sequences.fasta", "--out", folder / "all", *words)
    found = json.loads(done.stdout)["tree"]
    assert found["root"] == "rooted at Cus minor, Cus major"
    assert (found["tips"], found["distance"]) == (12, "sgt-cosine")
    named = [tip.name for tip in read_tree(folder / "all" / "tree.nwk").get_terminals()]
    assert sorted(named) == sorted(SPECIES * 2)  # Genus_species_ID is read as the species


def test_comparison_with_a_run(folder):
    words = ["--method", "nj", "--compare", folder / "run", "--permutations", 199]
    done = visgen(folder / "sequences.fasta", "--out", folder / "out", *words)
    assert done.exit_code == 0, done.output
    content = json.loads((folder / "out" / "comparison.json").read_text())
    pairs = {frozenset((row["of"], row["with"])): row for row in content["pairs"]}
    r = {pair: row["r"] for pair, row in pairs.items()}
    assert r[frozenset(SPACES[1:])] == pytest.approx(1, abs=1e-6)
    assert r[frozenset(("tree", "words of 7 letters"))] > 0.8
    assert (
        r[frozenset((SPACES[1], "SGT, kappa 1, overlapping"))] > 0.9
    )  # one sequence of two; medians of both
    assert abs(r[frozenset(("tree", SPACES[0]))]) < 0.6
    assert "Before alignment the visual distances do not clearly follow the tree" in done.stdout
    assert "That does not show that looks ignore descent" in done.stdout
    assert "proves nothing about looks" in done.stdout
    assert content["cophenetic"]["words of 7 letters"] > 0.8
    assert json.loads((folder / "run" / "comparison.json").read_text()) == content
    assert "Next: visgen evidence" in done.stdout  # there is no report to show it in
    (folder / "run" / "metrics.json").write_text("{}")
    done = visgen(folder / "sequences.fasta", "--out", folder / "out", *words)
    assert f"Next: visgen report {folder / 'run'} --tree {folder / 'out' / 'tree.nwk'}" in done.stdout


def test_a_given_tree_with_synonyms_and_species_that_are_not_in_it(folder):
    text = "((Aus_albus:1,Aus_niger:1):1,(Bus_rubra:1,Bus_viridis:1):1,(Cus_minor:1,Xus_longus:1):1);"
    (folder / "tree.nwk").write_text(text)
    (folder / "synonyms.csv").write_text("synonym,accepted\nBus rubra,Bus ruber\n")
    words = [folder / "sequences.fasta", "--out", folder / "out", "--compare", folder / "run", "--tree"]
    done = visgen(*words, folder / "tree.nwk", "--synonyms", folder / "synonyms.csv", "--permutations", 9)
    assert done.exit_code == 0, done.output
    content = json.loads((folder / "out" / "comparison.json").read_text())
    assert content["species"] == [name for name in sorted(SPECIES) if name != "Cus major"]
    assert "not in the tree, and left out: Cus major" in content["notes"]
    assert not (folder / "out" / "tree.nwk").exists()
    for changed, message in (
        (text.replace(":1", ""), "has no length; patristic distances need one"),
        (text.replace("us_", "es_"), "have 0 species in common"),
    ):
        (folder / "tree.nwk").write_text(changed)
        done = visgen(*words, folder / "tree.nwk")
        assert done.exit_code == 1
        assert message in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--method", "upgma"], 2, "There is no --method 'upgma'"),
        (["--method", "nj", "--bootstrap", "1000"], 2, "are for --method ml"),
        (["--method", "ml", "--distance", "kmer"], 2, "--distance is for --method nj"),
        (["--method", "ml", "--bootstrap", "100"], 2, "takes 1000 or more"),
        (["--engine", "iqtree"], 2, "there are piqtree, iqtree2, raxml-ng"),
        (["--tree", "tree.nwk"], 2, "--tree is for --compare RUN"),
        (["--method", "nj", "--compare", "nowhere"], 2, "nowhere holds no trained run"),
        (["--method", "nj", "--outgroup", "Aus alba"], 1, "none of the species; perhaps Aus albus"),
        (["--threads", "0"], 2, "one or more"),
    ],
)
def test_what_cannot_be(folder, words, code, message):
    done = visgen(folder / "sequences.fasta", "--out", folder / "out", *words)
    assert (done.exit_code, message in done.stderr) == (code, True), done.stderr
    assert not (folder / "out").exists()


def test_a_run_without_embeddings_and_a_method_that_is_not_installed(folder, monkeypatch):
    (folder / "run" / "embeddings.npz").unlink()
    words = [folder / "sequences.fasta", "--out", folder / "out"]
    done = visgen(*words, "--method", "nj", "--compare", folder / "run")
    assert "embeddings.npz: cannot be read" in done.stderr
    monkeypatch.setattr("visgen_train.phylogeny.ml.find_spec", lambda name: None)
    done = visgen(folder / "sequences.fasta", "--out", folder / "other")
    assert "Neighbour joining" in done.stdout  # the default where the extra is not installed
    done = visgen(folder / "sequences.fasta", "--out", folder / "third", "--method", "ml", "--model", "JC")
    assert done.exit_code == 2
    assert "visgen-train[phylo]" in done.stderr
