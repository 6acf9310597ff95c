"""`visgen phylogeny`: a tree of the sequences, and whether pictures lie as it does."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from visgen_train.cli import common
from visgen_train.data.sequences import Columns, read_sequences
from visgen_train.errors import UsageError, near
from visgen_train.training.rundir import COMPARISON, METRICS, RunFolder

if TYPE_CHECKING:
    from visgen_train.phylogeny.build import Built
    from visgen_train.phylogeny.compare import Space
    from visgen_train.phylogeny.plan import Plan

DISTANCES = ("kmer", "jukes-cantor", "k80", "sgt-cosine", "sgt-hellinger")


def phylogeny(
    sequences: common.Sequences,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for tree.nwk and the rest.")],
    method: Annotated[
        str | None,
        typer.Option(
            "--method", help="ml (maximum likelihood) or nj [default: ml if the extra phylo is installed]."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="A tip for each sequence, not for each species.")
    ] = False,
    outgroup: Annotated[
        list[str] | None,
        typer.Option("--outgroup", help="Species to root the tree at; repeatable [default: midpoint]."),
    ] = None,
    distance: Annotated[
        str | None, typer.Option("--distance", help=f"Of nj: {', '.join(DISTANCES)} [default: kmer].")
    ] = None,
    aligner: Annotated[
        str, typer.Option("--aligner", help="pyfamsa, or mafft, which must be installed.")
    ] = "pyfamsa",
    engine: Annotated[
        str, typer.Option("--engine", help="Of ml: piqtree; or iqtree2, raxml-ng, which must be installed.")
    ] = "piqtree",
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Of substitution, such as GTR+I+G [default: chosen by BIC; raxml-ng: GTR+I+G]."
        ),
    ] = None,
    bootstrap: Annotated[
        int | None,
        typer.Option("--bootstrap", help="Replicates, 0 for none [default: 1000 ultrafast; raxml-ng: 100]."),
    ] = None,
    threads: Annotated[int, typer.Option("--threads", "-j", help="For the programs.")] = 1,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="Folder of a run: do its pictures lie as the tree does?")
    ] = None,
    tree: Annotated[
        Path | None,
        typer.Option(
            "--tree",
            help="With --compare: your tree, Newick or Nexus with branch lengths, in place of one made.",
        ),
    ] = None,
    permutations: Annotated[int, typer.Option("--permutations", help="Of species, for --compare.")] = 999,
    labels: common.Labels = None,
    synonyms: common.Synonyms = None,
    id_column: common.IdColumn = None,
    sequence_column: common.SequenceColumn = None,
    species_column: common.SpeciesColumn = None,
    seed: common.SeedAlone = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a tree of other sequences or options.")
    ] = False,
    as_json: common.AsJson = False,
    quiet: common.Quiet = False,
    verbose: common.Verbose = False,
    debug: common.Debug = False,
) -> None:
    """Make a phylogeny of sequences; the same command goes on where it was broken off.

    Examples: `visgen phylogeny sequences.fasta --out tree`,
    `visgen phylogeny sequences.fasta --out tree --compare my-run`
    """
    with common.reported(debug, quiet, verbose):
        if tree is not None and compare is None:
            raise UsageError(
                "--tree is for --compare RUN; without it there is nothing to do with a tree that is made."
            )
        plan = _plan(method, every, distance, aligner, engine, model, bootstrap, outgroup, threads, seed)
        held = None if compare is None else _held(compare)
        from visgen_train.data.synonyms import in_force, load
        from visgen_train.data.trees import read_tree

        accepted = in_force(load(synonyms), ())
        given = None if tree is None else read_tree(tree, accepted)
        columns = Columns(id_column, sequence_column, species_column)
        records, named = read_sequences(sequences, labels, columns)
        named = {key: accepted.get(name, name) for key, name in named.items()}
        content: dict[str, Any] = {"schema_version": 1}
        alignment = None
        if given is None:
            from visgen_train.phylogeny.build import build

            say = (lambda told: None) if quiet else (lambda told: typer.echo(told, err=True))
            built = build(records, named, plan, out, force=force, say=say)
            content["tree"] = _described(built, plan, out)
            alignment = built.alignment and built.alignment.records()
        if held is not None:
            from visgen_train.phylogeny.compare import compare as compared
            from visgen_train.phylogeny.steps import TREE

            used = read_tree(out / TREE, accepted) if given is None else given
            found = compared(
                records, named, used, held, alignment=alignment, permutations=permutations, seed=seed
            )
            content["comparison"] = {"run": str(compare), "tree": str(tree or out / TREE), **found}
            _write_comparison(content["comparison"], out, Path(str(compare)))
        _conclude(content, sequences, out, as_json, quiet, several=every and given is None)


def _plan(
    method: str | None,
    every: bool,
    distance: str | None,
    aligner: str,
    engine: str,
    model: str | None,
    bootstrap: int | None,
    outgroup: list[str] | None,
    threads: int,
    seed: int,
) -> "Plan":
    """What was asked for, checked."""
    from visgen_train.data.species import canonical
    from visgen_train.phylogeny.aligned import ALIGNERS
    from visgen_train.phylogeny.ml import installed
    from visgen_train.phylogeny.plan import ENGINES, Plan

    likeliest = "ml" if engine != "piqtree" or installed() else "nj"
    chosen = method or ("nj" if distance is not None else likeliest)
    known = (
        ("--method", chosen, ("ml", "nj")),
        ("--aligner", aligner, ALIGNERS),
        ("--engine", engine, tuple(ENGINES)),
    )
    for option, value, values in (*known, ("--distance", distance or "kmer", DISTANCES)):
        if value not in values:
            raise UsageError(
                f"There is no {option} {value!r}; there are {', '.join(values)}{near(value, values)}."
            )
    if chosen == "nj" and (model, bootstrap, engine) != (None, None, "piqtree"):
        raise UsageError("--engine, --model and --bootstrap are for --method ml.")
    if chosen == "ml" and distance is not None:
        raise UsageError("--distance is for --method nj; maximum likelihood takes the alignment itself.")
    ultrafast = engine != "raxml-ng"
    replicates = bootstrap if bootstrap is not None else 1000 if ultrafast else 100
    if replicates < 0 or (ultrafast and 0 < replicates < 1000):
        raise UsageError(
            f"--bootstrap {replicates}: the ultrafast bootstrap takes 1000 or more, or 0 for none."
        )
    if threads < 1:
        raise UsageError(f"--threads {threads}: one or more.")
    species = tuple(map(canonical, outgroup or ()))
    return Plan(chosen, every, aligner, engine, distance or "kmer", model, replicates, species, threads, seed)


def _described(built: "Built", plan: "Plan", out: Path) -> dict[str, Any]:
    """The facts of a tree with its support, genera and species; written to phylogeny.json."""
    from visgen_train.io.atomic import write_json
    from visgen_train.phylogeny.facts import facts
    from visgen_train.phylogeny.steps import RESULT

    found = facts(built, plan)
    write_json(out / RESULT, {"schema_version": 1, **found})
    return found


def _held(run: Path) -> "dict[str, Space]":
    """What a run's folder has to compare with."""
    RunFolder.trained(run)
    from visgen_train.report.phylogeny import AFTER, ANCHORS, BEFORE
    from visgen_train.training.spaces import spaces

    return spaces(run, BEFORE, AFTER, ANCHORS)


def _write_comparison(found: dict[str, Any], out: Path, run: Path) -> None:
    """Into the folder of the tree, and into the run, whose report shows it."""
    from visgen_train.io.atomic import write_json
    from visgen_train.phylogeny.steps import Steps

    Steps(out)  # makes the folder, or refuses it
    for folder in (out, run):
        write_json(folder / COMPARISON, {"schema_version": 1, **found})


def _conclude(
    content: dict[str, Any], sequences: Path, out: Path, as_json: bool, quiet: bool, *, several: bool
) -> None:
    """Print; a tree of `several` tips a species is none for a report."""
    from visgen_train.phylogeny.steps import RESULT, TREE
    from visgen_train.report.phylogeny import comparison_lines, lines

    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    if quiet:
        return
    if "tree" in content:
        typer.echo("\n".join(lines(content["tree"])))
        typer.echo(f"Tree: {out / TREE}; figures: {out / RESULT}")
    if "comparison" in content:
        typer.echo("\n".join(comparison_lines(content["comparison"])))
        run, tree = (content["comparison"][name] for name in ("run", "tree"))
        typer.echo(f"Figures: {out / COMPARISON}, {Path(run) / COMPARISON}")
        shown = (Path(run) / METRICS).is_file() and not several
        follow = ["visgen", "report" if shown else "evidence", run, "--tree", tree]
    else:
        follow = ["visgen", "phylogeny", str(sequences), "--out", str(out), "--compare", "RUN"]
    typer.echo(f"Next: {shlex.join(follow)}")
