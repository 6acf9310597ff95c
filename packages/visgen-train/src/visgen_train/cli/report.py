"""`visgen report`: the page of a finished run or ablation, made again."""

from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a finished run or ablation.")],
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree",
            help="Newick or Nexus with branch lengths, for the tree and the order of the confusion matrix [default: "
            "neighbour joining on the run's distances].",
        ),
    ] = None,
    synonyms: common.Synonyms = None,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Make the report of a finished run or ablation again, from its files alone: one page, complete in itself.

    Examples: `visgen report my-run`, `visgen report my-run --tree tree/tree.nwk`
    """
    with common.reported(debug, quiet, verbose):
        if synonyms is not None and tree is None:
            raise UsageError("--synonyms is for the names of a --tree.")
        if (run / "ablation.json").is_file():
            if tree is not None:
                raise UsageError(f"{run} holds an ablation, whose report has no tree; --tree is for a run.")
            from visgen_train.report.evidence_page import write_evidence_page

            page = write_evidence_page(run)
        elif (run / "metrics.json").is_file():
            from visgen_train.report.html import write_report

            page = write_report(run, tree, synonyms)
        else:
            raise UsageError(
                f"{run} holds no finished run or ablation (neither metrics.json nor ablation.json); make one: "
                f"visgen run IMAGES SEQUENCES --out {run}"
            )
        if not quiet:
            typer.echo(f"Report: {page} ({page.stat().st_size / 1e6:.1f} MB, complete in itself)")
            if tree is not None:
                typer.echo(
                    f"The tree is of this page alone: visgen evaluate {run} makes the report anew without it."
                )
            typer.echo(f"Next: open {page} in a browser")
