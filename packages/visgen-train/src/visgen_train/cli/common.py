"""Options and habits the verbs share: settings, errors, logging, the closing lines."""

import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import sgt_dna
import typer

from visgen_train.config import PRESETS, Config, load_config
from visgen_train.errors import VisgenError
from visgen_train.report import summary

Force = Annotated[bool, typer.Option("--force", help="Replace an earlier run in the output folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print the log, too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print metrics.json instead of the summary.")]
Seed = Annotated[int | None, typer.Option("--seed", help="Seed of everything random.")]
Device = Annotated[str | None, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps.")]
Preset = Annotated[str, typer.Option("--preset", help=f"{' or '.join(PRESETS)}; light is small and quick.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="YAML with settings, such as a run's config.yaml.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="One setting, such as train.lr=1e-3; repeatable.")
]


def configure(preset: str, file: Path | None, settings: list[str] | None, **direct: object) -> Config:
    """The configuration from the shared options; `direct` holds settings with options of their own (or None)."""
    names = {"weights": "model.weights", "backbone": "model.backbone"}
    given = {names.get(key, key): value for key, value in direct.items() if value is not None}
    return load_config(preset, file, settings or [], given)


@contextlib.contextmanager
def reported(debug: bool, quiet: bool, verbose: bool) -> Iterator[None]:
    """Show warnings (or, with `verbose`, all of the log); turn errors into one message and an exit code."""
    log = logging.getLogger("visgen_train")
    log.setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
    handler.setFormatter(logging.Formatter("visgen: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    except (VisgenError, sgt_dna.SgtError) as error:
        if debug:
            raise
        lines = [str(error), *getattr(error, "__notes__", [])]
        typer.echo("visgen: error: " + "\n".join(lines), err=True)
        raise typer.Exit(error.exit_code if isinstance(error, VisgenError) else 1) from error
    finally:
        log.removeHandler(handler)


def conclude(metrics: dict[str, Any], out: Path, follow: str, as_json: bool, quiet: bool) -> None:
    """The closing lines on standard output: the figures, where the files are, the next command."""
    if as_json:
        typer.echo(json.dumps(metrics, ensure_ascii=False))
    elif not quiet:
        typer.echo(f"{summary.per_class(metrics)} {summary.tail(metrics)} One seed.")
        typer.echo(
            f"Report: {out / 'report.html'} (what this shows, species by species); model: {out / 'model.safetensors'}"
        )
        typer.echo(f"Next: {follow}")
