"""What runs the blocks of pages, docs/run_pages.py, sees what is to be run, and a block that fails."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tools():
    """The modules page_blocks, run_pages and quick_visgen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "docs"))
        yield [importlib.import_module(name) for name in ("page_blocks", "run_pages", "quick_visgen")]


@pytest.fixture
def run(tools, tmp_path, monkeypatch):
    """Run a page of that text in an empty folder; its outcomes."""
    (tmp_path / "stock" / "files").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for name in ("PATH", "MPLBACKEND"):
        monkeypatch.setenv(name, "/usr/bin:/bin")  # which running a page sets

    def run(text):
        page = tmp_path / "page.md"
        page.write_text(text, encoding="utf-8")
        return tools[1].run_page(page, tmp_path / "stock")

    return run


def test_blocks_of_a_page(tools):
    page = (
        "# Title\n\n```console\n$ ls\n```\n\n```\noutput\n```\n\n```bash\nsbatch job\n```\n\n- a list:\n\n"
        "  <!-- not run: a cluster -->\n  ```python\n  if True:\n      pass\n  ```\n\n"
        "<!-- for granted\n```python\nx = 1\n```\n-->\n\n```yaml\n# my.yaml\na: 1\n```\n"
    )
    found = [(block.line, block.language, block.text, block.reason) for block in tools[0].blocks(page)]
    assert found == [
        (3, "console", "$ ls\n", ""),
        (18, "python", "if True:\n    pass\n", "a cluster"),
        (24, "python", "x = 1\n", ""),
        (29, "yaml", "# my.yaml\na: 1\n", ""),
    ]


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("<!-- not run: -->\n```console\n$ ls\n```\n", "line 2: say why"),
        ("<!-- not run -->\n```console\n$ ls\n```\n", "line 2: say why"),
        (
            "<!-- not run: hours -->\n\nText.\n\n```console\n$ ls\n```\n",
            "does not stand right before a block",
        ),
        (
            "<!-- not run: hours -->\n\nText.\n\n<!-- x -->\n```console\n$ ls\n```\n",
            "does not stand right before",
        ),
    ],
)
def test_what_is_not_run_needs_a_reason_and_a_block(tools, page, message):
    with pytest.raises(ValueError, match=message):
        tools[0].blocks(page)


def test_commands_and_what_they_print(tools):
    block = (
        "$ pip install uv && uv run visgen demo\nDone.\n$ pip install 'x[y]'   # all of it\n"
        "$ ls \\\n    -l   # a user's own\n$ cat > a.txt <<'END'\nit's\n$ no command\nEND\n$ echo 'a\nb'\nb\n"
        "$ false   # exit code 1\n"
    )
    commands, shown = tools[0].session(block)
    assert commands[:4] == [
        "visgen demo",
        "ls \\\n    -l   # a user's own",
        "cat > a.txt <<'END'\nit's\n$ no command\nEND",
        "echo 'a\nb'",
    ]
    assert "test $code = 1" in commands[4]
    assert shown == ["Done.", "b"]


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        ("one\ntwo", None),
        ("two\none", "one"),
        ("5 %\none", None),
        ("one ...\nthree", "three"),
        ("\ntwo", None),
        ("a   b", None),
        ("ab", "ab"),
    ],
)
def test_shown_lines_without_numbers_must_be_printed_in_order(tools, shown, found):
    assert tools[0].missing(shown.splitlines(), "one\n  two\na b\n") == found


def test_a_page_runs_in_one_folder_and_one_namespace(run):
    page = (
        "```python\n# job.py\nprint(6 * 7)\n```\n```console\n$ python job.py > out.txt\n$ cat out.txt\n```\n"
        "```python\nfrom pathlib import Path\nfound = int(Path('out.txt').read_text())\n```\n"
        "```python\n>>> found\n42\n>>> other = 1\n\n```\n"
        "```python\n>>> def fail():\n...     raise ValueError(found)\n\n```\n"
        "```python\n>>> fail()\nTraceback (most recent call last):\nValueError: 42\n\n```\n"
        "```python\nassert found + other == 43\n```\n<!-- not run: hours -->\n```console\n$ exit 1\n```\n"
        "```console\n$ cat absent    # exit code 1\n```\n"
    )
    outcomes = run(page)
    assert [outcome.state for outcome in outcomes] == [*["passed"] * 7, "not run", "passed"]
    assert outcomes[7].told == "hours"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("console\n$ echo one\n$ cat absent\n$ echo two\n", "$ cat absent\ncat: absent: No such file"),
        ("console\n$ echo one\ntwo\n", "this is not printed: two"),
        ("console\n$ true   # exit code 1\n", "exit code 1"),
        ("console\n$ false | cat\n", "exit code 1"),
        ("python\nprint('before')\n1 / 0\n", "before\nTraceback"),
        ("python\nraise SystemExit('no')\n", "SystemExit: no"),
        ("python\n>>> 1 + 1\n3\n", "Expected:\n    3\nGot:\n    2"),
    ],
)
def test_a_block_that_fails(run, tools, capsys, block, told):
    (outcome,) = run(f"```{block}```\n")
    assert outcome.state == "failed"
    assert told in outcome.told
    assert "$ echo two" not in outcome.told
    tools[1].report(Path("page.md"), [outcome])
    assert "  failed" in capsys.readouterr().out


def test_the_pages_of_the_repository_can_be_run(tools):
    found = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in tools[1].pages()}
    assert {
        "README.md",
        "CONTRIBUTING.md",
        "packages/visgen-train/README.md",
        "docs/evidence.md",
    } <= found.keys()
    assert sum(len(tools[0].blocks(text)) for text in found.values()) > 100
    assert not any(page.startswith(("docs/project/", "docs/_build/")) for page in found)


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("demo --out d", "--quick"),
        ("run i s --out r", "--preset light --weights none SETTINGS"),
        ("run i s --preset paper --weights none", "SETTINGS"),
        ("ablate i s --weights none", "--preset light SETTINGS --seeds 2"),
        ("predict r tray/", ""),
        ("", ""),
    ],
)
def test_quick_commands_keep_what_is_typed(tools, typed, added):
    settings = " ".join(f"--set {setting}" for setting in tools[2].SETTINGS)
    assert " ".join(tools[2].quick(typed.split())) == f"{typed} {added.replace('SETTINGS', settings)}".strip()


def test_settings_that_are_typed_are_not_added(tools):
    assert tools[2].quick(["train", "--set", "train.epochs=0"]).count("--set") == len(tools[2].SETTINGS)
