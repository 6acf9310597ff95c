"""`visgen predict`: name new pictures, or sequences, by a run."""

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError
from visgen_train.training.rundir import NAMES

if TYPE_CHECKING:
    from visgen_train.prediction.answers import Answers


def predict(
    run: common.Run,
    images: Annotated[
        list[Path] | None,
        typer.Argument(help="Pictures, or folders with all below them; - reads paths from standard input."),
    ] = None,
    barcodes: Annotated[
        Path | None,
        typer.Option("--barcodes", help="In place of IMAGES: sequences to name, in a file."),
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Candidates of each.")] = 3,
    csv: Annotated[Path | None, typer.Option("--csv", help="Write a table, a row each.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Write a page that shows the pictures and their answers.")
    ] = None,
    sequences: common.MovedSequences = None,
    labels: common.Labels = None,
    device: common.Device = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is at --csv and --html.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list as JSON instead of a table.")] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Species, how sure, what else it could be, and when it is none of these; exit code 1 if a picture is bad.

    Examples: `visgen predict my-run tray/ --csv tray.csv --html tray.html`,
    `visgen predict my-run --barcodes new.fasta`
    """
    with common.reported(debug, quiet, verbose):
        _check(run, images, barcodes, csv, html, force)
        if barcodes is not None:
            _sequences(run, barcodes, (sequences, labels), top, csv, as_json, quiet, device)
            return
        from visgen_train.io.progress import silent, track
        from visgen_train.prediction.loading import load_predictor
        from visgen_train.prediction.tables import write_csv

        predictor = load_predictor(run, device)
        answers = predictor.predict(list(_listed(images or [])), top, silent if quiet else track)
        if csv is not None:
            write_csv(csv, (one.to_row() for one in answers))
        if html is not None:
            from visgen_train.report.predictions_page import write_predictions

            write_predictions(html, answers, predictor)
        if as_json:
            typer.echo(json.dumps([one.to_dict() for one in answers]))
        elif not quiet:
            typer.echo("\n".join(answers.lines()))
        if not quiet:
            typer.echo("\n".join(_closing(answers, run, csv, html)), err=True)
    if answers.counts["bad"]:
        raise typer.Exit(1)


def _check(
    run: Path,
    images: list[Path] | None,
    barcodes: Path | None,
    csv: Path | None,
    html: Path | None,
    force: bool,
) -> None:
    """Refuse a call that is wrong before anything heavy is imported."""
    if bool(images) == (barcodes is not None):
        raise UsageError("visgen predict takes RUN IMAGES..., or RUN --barcodes FILE.")
    if barcodes is not None and html is not None:
        raise UsageError("--html shows pictures; with --barcodes take --csv or --json.")
    if csv is not None and html is not None and csv.resolve() == html.resolve():
        raise UsageError(f"{csv} cannot be both the table and the page. Name another file.")
    for path in (csv, html):
        if path is None:
            continue
        if path.name in NAMES and path.parent.resolve() == run.resolve():
            raise UsageError(f"{path} is a file of the run. Name another file.")
        if path.exists() and not force:
            raise UsageError(f"{path} is there already. Name another file, or pass --force to replace it.")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"{path} cannot be written: name a file in a folder that is there.")
        if any(
            path.resolve() == one.resolve() for one in [*(images or []), *([barcodes] if barcodes else [])]
        ):
            raise UsageError(f"{path} is what is to be read. Name another file.")


def _listed(images: Iterable[Path]) -> Iterator[Path]:
    """The paths as given; in the place of - those that standard input lists, a line each."""
    for path in images:
        if str(path) != "-":
            yield path
            continue
        for line in sys.stdin.buffer:
            if text := line.rstrip(b"\r\n"):
                yield Path(os.fsdecode(text))


def _closing(answers: "Answers", run: Path, csv: Path | None, html: Path | None) -> list[str]:
    written = [f"{what}: {path}" for what, path in (("Table", csv), ("Page", html)) if path is not None]
    bad = [f"{one.file}: {one.problem}" for one in answers if one.problem is not None]
    if html is not None:
        follow = f"open {html} in a browser"
    else:
        follow = shlex.join(["visgen", "predict", str(run), "...", "--html", "page.html"])
    told = ["", answers.summary, *answers.about]
    told += [f"{len(bad)} cannot be read; the table says why, line by line."] if bad else []
    return [*told, *(["; ".join(written)] if written else []), f"Next: {follow}"]


def _sequences(
    run: Path,
    barcodes: Path,
    moved: tuple[Path | None, Path | None],
    top: int,
    csv: Path | None,
    as_json: bool,
    quiet: bool,
    device: str | None,
) -> None:
    from visgen_train.prediction.barcodes import name_sequences
    from visgen_train.prediction.tables import write_csv

    found = name_sequences(run, barcodes, *moved, top=top, device=device)
    if csv is not None:
        write_csv(csv, (one.to_row() for one in found))
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in found]))
    elif not quiet:
        typer.echo("\n".join(found.lines()))
    if not quiet:
        typer.echo("\n".join(["", *found.about, *([f"Table: {csv}"] if csv else [])]), err=True)
