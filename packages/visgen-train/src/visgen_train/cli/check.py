"""`visgen check`: everything that is wrong with a collection, before any training."""

import json
import shlex
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
    synonyms: common.Synonyms = None,
    id_column: common.IdColumn = None,
    sequence_column: common.SequenceColumn = None,
    species_column: common.SpeciesColumn = None,
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
        if suggest_names is not None and suggest_names.exists():
            raise UsageError(f"{suggest_names} is there already. Name another file, or remove it.")
        if suggest_names is not None and not suggest_names.parent.is_dir():
            raise UsageError(
                f"--suggest-names {suggest_names}: there is no folder {suggest_names.parent}. Make it."
            )
        from visgen_train.audit.audit import audit
        from visgen_train.audit.findings import to_json
        from visgen_train.audit.names import synonym_table
        from visgen_train.audit.table import lines, verdict_line
        from visgen_train.data.sequences import Columns
        from visgen_train.experiment.inputs import Inputs
        from visgen_train.io.atomic import write_text
        from visgen_train.io.progress import silent, track

        columns = Columns(id_column, sequence_column, species_column)
        inputs = Inputs(
            *(images, sequences, labels, metadata, group, matched_only, synonyms, columns), split=split
        )
        found = audit(inputs, silent if quiet else track)
        if suggest_names is not None and found.suggested:
            write_text(suggest_names, synonym_table(found.suggested))
        follow = _follow(inputs, found, suggest_names)
        if as_json:
            typer.echo(json.dumps(to_json(found, follow), ensure_ascii=False))
        elif not quiet:
            typer.echo("\n".join([verdict_line(found), *lines(found), "", f"Next: {follow}"]))
    if not found.clean:
        raise typer.Exit(1)


_LEAVES_OUT = {
    "unreadable-image": "--skip-bad",
    "no-sequences": "--matched-only",
    "no-images": "--matched-only",
}


def _follow(inputs: "Inputs", found: "Audit", written: Path | None) -> str:
    """The next command to type: names first, then what only a person can correct, then the run."""
    if found.suggested and written is None:
        return _as_typed("check", inputs, "--suggest-names", "names.csv")
    if found.suggested and inputs.synonyms is not None:
        return f"read {written}, add what is right to {inputs.synonyms}, then {_as_typed('check', inputs)}"
    if found.suggested:
        return f"read {written}, take out what is wrong, then {_as_typed('check', inputs, '--synonyms', str(written))}"
    errors = {finding.kind.name for finding in found.findings if finding.kind.severity == "error"}
    if errors - _LEAVES_OUT.keys():
        return f"correct the errors, then {_as_typed('check', inputs)}"
    flags = sorted(
        {_LEAVES_OUT[name] for name in errors} - ({"--matched-only"} if inputs.matched_only else set())
    )
    return _as_typed("run", inputs, *flags, "--out", "my-run")


def _as_typed(verb: str, inputs: "Inputs", *more: str) -> str:
    words = ["visgen", verb, str(inputs.images), str(inputs.sequences)]
    options = {
        "--labels": inputs.labels,
        "--metadata": inputs.metadata,
        "--group": inputs.group,
        "--split": inputs.split,
        "--synonyms": inputs.synonyms,
        "--id-column": inputs.columns and inputs.columns.id,
        "--sequence-column": inputs.columns and inputs.columns.sequence,
        "--species-column": inputs.columns and inputs.columns.species,
    }
    words += [word for option, value in options.items() if value is not None for word in (option, str(value))]
    words += ["--matched-only"] if inputs.matched_only else []
    return shlex.join([*words, *more])
