"""Entry point: the verbs, and what happens to errors."""

import io
import os
import signal
import sys
from importlib.metadata import version

import typer

from visgen_train.cli.ablate import ablate
from visgen_train.cli.align import align
from visgen_train.cli.check import check
from visgen_train.cli.common import reported, require_one_process
from visgen_train.cli.demo import demo
from visgen_train.cli.evaluate import evaluate
from visgen_train.cli.evidence import evidence
from visgen_train.cli.export import export
from visgen_train.cli.fetch_sequences import fetch_sequences
from visgen_train.cli.phylogeny import phylogeny
from visgen_train.cli.predict import predict
from visgen_train.cli.prepare import prepare
from visgen_train.cli.recipes import recipes
from visgen_train.cli.report import report
from visgen_train.cli.run import run
from visgen_train.cli.simulate import simulate
from visgen_train.cli.train import train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Train image classifiers for rare species with the help of DNA barcodes. Begin with `visgen demo`.",
)
for verb in (
    demo,
    prepare,
    fetch_sequences,
    check,
    run,
    ablate,
    train,
    align,
    evaluate,
    predict,
    evidence,
    phylogeny,
    export,
    report,
    recipes,
    simulate,
):
    app.command()(verb)


@app.callback(invoke_without_command=True)
def _visgen(
    context: typer.Context,
    show: bool = typer.Option(False, "--version", help="Print the version and exit."),
) -> None:
    if context.invoked_subcommand not in (run.__name__, train.__name__):
        with reported(debug=False, quiet=False, verbose=False):
            require_one_process(f"visgen {context.invoked_subcommand or ''}".strip())
    if show:
        typer.echo(f"visgen {version('visgen-train')} (sgt-dna {version('sgt-dna')})")
        raise typer.Exit


def _terminated(number: int, _frame: object) -> None:
    """End as by an error, so that files half written are removed."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line; exit codes: 0 fine, 1 bad data, 2 wrong usage, 130 interrupted, 143 terminated."""
    signal.signal(signal.SIGTERM, _terminated)
    # Threads that wait must sleep, not spin: beside one other busy program, spinning made a step 2 to 4 times slower.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe on Windows knows few characters
    app()
