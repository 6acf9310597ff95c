"""`visgen evaluate`: the last part of `visgen run`, figures and report."""

from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.training.rundir import RunFolder


def evaluate(
    run: common.Run,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of evaluate, such as evaluate.neighbours=1; repeatable."),
    ] = None,
    images: common.MovedImages = None,
    sequences: common.MovedSequences = None,
    labels: common.Labels = None,
    device: common.Device = None,
    dump_features: Annotated[
        bool,
        typer.Option(
            "--dump-features",
            help="Write features.npz, what the backbone makes of each image: for --features.",
        ),
    ] = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Evaluate the networks of a run and write its report; settings of evaluate may change.

    Example: `visgen evaluate my-run --set evaluate.neighbours=1`
    """
    with common.reported(debug, quiet, verbose):
        RunFolder.trained(run)
        config = common.reconfigure(run, settings, device)
        from visgen_train.experiment.again import Moved
        from visgen_train.experiment.run import evaluate as evaluate_experiment
        from visgen_train.io.progress import silent, track
        from visgen_train.report.html import write_report
        from visgen_train.report.model_card import write_card

        moved = Moved(images, sequences, labels)
        bars = silent if quiet else track
        metrics = evaluate_experiment(run, config, moved, bars, dump_features=dump_features)
        write_card(run)
        write_report(run)
        common.conclude(metrics, run, f"open {run / 'report.html'} in a browser", as_json, quiet)
