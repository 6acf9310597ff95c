"""`visgen ablate`: the rows of Table 1 over seeds, with the controls that tell whether the DNA helped."""

from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.data.sequences import Columns


def ablate(
    images: common.Images,
    sequences: common.Sequences,
    out: common.Out,
    seeds: Annotated[
        int, typer.Option("--seeds", help="How many; the first is --seed (or seed in --config).")
    ] = 3,
    recipes: Annotated[
        str,
        typer.Option(
            "--recipes",
            help="table1, table1-full (with VGG16), baselines, or names with commas between (`visgen recipes`).",
        ),
    ] = "table1",
    controls: Annotated[
        str,
        typer.Option(
            "--controls",
            help="all, none, or some of same-steps, shuffled, genus-shuffled, orthogonal, collinear, class-means.",
        ),
    ] = "all",
    zero_shot: Annotated[
        bool,
        typer.Option(
            "--zero-shot",
            help="Also leave species out in turn, and ask for them by their DNA alone; trains stage 1 of the last "
            "recipe that aligns four times more for each seed.",
        ),
    ] = False,
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
    weights: common.Weights = None,
    backbone: common.Backbone = None,
    config: common.ConfigFile = None,
    settings: common.Settings = None,
    seed: common.Seed = None,
    device: common.Device = None,
    resume: common.Resume = False,
    force: common.Force = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Table 1 of the paper on your data, with intervals over seeds, and real DNA against shuffled and made-up DNA.

    Example: `visgen ablate images/ sequences.fasta --out my-ablation --preset light`
    """
    with common.reported(debug, quiet, verbose):
        from visgen_train.experiment.ablation.plan import Plan, Row, consecutive, control_kinds, recipe_names
        from visgen_train.experiment.recipes import RECIPES

        direct = {"weights": weights, "backbone": backbone, "seed": seed, "device": device}
        rows = {
            name: Row(RECIPES[name], common.configure_row(name, preset, config, settings, **direct))
            for name in recipe_names(recipes)
        }
        chosen = next(iter(rows.values())).config
        plan = Plan(rows, consecutive(chosen.seed, seeds), control_kinds(controls))
        from visgen_train.experiment.ablation.run import ablate as run_ablation
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.io.progress import silent, track

        columns = Columns(id_column, sequence_column, species_column)
        inputs = Inputs(
            *(images, sequences, labels, metadata, group, matched_only, synonyms, columns),
            split=split,
            skip_bad=skip_bad,
            store=store,
        )
        bars = silent if quiet else track
        content = run_ablation(inputs, out, plan, resume=resume, force=force, zero_shot=zero_shot, track=bars)
        common.conclude_evidence(content, out, as_json, quiet)
