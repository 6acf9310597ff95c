"""The package as a whole: imports, layers, documentation, errors."""

import ast
import doctest
import importlib
import importlib.metadata
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import sgt_dna

SOURCE = Path(sgt_dna.__file__).parent
ROOT = Path(__file__).parents[1]
LAYERS = [
    {"errors"},
    {"alphabet", "params"},
    {"fasta", "_kernel", "storage"},
    {"encode", "embedding"},
    {"transform", "_anchors"},
    {"__init__"},
    {"cli"},
]
MODULES = sorted(path.stem for path in SOURCE.glob("*.py"))


def test_import_is_light():
    code = (
        "import sys, sgt_dna; "
        "print(*sorted({'numba', 'pandas', 'torch', 'sklearn', 'scipy', 'Bio'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_every_module_has_a_layer():
    assert sorted(set().union(*LAYERS)) == MODULES


@pytest.mark.parametrize("layer", range(len(LAYERS)))
def test_imports_go_down(layer):
    below = set().union(*LAYERS[:layer])
    for module in LAYERS[layer]:
        tree = ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))
        found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name.removeprefix("sgt_dna.") for name in found if name and name.startswith("sgt_dna")}
        assert ours <= below, module


def test_only_the_kernel_imports_numba():
    assert [name for name in MODULES if "numba import" in (SOURCE / f"{name}.py").read_text()] == ["_kernel"]


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    name = "sgt_dna" if module == "__init__" else f"sgt_dna.{module}"
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", ["embed", "anchors", "read_fasta", "Embedding", "SGTParams", "SgtError"])
def test_public_names_have_an_example(name):
    assert ">>> " in getattr(sgt_dna, name).__doc__


def test_example_in_the_readme():
    done = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert done.attempted >= 5
    assert done.failed == 0


def test_public_names():
    assert all(hasattr(sgt_dna, name) for name in sgt_dna.__all__)
    assert sgt_dna.__version__ == importlib.metadata.version("sgt-dna")
    assert "1608.03533" in sgt_dna.__doc__
    assert "WACV 2024" in sgt_dna.__doc__


@pytest.mark.parametrize("name", ["FastaError", "AlphabetError", "ParameterError", "FormatError"])
def test_errors_survive_a_process_border(name):
    error = getattr(sgt_dna, name)("wrong", file="x.fasta", record="a", line=3)
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back, sgt_dna.SgtError)
    assert isinstance(back, ValueError)
    assert (str(back), back.file, back.record, back.line) == ("x.fasta: wrong", "x.fasta", "a", 3)
