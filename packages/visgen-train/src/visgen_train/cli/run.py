"""`visgen run`: from a folder of images (or features of any model) and a FASTA to a model and a report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visgen_train.cli import common
from visgen_train.config import Config
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.errors import UsageError

if TYPE_CHECKING:
    from visgen_train.experiment.inputs import Inputs


def run(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGES SEQUENCES",
            help="A folder with one sub-folder a species, named like `Genus_species` (or a CSV with columns file and "
            "species), and a FASTA, GenBank or table (.csv, .tsv) that names the species (or see --labels). With "
            "--features SEQUENCES alone.",
        ),
    ],
    out: common.Out,
    features: Annotated[
        Path | None,
        typer.Option(
            "--features",
            help="Embeddings of any model, .npz or .parquet, in place of IMAGES; with their split, if the model was "
            "trained on some of these images.",
        ),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", help="With --features: how many, from --seed on [default: 3].")
    ] = None,
    zero_shot: Annotated[
        bool,
        typer.Option(
            "--zero-shot",
            help="With --features: also leave species out in turn, and ask for them by their DNA alone.",
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
    recipe: common.RecipeName = None,
    weights: common.Weights = None,
    backbone: common.Backbone = None,
    config: common.ConfigFile = None,
    settings: common.Settings = None,
    seed: common.Seed = None,
    device: common.Device = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            help="Train nothing and write nothing into --out: say how long this run would take, how much memory and "
            "disk, and what to change.",
        ),
    ] = False,
    resume: common.Resume = False,
    force: common.Force = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Check, build genetic anchors, train on images, align to the anchors, evaluate, explain.

    Examples: `visgen run images/ sequences.fasta --out my-run`,
    `visgen run --features features.npz sequences.fasta --out my-evidence`
    """
    with common.reported(debug, quiet, verbose):
        direct = {"weights": weights, "backbone": backbone, "seed": seed, "device": device}
        chosen = common.configure(preset, recipe, config, settings, **direct)
        columns = Columns(id_column, sequence_column, species_column)
        if features is not None:
            if estimate:
                raise UsageError("--estimate is for pictures; heads on features are trained in minutes.")
            common.require_one_process("visgen run --features")
            if recipe is not None:
                raise UsageError(
                    "--recipe is for pictures; on features heads with and without DNA are compared."
                )
            if store is not None or skip_bad:
                raise UsageError("--store and --skip-bad are for pictures; features need no decoding.")
            if any(given is not None for given in (metadata, group, split)):
                raise UsageError(
                    "With --features groups and splits come from the features file (groups, splits), not from "
                    "--metadata, --group or --split."
                )
            (sequences,) = _expect(sources, 1, "SEQUENCES alone (the images are in --features)")
            content = _on_features(
                features,
                (sequences, labels, columns),
                out,
                chosen,
                3 if seeds is None else seeds,
                quiet,
                matched_only=matched_only,
                synonyms=synonyms,
                resume=resume,
                force=force,
                zero_shot=zero_shot,
            )
            common.conclude_evidence(content, out, as_json, quiet)
            return
        if seeds is not None:
            raise UsageError("--seeds goes with --features; for pictures, visgen ablate compares seeds.")
        if zero_shot:
            raise UsageError(
                "--zero-shot goes with --features; for pictures, visgen ablate --zero-shot trains the network itself "
                "without the species that are left out."
            )
        images, sequences = _expect(sources, 2, "IMAGES SEQUENCES (or SEQUENCES alone with --features)")
        if estimate:
            common.require_one_process("visgen run --estimate")
        else:
            common.refuse_taken(out, force, resume)
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.experiment.run import run as run_experiment
        from visgen_train.io.progress import silent, track
        from visgen_train.report.html import write_report
        from visgen_train.report.model_card import write_card

        inputs = Inputs(
            *(images, sequences, labels, metadata, group, matched_only, synonyms, columns),
            split=split,
            skip_bad=skip_bad,
            store=store,
        )
        if estimate:
            _estimate(inputs, out, chosen, as_json, quiet)
            return
        metrics = run_experiment(inputs, out, chosen, force, silent if quiet else track, resume=resume)
        write_card(out)
        write_report(out)
        common.conclude(metrics, out, f"open {out / 'report.html'} in a browser", as_json, quiet)


def _expect(sources: list[Path], number: int, what: str) -> list[Path]:
    if len(sources) != number:
        raise UsageError(f"visgen run takes {what}, found {' '.join(map(str, sources))}.")
    return sources


def _estimate(inputs: "Inputs", out: Path, config: Config, as_json: bool, quiet: bool) -> None:
    from visgen_train.experiment.estimate import estimate
    from visgen_train.report.estimate import advice, lines
    from visgen_train.report.html import write_report
    from visgen_train.report.model_card import write_card

    def finish(folder: Path) -> None:
        write_card(folder)
        write_report(folder)

    if not quiet:
        typer.echo(
            "Taking a few steps of each kind; on a CPU that lasts a minute, of a large network some more.",
            err=True,
        )
    content = estimate(inputs, out, config, finish)
    if as_json:
        typer.echo(json.dumps({**content, "advice": advice(content)}, ensure_ascii=False))
    elif not quiet:
        typer.echo("\n".join(lines(content)))


def _on_features(
    features: Path,
    inputs: tuple[Path, Path | None, Columns],
    out: Path,
    config: Config,
    seeds: int,
    quiet: bool,
    **options: Any,
) -> dict[str, Any]:
    from visgen_train.data.feature_files import read_features
    from visgen_train.experiment.ablation.run import ablate_features
    from visgen_train.io.progress import silent, track

    table = read_features(features)
    records, labels = read_sequences(*inputs)
    bars = silent if quiet else track
    sources = (features, inputs[0])
    return ablate_features(table, records, labels, sources, out, config, seeds, track=bars, **options)
