"""What the fuzzer starts from and what it found, put through its check again: tests/corpus."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FILES = sorted(path.name for path in (HERE / "corpus").iterdir())


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("fuzz_fasta", HERE.parent / "fuzz" / "fuzz_fasta.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check


def test_there_is_a_corpus():
    assert len(FILES) >= 30


@pytest.mark.parametrize("name", FILES)
def test_corpus(check, name):
    check((HERE / "corpus" / name).read_bytes())
