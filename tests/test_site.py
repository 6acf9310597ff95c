"""The site's contents, links and reference are those of the repository and of the code."""

import dataclasses
import re
from pathlib import Path

import pytest
import sgt_dna.cli
import visgen_train
import yaml
from _ext import commands, contents, pages, settings
from typer.testing import CliRunner
from visgen_train.cli.main import app
from visgen_train.config import Config
from visgen_train.experiment.recipes import RECIPES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SECTIONS = (
    *("Start here", "Tutorials", "How-to", "Understanding", "Does it help?", "Reference", "Performance"),
    *("Security and faults", "FAQ", "Contributing"),
)
OPTION = re.compile(r"--[a-z][a-z-]+|(?<![\w-])-[a-z]\b")


def test_every_page_stands_once_in_the_contents():
    listed = contents.sections((DOCS / "README.md").read_text(encoding="utf-8"))
    files = [file for section in listed.values() for _, file in section]
    built = {"_build", "project", "_ext"}
    mine = [
        path for path in DOCS.rglob("*") if path.suffix in (".md", ".ipynb") and not built & set(path.parts)
    ]
    expected = [
        path.relative_to(DOCS).as_posix() for path in mine if path.name not in ("README.md", "index.md")
    ]
    assert sorted(files) == sorted([*expected, *(f"../{name}" for name in pages.OUTSIDE)])
    assert list(listed) == [section for section in SECTIONS if section in listed]


def test_the_index_has_a_tree_of_each_section():
    page = contents.index(
        "# Docs\n\nAll.\n\n## A\n\n- [One](one.md): 1\n- [Two](../TWO.md)\n\n## B\n\n- [C](c.md)\n"
    )
    assert page.startswith("## A\n\n- [One](one.md): 1")
    trees = re.findall(r":caption: (.*)\n\n((?:.+\n)+)```", page)
    assert trees == [("A", "One <one.md>\nTwo <../TWO.md>\n"), ("B", "C <c.md>\n")]


@pytest.mark.parametrize(
    ("text", "origin", "page", "expected"),
    [
        ("[a](docs/sgt.md#x) b", "README.md", "docs/project/start.md", "[a](../sgt.md#x) b"),
        ("[a](../README.md#own-data)", "docs/sgt.md", "docs/sgt.md", "[a](project/start.md#own-data)"),
        ("![a](docs/report.png)", "README.md", "docs/project/start.md", "![a](../report.png)"),
        ("[a](docs/README.md)", "README.md", "docs/project/start.md", "[a](../index.md)"),
        ("[a](CITATION.cff)", "README.md", "docs/project/start.md", "[a](../../CITATION.cff)"),
        ("[a](../CONTRIBUTING.md)", "docs/how-to/x.md", "docs/how-to/x.md", "[a](../CONTRIBUTING.md)"),
        ("[a](https://x.org/README.md) f[0](x)", "README.md", "docs/project/start.md", None),
    ],
)  # fmt: skip
def test_links_lead_to_the_same_file_on_the_site(text, origin, page, expected):
    assert pages.linked(text, origin, page) == (expected or text)


@pytest.mark.parametrize("page", [path.name for path in (DOCS / "reference").glob("*.md")])
def test_every_place_for_the_code_is_filled(page):
    text = pages.filled((DOCS / "reference" / page).read_text(encoding="utf-8"))
    assert "from the code:" not in text


def test_what_a_page_would_fetch_is_seen():
    inside = (
        '<script src="_static/a.js"></script> <a href="https://semver.org/">x</a> <img alt="" src="a.png">'
    )
    assert not pages.FETCHED.findall(inside)
    outside = '<script defer src="https://x.org/a.js"></script> <link rel="stylesheet" href="//x.org/b.css"/>'
    assert len(pages.FETCHED.findall(outside)) == 2


def described(page):
    """Verb -> names of options in its section of a reference page."""
    _, *parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return {
        verb: {
            name
            for line in re.findall(r"^```{option} (.*)", body, re.MULTILINE)
            for name in OPTION.findall(line)
        }
        for verb, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_every_option_of_visgen_is_in_the_reference():
    runner, page = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}), commands.visgen_page()
    found = described(page)
    verbs = re.findall(
        r"^│ ([a-z-]+)  ", runner.invoke(app, ["--help"]).output.split("Commands")[1], re.MULTILINE
    )
    assert [f"visgen {verb}" for verb in verbs] == list(found)
    for verb in verbs:
        lines = re.findall(r"^│ [* ]*(-.*?)<", runner.invoke(app, [verb, "--help"]).output, re.MULTILINE)
        assert len(lines) > 1
        told = {name for line in lines for name in OPTION.findall(line)}
        assert told - {"--help"} == found[f"visgen {verb}"]
    assert "```{option} --seed N\nSeed of the simulated set and of the training. Default: `7`.\n```" in page


def test_every_option_of_sgt_dna_is_in_the_reference(capsys):
    page = commands.sgt_dna_page()
    found = described(page)
    assert list(found) == [f"sgt-dna {verb}" for verb in sgt_dna.cli.VERBS]
    for verb in sgt_dna.cli.VERBS:
        with pytest.raises(SystemExit):
            sgt_dna.cli.main([verb, "--help"])
        lines = re.findall(r"^  (-.*?)(?:  |$)", capsys.readouterr().out, re.MULTILINE)
        told = {name for line in lines for name in OPTION.findall(line)}
        assert told - {"-h", "--help"} == found[f"sgt-dna {verb}"]
    assert "```{option} --kappa KAPPA\ndecay; the higher, the shorter the reach (1).\n```" in page


def test_every_setting_is_in_the_reference():
    page = settings.fields()
    values = {}
    for key, value in dataclasses.asdict(Config()).items():
        values |= (
            {f"{key}.{name}": item for name, item in value.items()}
            if isinstance(value, dict)
            else {key: value}
        )
    assert re.findall(r"^```{confval} (\S+)", page, re.MULTILINE) == [
        *(name for name in values if "." in name),
        *(name for name in values if "." not in name),
    ]
    _, entry, _ = re.split(r"```{confval} train\.(?:lr|momentum)\n", page)
    assert entry == (
        "(peak) learning rate of SGD.\n\nDefault: `0.01`; a number from 0 to 1000. "
        "In the preset `paper`: `0.001`. In the preset `light`: `0.05`.\n```\n\n"
    )


def test_the_table_of_presets_has_what_their_files_set():
    folder = Path(visgen_train.__file__).parent / "presets"
    table = {row[0].strip("`"): row[1:] for row in rows(settings.presets())}
    for number, preset in enumerate(("sound", "paper", "light")):
        sections = yaml.safe_load((folder / f"{preset}.yaml").read_text(encoding="utf-8")) or {}
        for section, values in sections.items():
            for key, value in values.items():
                assert table[f"{section}.{key}"][number] == settings.shown(value)
    assert table["train.batch"] == ["64", "64", "32"]


def test_the_table_of_recipes_has_what_they_set():
    table = {row[0].strip("`"): row[2] for row in rows(settings.recipes())}
    assert list(table) == list(RECIPES)
    for name, recipe in RECIPES.items():
        assert [item.partition("=")[0] for item in re.findall(r"`([^`]+)`", table[name])] == list(
            recipe.settings
        )


def rows(text):
    """Cells of the rows below the heading of a table."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("package", [sgt_dna, visgen_train], ids=lambda package: package.__name__)
def test_every_public_name_is_in_the_reference(package):
    page = (DOCS / "reference" / f"api-{package.__name__.replace('_', '-')}.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\.\. auto\w+:: (\S+)$", page, re.MULTILINE)
    assert {f"{package.__name__}.{name}" for name in package.__all__} <= set(documented)
    assert len(documented) == len(set(documented))
