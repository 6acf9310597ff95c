"""`visgen check`: everything that is wrong with a collection, before any training."""

import itertools
import json
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError

if TYPE_CHECKING:
    from visgen_train.audit.findings import Audit
    from visgen_train.experiment.inputs import Inputs


def check(
    images: common.Images,
    sequences: common.Sequences,
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
    preset: common.Preset = "sound",
    recipe: common.RecipeName = None,
    config: common.ConfigFile = None,
    settings: common.Settings = None,
    suggest_names: Annotated[
        Path | None,
        typer.Option(
            "--suggest-names", help="Write the names that may mean each other to this CSV, to be confirmed."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON.")] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Find everything that is wrong with images and sequences, at once; nothing is altered.

    Ends with 0 if the collection is clean (notes are no fault), with 1 if there are errors or warnings.

    Example: `visgen check images/ sequences.fasta`
    """
    with common.reported(debug, quiet or not verbose, verbose):  # what is logged are findings here
        if suggest_names is not None:
            _see_that_it_can_be_written(suggest_names)
        from visgen_train.audit.audit import audit
        from visgen_train.audit.findings import to_json
        from visgen_train.audit.names import synonym_table
        from visgen_train.audit.table import lines, verdict_line
        from visgen_train.data.sequences import Columns
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.io.atomic import write_text
        from visgen_train.io.progress import silent, track

        chosen = common.configure(preset, recipe, config, settings)
        columns = Columns(id_column, sequence_column, species_column)
        inputs = Inputs(
            *(images, sequences, labels, metadata, group, matched_only, synonyms, columns),
            split=split,
            skip_bad=skip_bad,
        )
        found = audit(inputs, chosen, silent if quiet else track)
        if suggest_names is not None and found.suggested:
            write_text(suggest_names, synonym_table(found.suggested))
        given = {"--preset": None if preset == "sound" else preset, "--recipe": recipe, "--config": config}
        typed = _typed(inputs, given, settings or [])
        follow = _follow(typed, found, suggest_names, synonyms)
        if as_json:
            typer.echo(json.dumps(to_json(found, follow), ensure_ascii=False))
        elif not quiet:
            typer.echo("\n".join([verdict_line(found), *lines(found), "", f"Next: {follow}"]))
    if not found.clean:
        raise typer.Exit(1)


def _see_that_it_can_be_written(table: Path) -> None:
    """Before all pictures are decoded, not after."""
    try:
        if table.exists():
            raise UsageError(f"{table} is there already. Name another file, or remove it.")
        with tempfile.NamedTemporaryFile(dir=table.parent, prefix=f".{table.name}.", suffix=table.suffix):
            pass
    except OSError as error:
        raise UsageError(
            f"--suggest-names {table}: cannot be written ({error.strerror}). Make the folder, or name another file."
        ) from error


def _follow(typed: list[str], found: "Audit", written: Path | None, synonyms: Path | None) -> str:
    """The next command to type: the run, if it works; else names first, then what only a person can correct."""
    if found.verdict != "not ready":
        return shlex.join(["visgen", "run", *typed, *found.options, "--out", _free("my-run")])
    again = shlex.join(["visgen", "check", *typed])
    if found.suggested and written is None:
        return f"{again} --suggest-names {_free('names.csv')}"
    if found.suggested and synonyms is not None:
        return (
            f"read {written}, add what is right to {synonyms}, and rows `X,X` for what is not, then {again}"
        )
    if found.suggested:
        added = shlex.join(["--synonyms", str(written)])
        return (
            f"read {written}, write the first name in both columns where a row is wrong, then {again} {added}"
        )
    return f"correct the errors, then {again}"


def _free(name: str) -> str:
    """The name, or with a number, such that there is no such file yet."""
    path = Path(name)
    numbered = (f"{path.stem}-{number}{path.suffix}" for number in itertools.count(2))
    return next(other for other in itertools.chain([name], numbered) if not Path(other).exists())


def _typed(inputs: "Inputs", given: Mapping[str, object], settings: list[str]) -> list[str]:
    """The arguments as they were typed; `visgen run` takes the same."""
    options = {
        "--labels": inputs.labels,
        "--metadata": inputs.metadata,
        "--group": inputs.group,
        "--split": inputs.split,
        "--synonyms": inputs.synonyms,
        "--id-column": inputs.columns and inputs.columns.id,
        "--sequence-column": inputs.columns and inputs.columns.sequence,
        "--species-column": inputs.columns and inputs.columns.species,
        **given,
    }
    words = [str(inputs.images), str(inputs.sequences)]
    words += [word for option, value in options.items() if value is not None for word in (option, str(value))]
    words += [word for setting in settings for word in ("--set", setting)]
    words += ["--matched-only"] if inputs.matched_only else []
    return words + (["--skip-bad"] if inputs.skip_bad else [])
