"""`visgen demo`: the main job on a small simulated set of planktic foraminifera, by the user's own path."""

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visgen_train.cli import common
from visgen_train.cli.simulate import cleared
from visgen_train.training.rundir import RunFolder

if TYPE_CHECKING:
    from visgen_train.experiment.inputs import Inputs
    from visgen_train.simulate.params import BenchmarkParams

QUICK_SET = {"species": 16, "images_max": 40, "test": 15}
QUICK_SETTINGS = ["train.epochs=15"]
YOURS = "visgen run IMAGES SEQUENCES.fasta --out RUN   (a folder of pictures a species, and your barcodes)"


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the run; its data go to OUT-data beside it.")
    ] = Path("visgen-demo"),
    quick: Annotated[
        bool, typer.Option("--quick", help="A smaller set and fewer epochs, about a minute.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the simulated set and of the training.")] = 7,
    device: common.Device = None,
    resume: common.Resume = False,
    force: common.Force = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Simulate shells and their DNA, then do `visgen run` on them: a report in minutes, nothing downloaded.

    Example: `visgen demo`
    """
    with common.reported(debug, quiet, verbose):
        config = common.configure(
            "light", None, None, QUICK_SETTINGS if quick else [], weights="none", seed=seed, device=device
        )
        RunFolder(out, force, resume)  # refuse a taken folder before the heavy imports
        whole = out if out.name else out.resolve()
        data = whole.with_name(whole.name + "-data")
        from visgen_train.simulate.params import BenchmarkParams

        params = BenchmarkParams(seed=seed, **(QUICK_SET if quick else {}))
        kept = resume and _is_set(data, params)
        if not kept:
            cleared(data, force, "--out")
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.experiment.run import run as run_experiment
        from visgen_train.io.progress import silent, track
        from visgen_train.report.html import write_report
        from visgen_train.report.model_card import write_card
        from visgen_train.simulate.writing import write_benchmark

        bars = silent if quiet else track
        if not kept:
            write_benchmark(data, params, bars, os.cpu_count() or 1)
        inputs = Inputs(data / "images", data / "sequences.fasta", metadata=data / "metadata.csv")
        if not quiet:
            typer.echo(
                f"A simulated set is in {data}. From here this is\n  {_as_typed(inputs, out, quick, seed)}",
                err=True,
            )
        metrics = run_experiment(inputs, out, config, force, bars, resume=resume)
        write_card(out)
        write_report(out)
        common.conclude(metrics, out, YOURS, as_json, quiet)


def _is_set(data: Path, params: "BenchmarkParams") -> bool:
    """Whether the folder holds the very set of these parameters; sets are written whole or not at all."""
    from visgen_train.simulate.writing import readme

    described = data / "README.txt"
    return described.is_file() and described.read_text(encoding="utf-8") == readme(params)


def _as_typed(inputs: "Inputs", out: Path, quick: bool, seed: int) -> str:
    words = ["visgen", "run", inputs.images, inputs.sequences, "--metadata", inputs.metadata, "--out", out]
    words += ["--preset", "light", "--weights", "none", "--seed", seed]
    words += [word for setting in QUICK_SETTINGS for word in ("--set", setting)] if quick else []
    return shlex.join(map(str, words))
