"""Run what the Markdown pages show, each page in a fresh folder; of some with `uv run nox -s notebooks -- README.md`.

How a page is written so that its blocks run:

- A `console` block is a Bash session: commands begin with "$ ", and go on where a line ends in a backslash, in an open
  quote or a here-document. `uv run` before a command is dropped, and so are `pip install` (this process has all
  packages; `nox -s build` is for their installation). `visgen` is that of docs/quick_visgen.py, which trains small
  pictures for one epoch. A block stops at its first command that fails; one shown with `# exit code 1` has to end so.
- The other lines of the block are what the commands print. Those without digits must be in what they print, in their
  order, whatever the width of columns; those with digits, "..." or "…" are not compared, since trainings differ. Output
  that is not to be compared at all stands in a block of its own, without a language.
- `python` blocks run in order in one namespace, in the same folder; examples with `>>>` as doctests, whose output is
  compared to the letter.
- A block of any language whose first line is a comment with the name of a file, `# name.py`, is written to that file.
- Blocks of other languages are not run.
- `<!-- not run: REASON -->` on the line before a block: it is not run, and the report says why.
- A block inside of an HTML comment is run, too, and no reader sees it: it makes what the page takes for granted, such
  as a trained run.
- The folder holds `images/` (a sub-folder a species), `metadata.csv`, `sequences.fasta`, `features.npz` and `tray/`
  (some pictures), made up by `visgen_train.simulate`, and a link to `benchmarks/`.
"""

import argparse
import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from page_blocks import FILE, Block, blocks, missing, session

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
LAST_LINES = 40
"""How much of the output of a failed block is shown."""


@dataclass(frozen=True)
class Outcome:
    """What came of a block: `told` is the output of a failed one, or the reason for which it was not run."""

    block: Block
    state: str
    seconds: float = 0
    told: str = ""


def run_page(page: Path, stock: Path) -> list[Outcome]:
    """Run the blocks of a page in a copy of `stock`. Changes folder and environment: for a process of its own."""
    os.environ["MPLBACKEND"] = "agg"
    os.environ["PATH"] = os.pathsep.join(
        [f"{stock / 'bin'}", str(Path(sys.executable).parent), os.environ["PATH"]]
    )
    folder = stock.parent / re.sub(r"\W+", "-", str(page))
    shutil.copytree(stock / "files", folder, symlinks=True)
    os.chdir(folder)
    try:
        found = blocks(page.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{page}: {error}") from error
    names: dict[str, Any] = {"__name__": "__main__"}
    return [_run(block, names) for block in found]


def _run(block: Block, names: dict[str, Any]) -> Outcome:
    if block.reason:
        return Outcome(block, "not run", told=block.reason)
    start = time.monotonic()
    file = FILE.match(block.text)
    if file is not None:
        Path(file[1]).parent.mkdir(parents=True, exist_ok=True)
        Path(file[1]).write_text(block.text, encoding="utf-8")
        told = ""
    else:
        told = _console(block.text) if block.language == "console" else _python(block, names)
    return Outcome(block, "failed" if told else "passed", time.monotonic() - start, told)


def _console(text: str) -> str:
    """Run the commands of a block; return what they printed if one fails, or prints something else than is shown."""
    commands, shown = session(text)
    script = "\n".join(f"printf '$ %s\\n' {shlex.quote(command)}\n{command}" for command in commands)
    words = ["bash", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
    )
    if done.returncode:
        return f"{done.stdout}exit code {done.returncode}"
    absent = missing(shown, done.stdout)
    return "" if absent is None else f"{done.stdout}this is not printed: {absent}"


def _python(block: Block, names: dict[str, Any]) -> str:
    """Run a block of Python; return what it printed, and the traceback, if it fails."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            if not block.text.startswith(">>> "):
                exec(compile(block.text, f"line {block.line}", "exec"), names)
                return ""
            examples = doctest.DocTestParser().get_doctest(block.text, names, f"line{block.line}", None, None)
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            failed = runner.run(examples, clear_globs=False).failed
            names.update(examples.globs)
        except (Exception, SystemExit):
            return f"{printed.getvalue()}{traceback.format_exc()}"
    return printed.getvalue() if failed else ""


def furnish(stock: Path) -> None:
    """Write what every page's folder holds into `stock`/files, and the command `visgen` into `stock`/bin."""
    import numpy as np
    from quick_visgen import SMALL_SET
    from visgen_train.simulate import BenchmarkParams, write_benchmark

    files, made = stock / "files", stock / "set"
    write_benchmark(made, BenchmarkParams(**SMALL_SET))
    (files / "tray").mkdir(parents=True)
    for name in ("images", "metadata.csv", "sequences.fasta"):
        (made / name).rename(files / name)
    species = sorted((files / "images").iterdir())
    for folder in species:
        picture = max(folder.iterdir())
        shutil.copy(picture, files / "tray")
    rng, labels = np.random.default_rng(0), [folder.name for folder in species for _ in range(12)]
    vectors = np.repeat(rng.normal(size=(len(species), 16)), 12, axis=0) + rng.normal(size=(len(labels), 16))
    np.savez(files / "features.npz", vectors=vectors, labels=labels)
    (files / "benchmarks").symlink_to(ROOT / "benchmarks")
    (stock / "bin").mkdir()
    command = stock / "bin" / "visgen"
    command.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(DOCS / "quick_visgen.py"))} "$@"\n'
    )
    command.chmod(0o755)


def report(page: Path, outcomes: Sequence[Outcome]) -> None:
    """Print what came of a page, a line a block."""
    seconds = sum(outcome.seconds for outcome in outcomes)
    print(f"{page.relative_to(ROOT) if page.is_relative_to(ROOT) else page}: {seconds:.0f} s", flush=True)
    for outcome in outcomes:
        first = outcome.block.text.strip().splitlines()[0]
        told = outcome.told if outcome.state == "not run" else first
        print(f"  {outcome.state:8}{outcome.seconds:6.1f} s  line {outcome.block.line:4}  {told[:80]}")
        if outcome.state == "failed":
            print(textwrap.indent("\n".join(outcome.told.splitlines()[-LAST_LINES:]), "    | "))


def pages() -> list[Path]:
    """All pages of the repository that show commands."""
    found = (*ROOT.glob("*.md"), *ROOT.glob("packages/*/README.md"), *DOCS.rglob("*.md"))
    built = {"_build", "project"}  # the site, and its copies of pages outside docs/
    return sorted(page for page in found if not built & set(page.relative_to(ROOT).parts))


def main() -> None:
    """Run pages, report, and exit with 1 if a block failed."""
    parser = argparse.ArgumentParser(description="Run what Markdown pages show.")
    parser.add_argument("pages", nargs="*", type=Path, help="default: all of the repository")
    parser.add_argument("-j", type=int, default=os.cpu_count(), help="pages at once (default: one a core)")
    options = parser.parse_args()
    chosen = [page.resolve() for page in options.pages] or pages()
    done: list[Outcome] = []
    with tempfile.TemporaryDirectory() as scratch:
        stock = Path(scratch) / "stock"
        furnish(stock)
        with ProcessPoolExecutor(options.j, get_context("spawn"), max_tasks_per_child=1) as pool:
            for page, outcomes in zip(chosen, pool.map(run_page, chosen, [stock] * len(chosen)), strict=True):
                done += outcomes
                report(page, outcomes)
    number = {
        state: sum(outcome.state == state for outcome in done) for state in ("passed", "failed", "not run")
    }
    print(", ".join(f"{count} {state}" for state, count in number.items()))
    raise SystemExit(bool(number["failed"]))


if __name__ == "__main__":
    main()
