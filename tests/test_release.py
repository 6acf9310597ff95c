"""What a release says of itself agrees: versions, changelogs, citation, Pythons, workflows, the README's first page."""

import ast
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import sgt_dna
import visgen_train
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = {"sgt-dna": sgt_dna, "visgen-train": visgen_train}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def project(name):
    return tomllib.loads((ROOT / "packages" / name / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("name", PACKAGES)
def test_each_version_stands_in_one_place_and_is_told_alike(name):
    written = project(name)["version"]
    assert PACKAGES[name].__version__ == written == version(name)
    changes = (ROOT / "packages" / name / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((unreleased|\d{4}-\d\d-\d\d)\)$", changes, re.MULTILINE)
    assert newest
    assert newest[1] == written
    groups = re.findall(r"^### (.*)$", changes, re.MULTILINE)
    assert set(groups) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_citation_is_of_visgen():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert str(citation["version"]) == project("visgen-train")["version"]


@pytest.mark.parametrize("name", PACKAGES)
def test_the_pythons_that_are_named_are_tried_before_a_release(name):
    mark = "Programming Language :: Python :: 3."
    named = [line.rpartition(" ")[2] for line in project(name)["classifiers"] if line.startswith(mark)]
    source = (ROOT / "tools" / "packages.py").read_text(encoding="utf-8")
    tried = re.search(r"^PYTHONS = (.*)$", source, re.MULTILINE)
    assert tried
    assert list(ast.literal_eval(tried[1])) == named
    release = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
    assert release["jobs"]["build"]["strategy"]["matrix"]["python"] == named


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_do_little_and_runs_what_exists(path):
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert content["permissions"] == {"contents": "read"}
    asked = {job: set(what["permissions"]) for job, what in content["jobs"].items() if "permissions" in what}
    assert (
        asked
        == {
            "ci.yml": {},
            "docs.yml": {"publish": {"pages", "id-token"}},
            "release.yml": {"publish": {"id-token"}},
        }[path.name]
    )
    assert all(re.search(r"@[0-9a-f]{40} # v\d", line) for line in text.splitlines() if "uses:" in line)
    assert "secrets." not in text
    assert "://" not in text
    sessions = re.findall(r"nox -s (\w+)", text)
    source = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    missing = [name for name in sessions if f"def {name}(" not in source]
    assert missing == []


def test_the_readme_tells_what_counts_on_its_first_page():
    page = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:60])
    marks = ["**You have", "uv run visgen demo", "Per-class accuracy by kNN:", "](docs/report.png)"]
    marks += [
        "--features features.npz",
        "pip install visgen-train",
        "**For**",
        "**Limits**",
        "WACV 2024, and",
        "1608.03533",
    ]
    places = [page.find(mark) for mark in marks]
    assert -1 not in places
    assert places == sorted(places)
