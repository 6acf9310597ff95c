"""Options and habits the verbs share: settings, errors, logging, the closing lines."""

import contextlib
import errno
import json
import logging
import operator
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import sgt_dna
import typer

from visgen_train.config import PRESETS, Config, load_config
from visgen_train.errors import ConfigError, UsageError, VisgenError
from visgen_train.experiment.recipes import RECIPES, recipe_settings
from visgen_train.report import summary
from visgen_train.training.launched import launched
from visgen_train.training.rundir import RunFolder

log = logging.getLogger(__name__)
Images = Annotated[
    Path,
    typer.Argument(
        help="Folder with one sub-folder a species, named like `Genus_species`; or CSV with columns file and species."
    ),
]
Sequences = Annotated[
    Path,
    typer.Argument(help="FASTA, GenBank, or a table (.csv, .tsv); it names the species, or see --labels."),
]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
Run = Annotated[Path, typer.Argument(help="Folder of a run, from `visgen train` or `visgen run`.")]
Labels = Annotated[Path | None, typer.Option("--labels", help="CSV with columns id and species.")]
Metadata = Annotated[
    Path | None,
    typer.Option("--metadata", help="CSV with a column file (relative to the CSV), and maybe split."),
]
Group = Annotated[
    str | None,
    typer.Option(
        "--group",
        help="Column of --metadata (or of a CSV as IMAGES) that must not be parted, such as specimen.",
    ),
]
Split = Annotated[
    Path | None,
    typer.Option("--split", help="A run's split.csv, or a CSV with columns file and split, to split alike."),
]
MatchedOnly = Annotated[
    bool, typer.Option("--matched-only", help="Leave out species without images or without sequences.")
]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out images that cannot be read; data.json records them.")
]
Synonyms = Annotated[
    Path | None,
    typer.Option(
        "--synonyms", help="CSV with columns synonym and accepted, over the table that is built in."
    ),
]
IdColumn = Annotated[
    str | None, typer.Option("--id-column", help="Of a table of sequences: the column of ids, each unique.")
]
SequenceColumn = Annotated[
    str | None, typer.Option("--sequence-column", help="Of a table of sequences: the column that holds them.")
]
SpeciesColumn = Annotated[
    str | None,
    typer.Option(
        "--species-column", help="Of a table of sequences: the column of species, or `Genus,species`."
    ),
]
Store = Annotated[
    Path | None,
    typer.Option(
        "--store", help="Folder that keeps the decoded pictures for later runs; made if it is missing."
    ),
]
MovedImages = Annotated[
    Path | None,
    typer.Option("--images", help="The folder (or CSV) of images, if it has moved since training."),
]
MovedSequences = Annotated[
    Path | None, typer.Option("--sequences", help="The file of sequences, if it has moved since training.")
]
Weights = Annotated[
    str | None,
    typer.Option("--weights", help="default (ImageNet's, or timm's own), none (random), or a file."),
]
Backbone = Annotated[
    str | None, typer.Option("--backbone", help="A torchvision model, such as resnet50, or timm:NAME.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace an earlier run in the output folder.")]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on with what is in the output folder; begin where there is nothing."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print the log, too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of the summary.")]
Seed = Annotated[
    int | None,
    typer.Option("--seed", help="Seed of everything random [default: that of the settings, or 0]."),
]
SeedAlone = Annotated[int, typer.Option("--seed", help="Seed of everything random.")]
"""Of verbs without settings."""
Device = Annotated[
    str | None,
    typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps [default: that of the settings, or auto]."),
]
Preset = Annotated[str, typer.Option("--preset", help=f"{', '.join(PRESETS)}; light is small and quick.")]
RecipeName = Annotated[
    str | None, typer.Option("--recipe", help="A training of the paper, by name: see `visgen recipes`.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="YAML with settings, such as a run's config.yaml.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="One setting, such as train.lr=1e-3; repeatable.")
]


def configure(
    preset: str, recipe: str | None, file: Path | None, settings: list[str] | None, **direct: object
) -> Config:
    """The configuration from the shared options; `direct` holds settings with options of their own (or None)."""
    given, wanted = _named(direct), recipe_settings(recipe)
    config = load_config(preset, file, settings or [], given, wanted)
    typed = {setting.partition("=")[0].strip() for setting in settings or []} | given.keys()
    for name, value in wanted.items():
        found = operator.attrgetter(name)(config)
        if found != value and not typed & {name, name.partition(".")[0]}:  # what is typed is meant
            log.warning("recipe %s would set %s=%s, but --config makes it %s", recipe, name, value, found)
    if (
        recipe
        and RECIPES[recipe].aligns
        and not config.align.epochs
        and not typed & {"align.epochs", "align"}
    ):
        raise ConfigError(
            f"recipe {recipe} aligns to the DNA, but align.epochs is 0 in {file}; say for how long, such as by "
            "--set align.epochs=5, or take another recipe (visgen recipes lists them)."
        )
    return config


def configure_row(
    recipe: str, preset: str, file: Path | None, settings: list[str] | None, **direct: object
) -> Config:
    """The configuration of a row of an ablation: there a recipe is what it says, whatever else is set.

    Raises
    ------
    ConfigError
        --set contradicts the recipe. (A file of settings holds all of them, so there the recipe simply wins.)
    """
    wanted, given = RECIPES[recipe].settings, _named(direct)
    for setting in settings or []:
        name = setting.partition("=")[0].strip()
        fixed = name in wanted and name != "align.epochs"  # how long those align that do
        if fixed and operator.attrgetter(name)(load_config(settings=[setting])) != wanted[name]:
            raise ConfigError(
                f"--set {setting} contradicts recipe {recipe}, which is about {name}={wanted[name]}. Leave it out, or "
                f"name recipes that do not set {name} by --recipes."
            )
    config = load_config(preset, file, settings or [], {**given, **wanted})
    if RECIPES[recipe].aligns and not config.align.epochs:
        raise ConfigError(
            f"recipe {recipe} aligns to the DNA, but align.epochs is 0; set it by --set align.epochs=5."
        )
    return config


def _named(direct: Mapping[str, object]) -> dict[str, object]:
    """Settings with options of their own, by dotted name; None is not given."""
    names = {"weights": "model.weights", "backbone": "model.backbone"}
    return {names.get(key, key): value for key, value in direct.items() if value is not None}


def reconfigure(run: Path, settings: list[str] | None, device: str | None) -> Config:
    """The configuration of an earlier run with the changes asked for."""
    direct = {} if device is None else {"device": device}
    return load_config(file=run / "config.yaml", settings=settings or [], direct=direct)


def refuse_taken(out: Path, force: bool, resume: bool) -> None:
    """Refuse a taken folder before the heavy imports; of several processes the first does it when all have met."""
    if launched().size == 1:
        RunFolder(out, force, resume)


def require_one_process(what: str) -> None:
    """Raise UsageError where torchrun or srun started several."""
    size = launched().size
    if size > 1:
        raise UsageError(
            f"{what} works in one process, and {size} were started. Several can do visgen run IMAGES SEQUENCES and "
            "visgen train."
        )


@contextlib.contextmanager
def reported(debug: bool, quiet: bool, verbose: bool) -> Iterator[None]:
    """Show warnings (or, with `verbose`, all of the log); turn errors into one message and an exit code."""
    place = launched()
    log = logging.getLogger("visgen_train")
    log.setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO if verbose else logging.ERROR if quiet else logging.WARNING)
    if place.rank:  # what befell it alone; else the first speaks for all
        handler.setLevel(logging.CRITICAL)
    handler.setFormatter(logging.Formatter("visgen: %(message)s"))
    log.addHandler(handler)
    try:
        yield
    except (VisgenError, sgt_dna.SgtError) as error:
        if debug:
            raise
        lines = [str(error), *getattr(error, "__notes__", [])]
        if not place.local:
            typer.echo("visgen: error: " + "\n".join(lines), err=True)
        raise typer.Exit(error.exit_code if isinstance(error, VisgenError) else 1) from error
    except OSError as error:  # a full disk, a name too long, no permission: wherever it happens
        if debug or error.errno == errno.EPIPE:
            raise
        told = f"{error.filename or 'a file'}: cannot be read or written ({error.strerror or error})."
        if not place.local:
            typer.echo(
                f"visgen: error: {told} Make room, or choose another place; --debug shows where.", err=True
            )
        raise typer.Exit(1) from error
    finally:
        log.removeHandler(handler)


def conclude(metrics: dict[str, Any], out: Path, follow: str, as_json: bool, quiet: bool) -> None:
    """The closing lines on standard output: the figures, where the files are, the next command."""
    if as_json:
        typer.echo(json.dumps(metrics, ensure_ascii=False))
    elif not quiet:
        typer.echo(f"{summary.per_class(metrics)} {summary.tail(metrics)} One seed.")
        typer.echo(summary.recommended(metrics))
        typer.echo(
            f"Report: {out / 'report.html'} (what this shows, species by species); model: {out / 'model.safetensors'}"
        )
        typer.echo(f"Next: {follow}")


def conclude_evidence(content: dict[str, Any], out: Path, as_json: bool, quiet: bool) -> None:
    """Write the tables and the page of an ablation; print its tables, the verdict, and where the files are."""
    from visgen_train.report.evidence import lines
    from visgen_train.report.evidence_page import write_evidence_page
    from visgen_train.report.evidence_relatives import relatives_lines
    from visgen_train.report.evidence_tables import write_tables

    write_tables(out, content)
    write_evidence_page(out)
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
    elif not quiet:
        typer.echo("\n".join([*lines(content), *relatives_lines(content)]))
        typer.echo(f"Report: {out / 'report.html'}; tables: {out / 'ablation.csv'}, .md, .json")
        typer.echo(f"Next: open {out / 'report.html'} in a browser")
