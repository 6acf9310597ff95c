"""`visgen train`: the first part of `visgen run`, images alone."""

import shlex

import typer

from visgen_train.cli import common
from visgen_train.data.sequences import Columns
from visgen_train.training.rundir import VISUAL


def train(
    images: common.Images,
    sequences: common.Sequences,
    out: common.Out,
    labels: common.Labels = None,
    metadata: common.Metadata = None,
    group: common.Group = None,
    split: common.Split = None,
    matched_only: common.MatchedOnly = False,
    skip_bad: common.SkipBad = False,
    synonyms: common.Synonyms = None,
    id_column: common.IdColumn = None,
    sequence_column: common.SequenceColumn = None,
    species_column: common.SpeciesColumn = None,
    store: common.Store = None,
    preset: common.Preset = "sound",
    recipe: common.RecipeName = None,
    weights: common.Weights = None,
    backbone: common.Backbone = None,
    config: common.ConfigFile = None,
    settings: common.Settings = None,
    seed: common.Seed = None,
    device: common.Device = None,
    resume: common.Resume = False,
    force: common.Force = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Check and train on images alone; `visgen align` and `visgen evaluate` go on from there.

    Example: `visgen train images/ sequences.fasta --out my-run`
    """
    with common.reported(debug, quiet, verbose):
        direct = {"weights": weights, "backbone": backbone, "seed": seed, "device": device}
        chosen = common.configure(preset, recipe, config, settings, **direct)
        common.refuse_taken(out, force, resume)
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.experiment.run import train as train_experiment
        from visgen_train.io.progress import silent, track

        columns = Columns(id_column, sequence_column, species_column)
        inputs = Inputs(
            *(images, sequences, labels, metadata, group, matched_only, synonyms, columns),
            split=split,
            skip_bad=skip_bad,
            store=store,
        )
        train_experiment(inputs, out, chosen, force, silent if quiet else track, resume=resume)
        if not quiet:
            follow = "align" if chosen.align.epochs else "evaluate"
            typer.echo(f"Trained on images alone: {out / VISUAL}")
            typer.echo(f"Next: {shlex.join(['visgen', follow, str(out)])}")
