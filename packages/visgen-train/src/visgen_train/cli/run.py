"""`visgen run`: from a folder of images and a FASTA to a trained, aligned, evaluated model and a report."""

from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.training.rundir import RunFolder


def run(
    images: Annotated[
        Path, typer.Argument(help="Folder with one sub-folder a species, named like `Genus_species`.")
    ],
    sequences: Annotated[
        Path, typer.Argument(help="FASTA or GenBank; headers name the species, or see --labels.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the run.")],
    labels: Annotated[Path | None, typer.Option("--labels", help="CSV with columns id and species.")] = None,
    metadata: Annotated[
        Path | None,
        typer.Option("--metadata", help="CSV with a column file (relative to the CSV), and maybe split."),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option("--group", help="Column of --metadata that must not be parted, such as specimen."),
    ] = None,
    matched_only: Annotated[
        bool, typer.Option("--matched-only", help="Leave out species without images or without sequences.")
    ] = False,
    preset: common.Preset = "sound",
    weights: Annotated[
        str | None, typer.Option("--weights", help="imagenet (default), none (random), or a file.")
    ] = None,
    backbone: Annotated[
        str | None, typer.Option("--backbone", help="A torchvision model, such as resnet50.")
    ] = None,
    config: common.ConfigFile = None,
    settings: common.Settings = None,
    seed: common.Seed = None,
    device: common.Device = None,
    force: common.Force = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Check, build genetic anchors, train on images, align to the anchors, evaluate, explain.

    Example: `visgen run images/ sequences.fasta --out my-run`
    """
    with common.reported(debug, quiet, verbose):
        chosen = common.configure(
            preset, config, settings, weights=weights, backbone=backbone, seed=seed, device=device
        )
        RunFolder(out, force)  # refuse a taken folder before the heavy imports
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.experiment.run import run as run_experiment
        from visgen_train.io.progress import silent, track
        from visgen_train.report.html import write_report

        inputs = Inputs(images, sequences, labels, metadata, group, matched_only)
        metrics = run_experiment(inputs, out, chosen, force, silent if quiet else track)
        write_report(out)
        common.conclude(metrics, out, f"open {out / 'report.html'} in a browser", as_json, quiet)
