"""`visgen align`: the second part of `visgen run`, towards the DNA."""

import shlex
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.training.rundir import ALIGNED, RunFolder


def align(
    run: common.Run,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of align or evaluate, such as align.epochs=20; repeatable."),
    ] = None,
    images: common.MovedImages = None,
    sequences: common.MovedSequences = None,
    labels: common.Labels = None,
    device: common.Device = None,
    resume: common.Resume = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Align a trained run to its genetic anchors, again if it was before; settings of align may change.

    Example: `visgen align my-run --set align.anchor_method=mean`
    """
    with common.reported(debug, quiet, verbose):
        RunFolder.trained(run)
        config = common.reconfigure(run, settings, device)
        from visgen_train.experiment.again import Moved
        from visgen_train.experiment.run import align as align_experiment
        from visgen_train.io.progress import silent, track

        moved, bars = Moved(images, sequences, labels), silent if quiet else track
        align_experiment(run, config, moved, bars, resume=resume)
        if not quiet:
            typer.echo(f"Aligned: {run / ALIGNED}\nNext: {shlex.join(['visgen', 'evaluate', str(run)])}")
