"""The package as a whole: import time, documentation, errors. The layers are checked by tests/test_imports.py."""

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
MODULES = sorted(".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in SOURCE.rglob("*.py"))


def test_import_is_light():
    code = (
        "import sys, sgt_dna; heavy = {'numba', 'pandas', 'pyarrow', 'torch', 'sklearn', 'scipy', 'Bio', 'dask', "
        "'distributed', 'matplotlib', 'joblib'}; print(*sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    name = f"sgt_dna.{module}".removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    "name", ["embed", "anchors", "label_table", "read_fasta", "Embedding", "SGTParams", "SgtError"]
)
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


@pytest.mark.parametrize(
    "name",
    ["FastaError", "AlphabetError", "ParameterError", "FormatError", "LabelError", "MissingExtraError"],
)
def test_errors_survive_a_process_border(name):
    error = getattr(sgt_dna, name)("wrong", file="x.fasta", record="a", line=3)
    back = pickle.loads(pickle.dumps(error))
    assert isinstance(back, sgt_dna.SgtError)
    assert isinstance(back, ValueError)
    assert (str(back), back.file, back.record, back.line) == ("x.fasta: wrong", "x.fasta", "a", 3)
