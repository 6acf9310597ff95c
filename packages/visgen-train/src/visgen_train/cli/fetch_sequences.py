"""`visgen fetch-sequences`: records of GenBank by their accessions, in a file for `visgen run`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from visgen_train.cli import common
from visgen_train.errors import UsageError


def fetch_sequences(
    accessions: Annotated[
        Path, typer.Argument(help="A text with one accession a line, such as MK499771; # begins a comment.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File to write: GenBank (.gb) or FASTA (.fasta).")],
    email: Annotated[
        str,
        typer.Option("--email", envvar="NCBI_EMAIL", help="Yours, which NCBI asks for with each request."),
    ],
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder for records as they come [default: OUT.cache].")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.")] = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Fetch sequences from NCBI by accession, in the order of the list; broken off, the same command goes on.

    Example: `visgen fetch-sequences accessions.txt -o sequences.gb --email you@example.org`
    """
    with common.reported(debug, quiet, verbose):
        if out.suffix.lower() not in (".gb", ".fasta"):
            raise UsageError(f"{out}: end its name in .gb (GenBank) or .fasta.")
        if out.exists() and not force:
            raise UsageError(f"{out} exists. Choose another --out, or replace it (--force).")
        if "@" not in email:
            raise UsageError(f"--email {email!r} is no address; NCBI wants one to write to.")
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{out.parent}: cannot be made ({error.strerror}). Choose another --out."
            ) from error
        from visgen_train.io.atomic import write_text
        from visgen_train.io.entrez import as_fasta, fetch, read_accessions
        from visgen_train.io.progress import silent, track

        asked = read_accessions(accessions)
        folder = cache or out.with_name(out.name + ".cache")
        found = fetch(asked, email, folder, silent if quiet else track)
        records = found.records.values()
        if records:
            write_text(out, "".join(records if out.suffix.lower() == ".gb" else map(as_fasta, records)))
        if found.missing:
            listed = "\n".join(f"  {accession}" for accession in found.missing)
            kept = f"The other {len(records)} are in {out}." if records else "Nothing is written."
            typer.echo(
                f"visgen: error: NCBI gave no nucleotide record for {len(found.missing)} of {len(asked)} accessions. "
                f"Correct them in {accessions} or take them out:\n{listed}\n{kept}",
                err=True,
            )
            raise typer.Exit(1)
        if not quiet:
            typer.echo(f"{len(records)} records: {out}")
            typer.echo(f"Next: {shlex.join(['visgen', 'run', 'IMAGES', str(out), '--out', 'RUN'])}")
