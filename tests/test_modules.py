"""Every file of code says in its first line what it is for, and none is too long to be read at one sitting."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACES = ("packages", "benchmarks", "docs", "tests")
FILES = sorted(
    path
    for path in [ROOT / "noxfile.py", *(path for place in PLACES for path in (ROOT / place).rglob("*.py"))]
    if not {"_build", ".venv", "build"} & set(path.parts)
)
LONGEST = 300
SENTENCE = re.compile(r"([A-Z0-9`]|[\w-]+\.\w+\b).*[.?]")


def purpose(text: str) -> str:
    """The first line of a module's docstring, or nothing."""
    return (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]


def is_sentence(line: str) -> bool:
    """From a capital, a number, code or the name of a file to a full stop, in two words at least."""
    return bool(SENTENCE.fullmatch(line)) and len(line.split()) > 1


@pytest.mark.parametrize("text", ["x = 1", '"""Words without an end"""', '"""Done."""', '"""lower case."""'])
def test_what_says_nothing_is_noticed(text):
    assert not is_sentence(purpose(text))


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT)) for path in FILES if not is_sentence(purpose(path.read_text("utf-8")))
    ]
    assert len(FILES) > 500
    assert silent == []


def test_no_two_modules_of_a_folder_say_the_same():
    said: dict[tuple[Path, str], list[str]] = {}
    for path in FILES:
        said.setdefault((path.parent, purpose(path.read_text("utf-8"))), []).append(path.name)
    assert [names for names in said.values() if len(names) > 1] == []


def test_no_file_is_too_long():
    lines = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in FILES}
    assert {name: number for name, number in lines.items() if number > LONGEST} == {}
