"""The picture of docs/architecture.md: as its script draws it, of files there are; and what the page calls alike is."""

import importlib.util
import re
from pathlib import Path

import pytest
from sgt_dna import _csv
from visgen_train.io import cells

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "packages" / "visgen-train" / "src" / "visgen_train"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_architecture", ROOT / "docs" / "make_architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_what_its_script_draws(script):
    assert (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8") == script.drawn()


def test_every_place_it_names_is_there(script):
    named = [name for box in script.BOXES.values() for name in re.findall(r"[\w/]+(?:\.py|/)", box[-1])]
    assert len(named) > 15
    gone = [name for name in named if not list(SOURCES.rglob(f"{name.rstrip('/')}"))]
    assert gone == []


@pytest.mark.parametrize(
    "text", ["=1", "'=1", "''@a", "-", "+1", "\tx", "\rx", "'", "'a", "a=1", "", " =1", "\n=1"]
)
def test_both_packages_neutralise_cells_alike(text):
    assert _csv.neutralised(text) == cells.neutralised(text)
    assert _csv._restored(text) == cells.restored(text)
