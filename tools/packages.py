"""Both packages as they will be published: built, looked through, tried in clean environments (`nox -s build`).

Without arguments every Python in `PYTHONS` is tried with the lowest and the newest dependencies; a Python that uv
neither finds nor can download is not, and the end says so. `3.12 lowest` is one such row, and there a missing Python
is an error.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from trials import RESOLUTIONS, NoPython, Package, trial

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12", "3.13")
BESIDE = {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"}  # in an sdist, beside src
MADE = {"PKG-INFO", ".gitignore"}  # by hatchling


def build(folder: Path) -> list[Package]:
    """Fill the folder, emptied first, with the sdist of each package and the wheel that is made from it."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["uv", "build", "-q", "--all-packages", "--out-dir", folder], cwd=ROOT, check=True)
    packages = [Package.read(ROOT / "packages" / name, folder) for name in ("sgt-dna", "visgen-train")]
    files = [file for package in packages for file in (package.sdist, package.wheel)]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *files], check=True)
    return packages


def tracked(package: Package) -> set[str]:
    """The files of a package that git knows, as paths inside its folder."""
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=package.source, check=True, capture_output=True, text=True
    )
    return set(done.stdout.split("\0")) - {""}


def same(found: set[str], wanted: set[str], archive: Path) -> None:
    """Stop if an archive holds other files than it should."""
    if found != wanted:
        raise SystemExit(
            f"{archive.name}: too much: {sorted(found - wanted)}; missing: {sorted(wanted - found)}. "
            "What belongs there is what git tracks under src: add or remove files"
        )


def check_sdist(package: Package) -> None:
    """The sdist holds src as git tracks it, and what stands beside it; no tests, no data of tests."""
    with tarfile.open(package.sdist) as archive:
        found = {name.split("/", 1)[1] for name in archive.getnames()}
    kept = {name for name in tracked(package) if name.startswith("src/") or name in BESIDE}
    same(found, kept | MADE, package.sdist)


def check_wheel(package: Package) -> None:
    """The wheel holds src as git tracks it, licence, typing mark and all, and a README that stands alone."""
    with zipfile.ZipFile(package.wheel) as archive:
        names = archive.namelist()
        info = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(f"{info}/METADATA"))
    made = {
        f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    }
    code = {name.removeprefix("src/") for name in tracked(package) if name.startswith("src/")}
    assert any(name.endswith("/py.typed") for name in code), package.name
    same(set(names), code | made, package.wheel)
    page = str(metadata.get_payload())
    if relative := re.findall(r"\]\((?!https?:|#)[^)]*\)|(?:src|href)=\"(?!https?:|#)[^\"]*\"", page):
        raise SystemExit(
            f"{package.source}/README.md: these links break where a registry shows it: {relative}"
        )


def check_rebuilt(package: Package) -> None:
    """The wheel made from the sdist is, byte for byte, the wheel made from the repository."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["uv", "build", "-q", "--wheel", "--package", package.name, "--out-dir", folder]
        subprocess.run(command, cwd=ROOT, check=True)
        if (Path(folder) / package.wheel.name).read_bytes() != package.wheel.read_bytes():
            raise SystemExit(f"{package.wheel.name}: the sdist makes another wheel than the repository does")


def main() -> None:
    """Build, check, try; the table at the end says what was tried on what, and what was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", nargs="?", help="a version of Python, such as 3.12; all without it")
    parser.add_argument("resolution", nargs="?", choices=sorted(RESOLUTIONS), help="both without it")
    asked = parser.parse_args()
    packages = build(DIST)
    for package in packages:
        check_sdist(package)
        check_wheel(package)
        check_rebuilt(package)
        print(f"{package.name}: sdist and wheel hold what they should, and the sdist makes the same wheel")
    rows, failed = [], False
    for python in [asked.python] if asked.python else PYTHONS:
        for resolution in [asked.resolution] if asked.resolution else RESOLUTIONS:
            try:
                told = trial(packages, python, resolution, demo=(python, resolution) == ("3.11", "newest"))
            except NoPython as missing:
                told, failed = f"NOT RUN: {missing}", failed or bool(asked.python)
            except subprocess.CalledProcessError as error:
                told, failed = f"FAILED: {error}\n{error.stdout or ''}{error.stderr or ''}", True
            rows.append(f"Python {python}, {resolution} dependencies: {told}")
            print(rows[-1], flush=True)
    print("\n".join(["", f"In {DIST}:", *sorted(path.name for path in DIST.glob("*-*")), "", *rows]))
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
