"""`visgen export` as typed."""

import shutil

from typer.testing import CliRunner
from visgen_train.cli.main import app


def visgen(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_says_what_it_wrote_and_where(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "my-run")
    result = visgen("export", tmp_path / "my-run", "--format", "safetensors", "--stage", "visual")
    assert result.exit_code == 0, result.output
    model = tmp_path / "my-run-safetensors" / "model.safetensors"  # beside the run
    assert model.is_file()
    assert result.stdout.startswith(
        f"{model}: 3 species by their means in the visual embedding, per-class accuracy "
    )
    assert result.stderr == ""
    again = visgen("export", tmp_path / "my-run", "--format", "safetensors", "--quiet")
    assert again.exit_code == 2
    assert again.stderr.startswith(f"visgen: error: {model.parent} is not empty. Choose another --out")
    assert len(again.stderr.splitlines()) == 1
    done = visgen("export", tmp_path / "my-run", "--format", "safetensors", "--quiet", "--force")
    assert (done.exit_code, done.output) == (0, "")
