"""Run the notebooks named, or all of docs/notebooks, and store what they show: `uv run nox -s notebooks`."""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

MOST = 250_000
"""Bytes of a notebook with its figures."""


def run(path: Path) -> None:
    """Run a notebook; a cell that fails is an error, and the file stays as it was."""
    notebook = nbformat.read(path, as_version=4)
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # whatever the shell says
    client = NotebookClient(notebook, timeout=600, kernel_name="python3", record_timing=False)
    client.execute(cwd=str(path.parent))
    notebook.metadata["language_info"] = {"name": "python"}  # not the version of who ran it last
    text = nbformat.writes(notebook)
    if len(text) > MOST:
        raise SystemExit(f"{path}: {len(text):,} bytes with its outputs; show less, {MOST:,} at most")
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path}: {len(text):,} bytes")


if __name__ == "__main__":
    everything = sorted(Path(__file__).with_name("notebooks").glob("*.ipynb"))
    for chosen in [Path(word) for word in sys.argv[1:]] or everything:
        run(chosen)
