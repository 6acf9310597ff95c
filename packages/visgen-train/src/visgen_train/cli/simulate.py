"""`visgen simulate`: a made-up collection, pictures and DNA on one tree, of any size and with a dial for the signal."""

import os
import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError


def simulate(
    out: Annotated[Path, typer.Argument(help="Folder for the set.")],
    species: Annotated[int, typer.Option("--species", help="Species to train on.")] = 24,
    unseen: Annotated[
        int, typer.Option("--unseen", help="Species more, with sequences but no pictures to train on.")
    ] = 0,
    signal: Annotated[
        float,
        typer.Option(
            "--signal", help="How closely looks follow descent, Pagel's lambda: 0 not at all, 1 as they can."
        ),
    ] = 1.0,
    counts: Annotated[
        str, typer.Option("--counts", help="Training pictures of the commonest and of the rarest species.")
    ] = "250:4",
    validation: Annotated[
        int,
        typer.Option(
            "--validation", help="Validation pictures a species, though never more than training ones."
        ),
    ] = 8,
    test: Annotated[int, typer.Option("--test", help="Test pictures a species.")] = 40,
    size: Annotated[int, typer.Option("--size", help="Side of a picture, pixels.")] = 64,
    variation: Annotated[
        float, typer.Option("--variation", help="Spread of individuals, by that of the species.")
    ] = 0.08,
    tilt: Annotated[float, typer.Option("--tilt", help="Spread of a specimen's tilt, radians.")] = 0.08,
    noise: Annotated[
        float, typer.Option("--noise", help="Spread of the camera's noise, full scale 1.")
    ] = 0.015,
    blur: Annotated[
        float,
        typer.Option("--blur", help="Blur of what is out of focus, by its distance from the focal plane."),
    ] = 0.02,
    clutter: Annotated[
        float, typer.Option("--clutter", help="Specks and threads in a picture, on average.")
    ] = 4.0,
    scale: Annotated[
        float,
        typer.Option(
            "--scale", help="How much smaller the smallest specimens are than the largest, 0 to 0.8."
        ),
    ] = 0.1,
    seed: Annotated[int, typer.Option("--seed", help="Seed from which everything follows.")] = 7,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier set in the folder.")] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Simulate shells and their DNA: a collection whose truth is known, to try methods on.

    Example: `visgen simulate made-up --species 24 --unseen 6 --signal 0.5 --counts 250:4 --seed 7`
    """
    with common.reported(debug, quiet, verbose):
        from visgen_train.simulate.params import BenchmarkParams

        most, least = _counts(counts)
        try:
            shown = (variation, tilt, noise, blur, clutter, scale)
            params = BenchmarkParams(
                species, unseen, most, least, validation, test, size, signal, *shown, seed=seed
            )
        except ValueError as error:
            raise UsageError(f"{error}.") from error
        cleared(out, force, "OUT")
        from visgen_train.io.progress import silent, track
        from visgen_train.simulate.benchmark import training_counts
        from visgen_train.simulate.writing import write_benchmark

        write_benchmark(out, params, silent if quiet else track, os.cpu_count() or 1)
        if not quiet:
            trained = int(training_counts(params).sum())
            more = f", and {unseen} without pictures to train on" if unseen else ""
            typer.echo(
                f"{out}: {species} species with {trained:,} training pictures ({most} to {least} a species){more}; "
                "README.txt says what lies where."
            )
            typer.echo(f"Next: {_as_typed(out, unseen)}")


def cleared(out: Path, force: bool, option: str) -> None:
    """See that a set can be written there; an earlier one is removed if `force`.

    Raises
    ------
    UsageError
        The folder holds something else, or a set and `force` is not given.
    """
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not force:
        raise UsageError(
            f"{out} is not empty. Choose another {option}, or pass --force to replace the simulated set there."
        )
    readme = out / "README.txt"
    if not readme.is_file() or not readme.read_text(encoding="utf-8", errors="replace").startswith(
        "SIMULATED DATA"
    ):
        raise UsageError(f"{out} is no simulated set, so --force does not touch it. Choose another {option}.")
    shutil.rmtree(out)


def _counts(text: str) -> tuple[int, int]:
    most, _, least = text.partition(":")
    if not (most.strip().isdecimal() and least.strip().isdecimal() and int(most) >= int(least) >= 1):
        raise UsageError(
            f"--counts {text!r} is not two numbers, 1 at least, such as 250:4, the commonest species first."
        )
    return int(most), int(least)


def _as_typed(out: Path, unseen: int) -> str:
    words = ["visgen", "run", out / "images", out / "sequences.fasta", "--metadata", out / "metadata.csv"]
    words += ["--matched-only"] if unseen else []
    words += ["--out", "RUN", "--preset", "light", "--weights", "none"]
    return shlex.join(map(str, words))
