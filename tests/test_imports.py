"""The import direction (see CONTRIBUTING.md) holds; the contracts stand in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config"]


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LINT, str(config)], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_contract_is_kept():
    done = lint(ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout
    assert "6 kept, 0 broken" in done.stdout


def test_a_turned_direction_is_noticed(tmp_path):
    text = (ROOT / "pyproject.toml").read_text()
    turned = text.replace('"experiment",\n    "evaluation",', '"evaluation",\n    "experiment",')
    assert turned != text
    (tmp_path / "pyproject.toml").write_text(turned)
    done = lint(tmp_path / "pyproject.toml")
    assert done.returncode == 1
    assert "images + anchors -> aligned model -> evidence BROKEN" in done.stdout
