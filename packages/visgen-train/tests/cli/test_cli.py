"""`visgen` as typed, the verbs that train and their parts: closing lines, refusals, help."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner
from visgen_train.cli.common import configure
from visgen_train.cli.main import app
from visgen_train.errors import ConfigError
from visgen_train.experiment.recipes import RECIPES

RUNNER = CliRunner()


def visgen(*words):
    return RUNNER.invoke(app, [str(word) for word in words])


def test_run_ends_with_four_lines_and_a_report(words, collection):
    result = visgen(*words)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("Per-class accuracy by kNN: ")
    assert "Settled before the test images were met" in lines[1]
    assert str(collection / "run" / "report.html") in lines[2]
    assert lines[3].startswith("Next: ")
    assert result.stderr == ""  # no progress bars in a pipe
    assert (collection / "run" / "model-card.md").read_text().startswith("---\n")
    page = collection / "run" / "report.html"
    written = page.read_bytes()
    page.write_text("an older one")
    result = visgen("report", collection / "run")
    assert result.exit_code == 0, result.output
    assert page.read_bytes() == written
    assert result.stdout.splitlines()[0].startswith(f"Report: {page} (")
    (collection / "my.nwk").write_text("(Xus_a:1,Xus_b:1,Xus_c:1);")
    refused = visgen("report", collection / "run", "--tree", collection / "my.nwk")
    assert (refused.exit_code, page.read_bytes()) == (1, written)
    assert "species are tips of this tree; it takes 3 to draw it" in refused.stderr
    refused = visgen("report", collection)
    assert refused.exit_code == 2
    assert "visgen run IMAGES SEQUENCES" in refused.stderr


def test_json_and_quiet(words, collection):
    result = visgen(*words, "--json")
    assert json.loads(result.stdout) == json.loads((collection / "run" / "metrics.json").read_text())
    result = visgen(*words, "--force", "--quiet")
    assert (result.exit_code, result.output) == (0, "")


def test_verbose_shows_the_log(words):
    assert "stage align, epoch 2" in visgen(*words, "--verbose").stderr


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (["--backbone", "resnet5"], 2, "no backbone 'resnet5'. Perhaps resnet50"),
        (["--weights", "gone.pth"], 2, "gone.pth: no such weights file"),
        (["--preset", "heavy"], 2, "no preset 'heavy'"),
        (["--recipe", "ltr-align"], 2, "no recipe 'ltr-align'; there are vgg16-softmax"),
        (["--set", "train.miner=easy"], 2, "must be one of all, random, semihard, hardest"),
        (["--set", "train.lrr=1"], 2, "perhaps train.lr"),
        (["--device", "gpu"], 2, "device 'gpu' cannot be used"),
        (["--labels", "gone.csv"], 1, "gone.csv: cannot be read"),
        (["--metadata", "gone.csv"], 1, "gone.csv: cannot be read"),
        (["--split", "gone.csv"], 1, "gone.csv: cannot be read"),
        (["--group", "specimen"], 2, "give the table by --metadata"),
        (["--no-such-option"], 2, "No such option"),
    ],
)
def test_wrong_calls_say_so_and_leave_no_run(words, collection, change, code, message):
    result = visgen(*words, *change)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not (collection / "run").exists()


def test_a_missing_folder_fasta_and_a_taken_run(words, collection):
    for position, message in ((1, "no such folder"), (2, "no such file")):
        changed = [*words[:position], collection / "gone", *words[position + 1 :]]
        result = visgen(*changed)
        assert (result.exit_code, message in result.stderr.lower()) == (1, True), result.stderr
    (collection / "run").mkdir()
    (collection / "run" / "environment.json").write_text('{"packages": {"visgen-train": "0.1.0"}}')
    result = visgen(*words)
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert "--force" in result.stderr
    assert visgen(*words, "--force").exit_code == 0


@pytest.mark.parametrize("verb", ["train", "ablate"])
def test_the_other_verbs_take_a_split_and_a_table_too(words, collection, verb):
    table = collection / "images.csv"
    table.write_text("file,species\n../elsewhere.png,Aus albus\n")
    given = [verb, *words[1:]]
    for change, message in (
        ([*given, "--split", "gone.csv"], "gone.csv: cannot be read"),
        (
            [verb, table, *given[2:]],
            "row 2 has the path '../elsewhere.png', which leaves the folder of the CSV",
        ),
    ):
        result = visgen(*change)
        assert (result.exit_code, message in result.stderr) == (1, True), result.stderr
        assert not (collection / "run").exists()


def test_debug_shows_the_traceback(words):
    result = visgen(*words, "--labels", "gone.csv", "--debug")
    assert type(result.exception).__name__ == "DataError"


def test_the_parts_end_as_run_does(words, collection):
    run = collection / "run"
    result = visgen("train", *words[1:])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == f"Next: visgen align {run}"
    result = visgen("align", run, "--set", "align.epochs=1")
    assert result.stdout.splitlines()[-1] == f"Next: visgen evaluate {run}"
    result = visgen("evaluate", run)
    assert result.exit_code == 0, result.output
    by_hand = result.stdout.replace(str(run), "RUN")
    result = visgen(*words[:4], collection / "whole", *words[5:], "--set", "align.epochs=1")
    assert result.stdout.replace(str(collection / "whole"), "RUN") == by_hand
    assert (run / "report.html").is_file()
    metrics = visgen("evaluate", run, "--set", "evaluate.neighbours=1", "--json").stdout
    assert json.loads(metrics) == json.loads((run / "metrics.json").read_text())


def test_a_run_without_alignment_says_knn_and_softmax(words, collection):
    result = visgen(*words, "--recipe", "naive", "--set", "align.epochs=0")
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == [
        "visgen: recipe naive would set train.weight_decay=0.0, but --config makes it 0.0001"
    ]
    assert re.match(r"Per-class accuracy: .* % by kNN \(95 % .*\), .* % by softmax \(95 % ", result.stdout)
    assert (collection / "run" / "report.html").is_file()


def test_what_overrules_a_recipe_on_the_command_line_is_meant(caplog):
    """No warning of --set or --backbone; the first is the example of docs/recipes.md."""
    configure("sound", "ltr-aligned", None, ["train.weight_decay=5e-3"])
    configure("sound", "ltr", None, ["train={max_norm: 0.3}"])
    configure("sound", "vgg16-softmax", None, None, backbone="resnet18")
    assert not caplog.records


@pytest.mark.parametrize(
    ("verb", "change", "message"),
    [
        (
            "align",
            ["--set", "train.lr=1"],
            "not of train (train.lr was 0.02, now 1.0): that takes visgen train",
        ),
        (
            "evaluate",
            ["--set", "align.lr=1"],
            "not of align (align.lr was 0.05, now 1.0): that takes visgen align",
        ),
        ("align", ["--set", "align.los=1"], "perhaps align.loss"),
    ],
)
def test_the_parts_change_their_own_settings_alone(words, collection, verb, change, message):
    assert visgen("train", *words[1:]).exit_code == 0
    assert visgen("align", collection / "run").exit_code == 0
    result = visgen(verb, collection / "run", *change)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_the_parts_need_a_trained_run(collection):
    for verb in ("align", "evaluate"):
        result = visgen(verb, collection)
        assert (result.exit_code, "holds no trained run" in result.stderr) == (2, True)


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.aligns])
def test_a_recipe_that_aligns_is_not_left_unaligned_by_a_file(tmp_path, name):
    file = tmp_path / "mine.yaml"
    file.write_text("align: {epochs: 0}\n")
    with pytest.raises(
        ConfigError, match=rf"recipe {name} aligns to the DNA, but align\.epochs is 0 in .*mine\.yaml"
    ):
        configure("sound", name, file, None)
    for typed in (0, 3):  # what is typed is meant
        assert configure("sound", name, file, [f"align.epochs={typed}"]).align.epochs == typed


def test_recipes_are_listed_with_what_they_set():
    text = visgen("recipes").stdout
    assert "ltr-aligned  (Table 1, row 7)" in text
    row = "data.species=dna train.weight_decay=0.0001 train.max_norm=0.1 balance.epochs=0"
    assert f"sets   {row} align.epochs=0\n" in text
    assert f"sets   {row} align.loss=euclidean align.extra_layers=0\n" in text
    assert "none is a result of visgen" in text
    assert json.loads(visgen("recipes", "--json").stdout)["schema_version"] == 1


def test_help_and_version():
    assert "visgen demo" in visgen("--help").stdout
    assert "visgen run images/ sequences.fasta --out my-run" in visgen("run", "--help").stdout
    assert visgen("--version").stdout.startswith("visgen 0.")


def test_the_help_loads_nothing_heavy():
    heavy = {"torch", "numba", "sklearn", "scipy", "matplotlib", "pandas"}
    code = f"import sys; import visgen_train.cli.main; print(sorted({heavy} & sys.modules.keys()))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_the_quick_demo_takes_the_users_path(tmp_path, monkeypatch):
    """The command the demo prints, typed by hand, gives the demo's figures."""
    monkeypatch.setattr("visgen_train.cli.demo.QUICK_SET", {"species": 6, "images_max": 12, "test": 4})
    monkeypatch.setattr("visgen_train.cli.demo.QUICK_SETTINGS", ["train.epochs=1", "data.image_size=32"])
    result = visgen("demo", "--quick", "--out", tmp_path / "d")
    assert result.exit_code == 0, result.output
    typed = shlex.split(result.stderr.splitlines()[1])
    assert typed[:2] == ["visgen", "run"]
    typed[typed.index("--out") + 1] = str(tmp_path / "by-hand")
    assert visgen(*typed[1:]).exit_code == 0
    demo, by_hand = (json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("d", "by-hand"))
    assert demo == by_hand
    assert (tmp_path / "d" / "report.html").is_file()

    result = visgen("demo", "--quick", "--out", tmp_path / "d")
    assert (result.exit_code, "d is not empty" in result.stderr) == (2, True)
    before = (tmp_path / "d" / "log.txt").read_text()
    result = visgen("demo", "--quick", "--out", tmp_path / "d", "--resume")
    assert (result.exit_code, "Report:" in result.stdout) == (0, True), result.output
    assert (tmp_path / "d" / "log.txt").read_text().startswith(before)  # nothing finished is trained again
    shutil.rmtree(tmp_path / "d")
    result = visgen("demo", "--quick", "--out", tmp_path / "d", "--resume", "--seed", 8)
    assert (result.exit_code, "d-data is not empty" in result.stderr) == (2, True)  # the set of another seed
    (tmp_path / "e-data").mkdir()
    (tmp_path / "e-data" / "mine.txt").touch()
    for force in ([], ["--force"]):
        result = visgen("demo", "--quick", "--out", tmp_path / "e", *force)
        assert (result.exit_code, "e-data" in result.stderr) == (2, True)
    assert (tmp_path / "e-data" / "mine.txt").exists()
