"""A built wheel in a clean environment, away from the repository: its README's examples run there."""

import os
import re
import shutil
import subprocess
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

RESOLUTIONS = {"lowest": "lowest-direct", "newest": "highest"}
QUICK = ("--preset", "light", "--weights", "none", "--set", "train.epochs=2", "--set", "align.epochs=1")
FEATURES = """
import numpy, pathlib
labels = [folder.name for folder in sorted(pathlib.Path("images").iterdir()) for _ in range(12)]
vectors = numpy.random.default_rng(0).normal(size=(len(labels), 16))
numpy.savez("features.npz", vectors=vectors, labels=labels)
"""  # what the README's examples take for granted, beside images/, tray/ and sequences.fasta


class NoPython(Exception):
    """uv neither finds the version of Python nor can download it."""


@dataclass(frozen=True)
class Package:
    """A package: its folder in the repository, its pyproject, and its two files."""

    name: str
    source: Path
    requirements: list[str]  # with those of all extras below
    extras: list[str]
    sdist: Path
    wheel: Path

    @classmethod
    def read(cls, source: Path, dist: Path) -> "Package":
        """Read pyproject.toml; the files are those of its version in `dist`."""
        project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        stem = f"{project['name'].replace('-', '_')}-{project['version']}"
        extras = [line for lines in project["optional-dependencies"].values() for line in lines]
        return cls(
            name=project["name"],
            source=source,
            requirements=[line for line in project["dependencies"] if not line.startswith("sgt-dna")],
            extras=[line for line in extras if not line.startswith("sgt-dna")],
            sdist=dist / f"{stem}.tar.gz",
            wheel=dist / f"{stem}-py3-none-any.whl",
        )

    def blocks(self, language: str) -> list[str]:
        """The README's blocks of code in a language."""
        page = (self.source / "README.md").read_text(encoding="utf-8")
        return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


class Environment:
    """A clean environment, and the empty folder in which its commands are run."""

    def __init__(self, folder: Path, python: str, resolution: str) -> None:
        self.folder, self.bin = folder / "work", folder / "env" / "bin"
        self.folder.mkdir()
        self.resolution = RESOLUTIONS[resolution]
        outside = {
            key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "PYTHONPATH")
        }
        self.variables = {**outside, "PATH": f"{self.bin}{os.pathsep}{outside['PATH']}"}
        try:
            self.run("uv", "venv", "-q", "--python", python, str(folder / "env"))
        except subprocess.CalledProcessError as error:
            reasons = [line.strip() for line in error.stderr.splitlines() if line.strip()]
            raise NoPython(reasons[-1] if reasons else f"uv finds no Python {python}") from error

    def install(self, requirements: list[str], wheels: list[Path]) -> None:
        """Install wheels of ours; their dependencies are named too, since only what is named is held low.

        Nothing is compiled: the lowest version on a newer Python is the lowest that has a wheel for it.
        """
        asked = self.folder / "requirements.txt"
        asked.write_text("\n".join([*requirements, *map(str, wheels)]), encoding="utf-8")
        options = ["--only-binary", ":all:", "--resolution", self.resolution, "--upgrade", "-q"]
        self.run("uv", "pip", "install", "--python", str(self.bin.parent), *options, "-r", str(asked))
        asked.unlink()

    def run(self, *command: str) -> str:
        """Run a command in the folder; give its standard output, raise CalledProcessError with both."""
        return subprocess.run(
            command, cwd=self.folder, env=self.variables, check=True, capture_output=True, text=True
        ).stdout

    def console(self, block: str) -> None:
        """Run a README's console block; its commands must print what stands below them."""
        steps = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
        for step in steps:
            command = re.match(r"(?:.*\\\n)*.*\n", step)
            assert command
            printed, shown = self.run("bash", "-c", f"exec 2>&1; {command[0]}"), step[command.end() :]
            if printed != shown:
                raise subprocess.CalledProcessError(0, command[0], printed, f"README.md shows:\n{shown}")

    def versions(self, requirements: list[str]) -> str:
        """What was installed of these requirements: `numpy 1.26.0, torch 2.6.0`."""
        named = {re.match(r"[\w-]+", line)[0].lower() for line in requirements}
        lines = self.run("uv", "pip", "freeze", "--python", str(self.bin.parent)).splitlines()
        found = [line.split("==") for line in lines if "==" in line]
        return ", ".join(f"{name} {version}" for name, version in found if name.lower() in named)


def try_sgt_dna(at: Environment, sgt: Package) -> None:
    """The command line with nothing but its dependencies; every Python example with all extras."""
    at.install(sgt.requirements, [sgt.wheel])
    at.run("sgt-dna", "--version")
    for block in sgt.blocks("console"):
        if "printf" in block:
            at.console(block)
    at.install([*sgt.requirements, *sgt.extras], [sgt.wheel])
    shutil.copy(sgt.source / "README.md", at.folder / "page.txt")
    at.run("python", "-m", "doctest", "page.txt")
    at.run("sgt-dna", "embed", "sequences.fasta", "-o", "vectors.parquet")


def try_visgen(at: Environment, sgt: Package, visgen: Package, demo: bool) -> None:
    """A tiny simulated set through the README's examples in Python; with all extras, the tree and the exports."""
    needed, wheels = [*sgt.requirements, *visgen.requirements], [sgt.wheel, visgen.wheel]
    at.install(needed, wheels)
    at.run("visgen", "--version")
    at.run("visgen", "--help")
    size = ("--species", "4", "--counts", "12:4", "--validation", "3", "--test", "4", "--size", "32")
    at.run("visgen", "simulate", "set", *size)
    shutil.copytree(at.folder / "set" / "images", at.folder / "images")
    shutil.copytree(next((at.folder / "images").iterdir()), at.folder / "tray")
    shutil.copy(at.folder / "set" / "sequences.fasta", at.folder)
    at.run("visgen", "check", "images", "sequences.fasta")
    at.run("visgen", "run", "images", "sequences.fasta", "--out", "run", *QUICK)
    at.run("visgen", "predict", "run", "tray")
    at.run("python", "-c", "\n".join([FEATURES, *visgen.blocks("python")]))
    if demo:
        at.run("visgen", "demo", "--quick")
    at.install([*needed, *visgen.extras], wheels)
    at.run(
        "visgen", "run", "images", "sequences.fasta", "--out", "timm", "--backbone", "timm:resnet10t", *QUICK
    )
    at.run("visgen", "phylogeny", "sequences.fasta", "--out", "tree")
    for form in ("onnx", "torch-export", "safetensors"):
        at.run("visgen", "export", "run", "--format", form, "--out", form)


def trial(packages: list[Package], python: str, resolution: str, demo: bool) -> str:
    """Try both packages on one Python and one end of their dependencies; says what was installed.

    Raises NoPython, and CalledProcessError for whatever did not work.
    """
    sgt, visgen = packages
    with tempfile.TemporaryDirectory() as folder:
        at = Environment(Path(folder), python, resolution)
        try_sgt_dna(at, sgt)
        told = [f"sgt-dna works ({at.versions([*sgt.requirements, *sgt.extras])})"]
    with tempfile.TemporaryDirectory() as folder:
        at = Environment(Path(folder), python, resolution)
        try_visgen(at, sgt, visgen, demo)
        needed = [*sgt.requirements, *visgen.requirements, *visgen.extras]
        told.append(f"visgen works ({at.versions(needed)})")
    return "\n  ".join(told)
