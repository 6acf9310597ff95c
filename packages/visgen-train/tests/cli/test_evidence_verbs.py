"""`visgen ablate` and features of any model, from the command line."""

import json
import re

import pytest
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.config import load_config, to_yaml

RUNNER = CliRunner()


def visgen(*words):
    return RUNNER.invoke(app, [str(word) for word in words])


@pytest.fixture
def tiny(collection):
    """A configuration file as small as can be."""
    settings = [
        "data.image_size=32",
        "model.weights=none",
        "model.hidden=16",
        "train.epochs=1",
        "train.batch=6",
    ]
    settings += ["align.epochs=1", "align.views=1", "evaluate.bootstrap=100", "device=cpu"]
    config = load_config("light", settings=settings)
    (collection / "tiny.yaml").write_text(to_yaml(config, "tiny"))
    return collection / "tiny.yaml"


def test_ablate_prints_table_1_the_controls_and_a_sentence(collection, tiny):
    words = ["ablate", collection / "images", collection / "sequences.fasta", "--out", collection / "ab"]
    words += ["--config", tiny, "--seeds", "1", "--recipes", "naive,naive-aligned", "--controls", "shuffled"]
    result = visgen(*words)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "Table 1, % (95 % interval)" in result.stdout
    assert "73.6" in result.stdout  # the paper's, beside ours
    assert re.search(r"^shuffled +\S+ \(", result.stdout, re.MULTILINE)
    lines = result.stdout.splitlines()
    assert lines[-1] == f"Next: open {collection / 'ab' / 'report.html'} in a browser"
    names = {path.name for path in (collection / "ab").iterdir()}
    assert names >= {
        "report.html",
        "ablation.json",
        "ablation.csv",
        "ablation.md",
        "plan.json",
        "config.yaml",
    }
    content = json.loads((collection / "ab" / "ablation.json").read_text())
    assert {name: held["aligns"] for name, held in content["recipes"].items()} == {
        "naive": False,
        "naive-aligned": True,
    }  # although the file of settings aligns
    assert visgen(*words).exit_code == 2
    again = visgen(*words, "--resume", "--json")
    assert json.loads(again.stdout) == content


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--recipes", "naive-alined"], "There is no recipe 'naive-alined'; .*perhaps naive-aligned"),
        (["--recipes", ","], "--recipes names none"),
        (["--controls", "shufled"], "There is no control 'shufled'; .*perhaps shuffled"),
        (["--seeds", "0"], "seeds is how many trainings to compare"),
        (["--set", "train.weight_decay=0.1"], "contradicts recipe .*, which is about train.weight_decay="),
        (["--set", "align.epochs=0"], "aligns to the DNA, but align.epochs is 0"),
    ],
)
def test_ablate_refuses_what_it_cannot_do(collection, words, message):
    given = ["ablate", collection / "images", collection / "sequences.fasta", "--out", collection / "ab"]
    result = visgen(*given, *words)
    assert result.exit_code == 2
    assert re.search(message, result.stderr)
    assert not (collection / "ab").exists()


def test_features_of_a_run_go_through_the_same_door(collection, words, tiny):
    """`evaluate --dump-features` writes what `run --features` reads; the split of the run is kept."""
    visgen(*words)
    done = visgen("evaluate", collection / "run", "--dump-features")
    assert done.exit_code == 0, done.output
    features = collection / "run" / "features.npz"
    given = ["run", "--features", features, collection / "sequences.fasta", "--out", collection / "evidence"]
    result = visgen(*given, "--config", tiny, "--seeds", "1")
    assert result.exit_code == 0, result.output
    content = json.loads((collection / "evidence" / "ablation.json").read_text())
    data = json.loads((collection / "run" / "data.json").read_text())
    assert content["kind"] == "features"
    assert content["split_given"] is True
    assert content["test_images"] == sum(item["split"] == "test" for item in data["items"])
    assert list(content["recipes"]) == ["features", "heads", "heads-aligned"]
    assert "EndlessForams" not in result.stdout
    inside = ["run", "--features", features, collection / "sequences.fasta", "--out", collection / "run"]
    result = visgen(*inside, "--config", tiny, "--force")
    assert result.exit_code == 2
    assert "which --force would replace" in result.stderr
    assert features.is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a", "b", "--features", "f.npz"], "takes SEQUENCES alone"),
        (["a"], "takes IMAGES SEQUENCES"),
        (["a", "b", "--seeds", "3"], "--seeds goes with --features"),
        (
            ["s", "--features", "f.npz", "--group", "specimen"],
            "groups and splits come from the features file",
        ),
        (["s", "--features", "f.npz", "--split", "split.csv"], "not from --metadata, --group or --split"),
        (["s", "--features", "f.npz", "--recipe", "naive"], "--recipe is for pictures"),
        (["s", "--features", "f.npz"], r"s: .*no such file|cannot be"),
    ],
)
def test_run_says_what_it_takes(words, message, tmp_path):
    result = visgen("run", *words, "--out", tmp_path / "out")
    assert result.exit_code in (1, 2)
    assert re.search(message, result.stderr), result.stderr
    assert not (tmp_path / "out").exists()
