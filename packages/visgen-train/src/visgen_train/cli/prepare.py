"""`visgen prepare`: a published collection, as it is downloaded, to what training reads."""

import shlex
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import DataError


class Collection(StrEnum):
    """Collections whose form is known."""

    endless_forams = "endless-forams"


def prepare(
    collection: Annotated[Collection, typer.Argument(help="Which collection it is.", show_default=False)],
    src: Annotated[Path, typer.Argument(help="The archive as downloaded: its folder, or the zip file.")],
    dst: Annotated[
        Path, typer.Argument(help="New folder for images/ and metadata.csv; or one that was begun, to go on.")
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="The three species without DNA sequences as well.")
    ] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Turn the archive of Endless Forams into clean crops in class folders, and a table of where each came from.

    Example: `visgen prepare endless-forams archive.zip endless-forams`
    """
    with common.reported(debug, quiet, verbose):
        from visgen_train.data.endless_forams import PAPER_IMAGES
        from visgen_train.data.prepare import LEFT_OUT, TABLE, prepare_endless_forams
        from visgen_train.io.progress import silent, track

        made = prepare_endless_forams(src, dst, everything=everything, track=silent if quiet else track)
        if made.missing:
            names = ", ".join(f"{one.folder} - {one.name}" for one in made.missing)
            common.log.warning("%s: no pictures of %s", src, names)
        if made.strays:
            told = f"{len(made.strays)} files in {dst / 'images'} are of no picture in {src}, first {made.strays[0]}"
            common.log.warning("%s: remove them, or training takes them", told)
        if not quiet:
            paper = "" if everything else f" (the paper: {PAPER_IMAGES:,} of 32)"
            earlier = f", {made.earlier:,} of them made before" if made.earlier else ""
            typer.echo(f"{made.crops:,} crops of {made.species} species{paper}{earlier}: {dst / 'images'}")
            typer.echo(f"Where each came from: {dst / TABLE}")
            typer.echo(
                f"Next: {shlex.join(['visgen', 'run', str(dst / 'images'), 'SEQUENCES.fasta', '--out', 'RUN'])}"
            )
        if made.left_out:
            told = "\n  ".join(f"{source}: {problem}" for source, problem in made.left_out[:20])
            more = f"\n  and {len(made.left_out) - 20:,} more" if len(made.left_out) > 20 else ""
            raise DataError(
                f"{src}: {len(made.left_out):,} pictures have no crop:\n  {told}{more}\nThey are listed in "
                f"{dst / LEFT_OUT}; the others are ready. Look at them, and leave them out or mend them."
            )
