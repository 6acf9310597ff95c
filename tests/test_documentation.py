"""What the documentation tells people to type exists: commands, options, presets, settings, files."""

import contextlib
import doctest
import io
import json
import re
import shlex
from pathlib import Path

import pytest
import sgt_dna.cli
import typer.main
from matplotlib import pyplot
from visgen_train.cli.main import app
from visgen_train.config import load_config
from visgen_train.experiment.recipes import RECIPES, recipe_settings

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *(page for page in ROOT.glob("docs/**/*.md") if not {"_build", "project"} & set(page.parts)),
    *ROOT.glob("packages/*/README.md"),
]
COMMANDS = typer.main.get_command(app).commands
TYPED = re.compile(
    r"^(?:\$ )?(?:[\w ]+&& )?(?:\w+=\S+ )?(?:uv run )?(visgen|sgt-dna|nox) (.*?)(?:  +#.*| \|\|? .*| &)?$",
    re.MULTILINE,
)


def typed():
    for page in PAGES:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for program, rest in TYPED.findall(block):
                yield pytest.param(program, shlex.split(rest), id=f"{page.name}: {program} {rest}"[:90])


@pytest.mark.parametrize(("program", "words"), list(typed()))
def test_commands_have_their_options(program, words):
    if program == "sgt-dna":
        assert sgt_dna.cli._parser().parse_args(words).verb == words[0]
    elif program == "nox":
        source = (ROOT / "noxfile.py").read_text()
        named = words[1 : words.index("--")] if "--" in words else words[1:]  # what follows is the session's
        assert all(f"def {session}(" in source for session in named if not session.startswith("-"))
    elif not words[0].startswith("-"):
        command = COMMANDS[words[0]]
        context = command.make_context(words[0], list(words[1:]))
        values = context.params
        load_config(
            values.get("preset", "sound"),
            settings=values.get("settings") or (),
            recipe=recipe_settings(values.get("recipe")),
        )


def test_options_are_told_apart_and_short_in_the_same_way():
    for name, command in COMMANDS.items():
        options = {option for item in command.params for option in item.opts}
        assert {f"{option}s" for option in options} & options <= {"--seeds"}, name  # how many, from --seed on
        assert ("--out" in options) == ("-o" in options), name


def test_the_table_of_recipes_is_the_table_in_the_code():
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines()]
    told = {row[0].strip("`"): row for row in rows if len(row) == 11 and row[0].startswith("`")}
    assert list(told) == list(RECIPES)
    for name, row in told.items():
        settings, paper = RECIPES[name].settings, RECIPES[name].paper
        assert row[7:] == [
            str(paper[key]) if paper else "" for key in ("per_class", "tail", "head", "overall")
        ]
        assert (row[6] == "all") == (settings.get("data.species") == "all")
        assert (row[4] == "no") == (not settings.get("train.max_norm"))
        assert (row[5] == "no") == (settings.get("align.epochs") == 0)


def test_there_are_commands_to_check():
    assert len(list(typed())) > 10


def test_the_tests_of_the_table_of_faults_exist():
    named = re.findall(r"`([\w/]+\.py): (\w+)`", (ROOT / "docs" / "faults.md").read_text(encoding="utf-8"))
    assert len(named) > 30
    for file, name in named:
        places = [
            path for path in (ROOT / "packages").glob(f"*/tests/{file}") if f"def {name}(" in path.read_text()
        ]
        assert places, (file, name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert all((page.parent / target).exists() for target in targets)


@pytest.mark.parametrize("name", ["sgt.md", "from-sgt.md"])
def test_examples_on_pages(name):
    done = doctest.testfile(str(ROOT / "docs" / name), module_relative=False)
    assert done.attempted > 10
    assert done.failed == 0


def test_each_row_of_the_alternatives_names_a_test():
    page = (ROOT / "docs" / "alternatives.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in page.splitlines()
        if line[:1] == "|"
    ]
    assert len(rows) > 12
    for row in rows[2:]:
        assert len(row) == 7
        file, name = row[-1].strip("`").split("::")
        source = (ROOT / "packages" / "sgt-dna" / "tests" / file).read_text(encoding="utf-8")
        assert f"def {name}(" in source, row


NOTEBOOKS = sorted(ROOT.glob("docs/notebooks/*.ipynb"))


def cells_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_stored_as_one_run_from_top_to_bottom(path):
    """That `nox -s notebooks` made, in a folder that its pages do not tell, and without errors or warnings."""
    cells, text = cells_of(path), path.read_text(encoding="utf-8")
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    kinds = {output.get("name", output["output_type"]) for cell in cells for output in cell["outputs"]}
    assert kinds <= {"stdout", "display_data", "execute_result"}
    assert not re.search(r"/(tmp|home|root|work|Users)/", text)
    assert len(text) < 250_000


def test_what_a_quick_notebook_prints_is_what_its_cells_print():
    """Without Jupyter. The other notebook trains, some minutes; that one is for `nox -s notebooks`."""
    pyplot.switch_backend("agg")
    cells = cells_of(ROOT / "docs" / "notebooks" / "sgt-dna.ipynb")
    stored = "".join("".join(output.get("text", "")) for cell in cells for output in cell["outputs"])
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        for cell in cells:
            exec("".join(cell["source"]), names)
    assert printed.getvalue() == stored
    pyplot.close("all")
