"""`visgen run`: from a folder of images and a FASTA to a trained, aligned, evaluated model and a report."""

from visgen_train.cli import common
from visgen_train.training.rundir import RunFolder


def run(
    images: common.Images,
    sequences: common.Sequences,
    out: common.Out,
    labels: common.Labels = None,
    metadata: common.Metadata = None,
    group: common.Group = None,
    matched_only: common.MatchedOnly = False,
    preset: common.Preset = "sound",
    recipe: common.RecipeName = None,
    weights: common.Weights = None,
    backbone: common.Backbone = None,
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
        direct = {"weights": weights, "backbone": backbone, "seed": seed, "device": device}
        chosen = common.configure(preset, recipe, config, settings, **direct)
        RunFolder(out, force)  # refuse a taken folder before the heavy imports
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.experiment.run import run as run_experiment
        from visgen_train.io.progress import silent, track
        from visgen_train.report.html import write_report

        inputs = Inputs(images, sequences, labels, metadata, group, matched_only)
        metrics = run_experiment(inputs, out, chosen, force, silent if quiet else track)
        write_report(out)
        common.conclude(metrics, out, f"open {out / 'report.html'} in a browser", as_json, quiet)
