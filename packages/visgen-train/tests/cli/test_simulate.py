"""`visgen simulate`, as typed."""

import inspect

import pytest
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.cli.simulate import simulate
from visgen_train.simulate import BenchmarkParams

SMALL = ["--species", "3", "--counts", "4:2", "--test", "2", "--size", "24", "--validation", "1"]


def visgen(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_a_set_and_the_next_command(tmp_path):
    out = tmp_path / "set"
    poor = [
        "--variation",
        0.1,
        "--tilt",
        0.3,
        "--noise",
        0.01,
        "--blur",
        0.05,
        "--clutter",
        3,
        "--scale",
        0.1,
    ]
    done = visgen("simulate", out, *SMALL, "--unseen", 1, "--signal", 0.5, *poor, "--seed", 11)
    assert done.exit_code == 0
    assert (
        f"{out}: 3 species with 9 training pictures (4 to 2 a species), and 1 without pictures" in done.stdout
    )
    assert f"Next: visgen run {out}/images {out}/sequences.fasta --metadata {out}/metadata.csv" in done.stdout
    assert "--matched-only --out RUN --preset light" in done.stdout
    assert {path.name for path in out.iterdir()} == {
        *("images", "unseen", "metadata.csv", "sequences.fasta", "alignment.fasta", "tree.nwk", "traits.csv"),
        "README.txt",
    }
    text = (out / "README.txt").read_text()
    assert (
        "unseen = 1\nimages_max = 4\nimages_min = 2\nvalidation = 1\ntest = 2\nsize = 24\nsignal = 0.5\n"
        "variation = 0.1\ntilt = 0.3\nnoise = 0.01\nblur = 0.05\nclutter = 3.0\nscale = 0.1\nseed = 11\n"
        in text
    )
    again = visgen("simulate", out, *SMALL)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "is not empty. Choose another OUT, or pass --force" in again.stderr
    assert visgen("simulate", out, *SMALL, "--force", "-q").stdout == ""
    assert "unseen = 0\n" in (out / "README.txt").read_text()
    assert not (out / "unseen").exists()


def test_what_is_not_given_is_as_the_demo_has_it():
    given = {name: option.default for name, option in inspect.signature(simulate).parameters.items()}
    most, least = given.pop("counts").split(":")
    shared = {name: value for name, value in given.items() if name in vars(BenchmarkParams())}
    assert vars(BenchmarkParams()) == {**shared, "images_max": int(most), "images_min": int(least)}


def test_force_does_not_touch_what_is_no_simulated_set(tmp_path):
    (tmp_path / "README.txt").write_text("my pictures")
    done = visgen("simulate", tmp_path, *SMALL, "--force")
    assert done.exit_code == 2
    assert "is no simulated set, so --force does not touch it" in done.stderr
    assert (tmp_path / "README.txt").read_text() == "my pictures"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--counts", "250"],
            "--counts '250' is not two numbers, 1 at least, such as 250:4, the commonest species first.",
        ),
        (["--counts", "4:250"], "--counts '4:250' is not two numbers, 1 at least, such as 250:4"),
        (["--counts", "4:0"], "--counts '4:0' is not two numbers, 1 at least, such as 250:4"),
        (["--signal", "2"], "signal must be from 0 to 1, not 2.0."),
        (["--scale", "1"], "scale must be from 0 to 0.8, not 1.0."),
        (["--species", "1"], "species must be from 2 to 128, not 1."),
    ],
)
def test_what_cannot_be_simulated(tmp_path, words, message):
    done = visgen("simulate", tmp_path / "set", *words)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "set").exists()
