"""`visgen report`: the page of a finished run or ablation, made again."""

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError


def report(
    run: common.Run, quiet: common.Quiet = False, verbose: common.Verbose = False, debug: common.Debug = False
) -> None:
    """Make the report of a finished run or ablation again, from its files alone: one page, complete in itself.

    Example: `visgen report my-run`
    """
    with common.reported(debug, quiet, verbose):
        if (run / "ablation.json").is_file():
            from visgen_train.report.evidence_page import write_evidence_page as write
        elif (run / "metrics.json").is_file():
            from visgen_train.report.html import write_report as write
        else:
            raise UsageError(
                f"{run} holds no finished run or ablation (neither metrics.json nor ablation.json); make one: "
                f"visgen run IMAGES SEQUENCES --out {run}"
            )
        page = write(run)
        if not quiet:
            typer.echo(f"Report: {page} ({page.stat().st_size / 1e6:.1f} MB, complete in itself)")
            typer.echo(f"Next: open {page} in a browser")
