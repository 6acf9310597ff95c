"""`visgen export`: a run's network for use without visgen."""

from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common


def export(
    run: common.Run,
    format_: Annotated[
        str, typer.Option("--format", help="onnx (any language), safetensors (numbers alone), torch-export.")
    ] = "onnx",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for the files [default: RUN-FORMAT, beside RUN]."),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option("--stage", help="visual (before alignment) or aligned [default: the last of the run]."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export in --out.")] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Write the network for use without visgen: pictures in, embedding and probabilities of species out.

    Example: `visgen export my-run`
    """
    with common.reported(debug, quiet, verbose):
        whole = run if run.name else run.resolve()
        out = out or whole.with_name(f"{whole.name}-{format_}")
        from visgen_train.export import export as export_run
        from visgen_train.report.summary import percent, span

        done = export_run(run, out, format_, stage, force)
        if not quiet:
            figures = done.run.figures
            typer.echo(
                f"{done.model}: {len(done.run.species)} species by their means in the {done.run.stage} embedding, "
                f"per-class accuracy {percent(figures['per_class'])} (95 % interval "
                f"{span(figures['intervals']['per_class'])}) on the run's test images. Read back, its outputs differ "
                f"from the network's by {done.difference:.1g} at most."
            )
            typer.echo(
                f"What it wants of a picture: {out / 'preprocess.json'}; card: {out / 'model-card.md'}"
            )
            typer.echo("Next: name species without visgen, by the example in docs/export.md")
