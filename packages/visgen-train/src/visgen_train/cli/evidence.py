"""`visgen evidence`: whether DNA informs looks in a collection, before anything is aligned to it."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visgen_train.cli import common
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.errors import UsageError, near
from visgen_train.training.rundir import EVIDENCE, METRICS, RunFolder

if TYPE_CHECKING:
    from visgen_train.experiment.signal.sources import Apart

DISTANCES = ("kmer", "jukes-cantor", "k80", "sgt-cosine", "sgt-hellinger")


def evidence(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN | FEATURES SEQUENCES",
            help="Folder of a run, from `visgen train` or `visgen run`; or embeddings of any model (.npz or .parquet) "
            "and the file of sequences.",
        ),
    ],
    distance: Annotated[
        str | None, typer.Option("--distance", help=f"{', '.join(DISTANCES)} [default: kmer].")
    ] = None,
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree",
            help="Newick or Nexus file with branch lengths, in place of --distance; tips are species.",
        ),
    ] = None,
    permutations: Annotated[
        int, typer.Option("--permutations", help="Of species in the distances, for the p-value.")
    ] = 99,
    repeats: Annotated[
        int,
        typer.Option("--repeats", help="Draws of the images a species is cut to, and of species left out."),
    ] = 10,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help=f"File for the figures [default: {EVIDENCE} in RUN; of features none]."
        ),
    ] = None,
    images: common.MovedImages = None,
    sequences: common.MovedSequences = None,
    labels: common.Labels = None,
    synonyms: common.Synonyms = None,
    matched_only: common.MatchedOnly = False,
    id_column: common.IdColumn = None,
    sequence_column: common.SequenceColumn = None,
    species_column: common.SpeciesColumn = None,
    seed: common.SeedAlone = 0,
    device: common.Device = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is at --out.")] = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Does DNA inform looks here, and what would it add for species with few pictures, or none?

    Training images alone are looked at. Examples: `visgen evidence my-run`,
    `visgen evidence features.npz sequences.fasta --distance k80`
    """
    with common.reported(debug, quiet, verbose):
        columns = Columns(id_column, sequence_column, species_column)
        of_run = len(sources) == 1
        if of_run:
            _refuse(sources[0], synonyms is not None or matched_only or columns != Columns())
        elif len(sources) != 2:
            raise UsageError(
                f"visgen evidence takes RUN, or FEATURES SEQUENCES, found {' '.join(map(str, sources))}."
            )
        elif images is not None or sequences is not None or device is not None:
            raise UsageError("--images, --sequences and --device are for a RUN.")
        _check_out(out, force, sources)
        apart = _apart(distance, tree, synonyms, sources[0] if of_run else None)
        from visgen_train.experiment import signal
        from visgen_train.experiment.again import Moved
        from visgen_train.io.progress import silent, track

        bars = silent if quiet else track
        if of_run:
            config = common.reconfigure(sources[0], None, device)
            sample = signal.of_run(sources[0], config, apart, Moved(images, sequences, labels), bars)
        else:
            from visgen_train.data.feature_files import read_features

            table = read_features(sources[0])
            given = (*read_sequences(sources[1], labels, columns), apart, (sources[0], sources[1]))
            sample = signal.of_features(table, *given, matched_only=matched_only, synonyms=synonyms)
        content = signal.signal_content(sample, signal.Settings(permutations, repeats, seed), bars)
        finished = (sources[0] / METRICS).is_file()
        follow: list[Path | str] = ["report" if finished else "evaluate", sources[0]]
        if not of_run:
            again = _again(labels, synonyms, columns, matched_only)
            follow = ["run", "--features", *sources, *again, "--out", "RUN"]
        _conclude(content, out or (sources[0] / EVIDENCE if of_run else None), follow, as_json, quiet)


def _refuse(run: Path, for_features: bool) -> None:
    if run.is_file():
        raise UsageError(f"{run} is a file; with features, visgen evidence takes FEATURES SEQUENCES.")
    RunFolder.trained(run)
    if for_features:
        raise UsageError(
            "--synonyms, --matched-only and columns go with FEATURES SEQUENCES; a RUN has settled its species."
        )


def _check_out(out: Path | None, force: bool, sources: list[Path]) -> None:
    if out is None or not out.exists():
        return
    if out.is_dir() or out.resolve() in [source.resolve() for source in sources]:
        raise UsageError(f"{out} is {'a folder' if out.is_dir() else 'an input'}; --out takes a new file.")
    if not force:
        raise UsageError(f"{out} exists. Choose another --out, or pass --force to replace it.")


def _apart(distance: str | None, tree: Path | None, synonyms: Path | None, run: Path | None) -> "Apart":
    if distance is not None and distance not in DISTANCES:
        hint = "" if distance != "patristic" else " For distances along a tree take --tree."
        raise UsageError(
            f"There is no --distance {distance!r}; there are {', '.join(DISTANCES)}{near(distance, DISTANCES)}.{hint}"
        )
    if distance is not None and tree is not None:
        raise UsageError("--distance and --tree are two ways to tell how far apart species are: take one.")
    from visgen_train.experiment.signal.sources import Apart

    return Apart(distance or "kmer") if tree is None else Apart.along(tree, synonyms, run)


def _again(
    labels: Path | None, synonyms: Path | None, columns: Columns, matched_only: bool
) -> list[Path | str]:
    """The options by which species were settled, for the next command, which settles them anew."""
    given = {
        "--labels": labels,
        "--synonyms": synonyms,
        "--id-column": columns.id,
        "--sequence-column": columns.sequence,
        "--species-column": columns.species,
    }
    said = [word for name, value in given.items() if value is not None for word in (name, value)]
    return [*said, *(["--matched-only"] if matched_only else [])]


def _conclude(
    content: dict[str, Any], out: Path | None, follow: list[Path | str], as_json: bool, quiet: bool
) -> None:
    """Add the verdict, write, print."""
    from visgen_train.io.atomic import write_json
    from visgen_train.report.signal import lines, verdict

    content["verdict"] = verdict(content)
    if out is not None:
        write_json(out, content)
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
    elif not quiet:
        typer.echo("\n".join(lines(content)))
        if out is not None:
            typer.echo(f"Figures: {out}")
        typer.echo(f"Next: {shlex.join(['visgen', *map(str, follow)])}")
