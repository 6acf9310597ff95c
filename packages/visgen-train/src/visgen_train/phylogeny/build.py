"""From sequences to a rooted tree in a folder: align, consensus, model, tree, root."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.errors import DataError, UsageError, near
from visgen_train.genetics.distances import METHODS, species_distances
from visgen_train.phylogeny.aligned import Aligned, aligned
from visgen_train.phylogeny.consensus import consensus
from visgen_train.phylogeny.likeliest import Engine, Search
from visgen_train.phylogeny.ml import Piqtree
from visgen_train.phylogeny.newick import parse, save, tip_name, tips_of
from visgen_train.phylogeny.nj import neighbour_joining
from visgen_train.phylogeny.programs import IqTree, RaxmlNg
from visgen_train.phylogeny.rooting import rooted
from visgen_train.phylogeny.steps import TREE, Steps, key, text

ENGINES: dict[str, Engine] = {engine.name: engine for engine in (Piqtree(), IqTree(), RaxmlNg())}
LEAST = 4
"""Tips from which there is more than one tree without a root."""


@dataclass(frozen=True)
class Plan:
    """How to make a tree.

    Attributes
    ----------
    method : str
        "ml" or "nj".
    every : bool
        A tip for each sequence, not for each species.
    aligner, engine, distance : str
        Of `aligned.ALIGNERS`, of `ENGINES`, of `genetics.distances.METHODS` for nj.
    model : str, optional
        Of substitution, as the engine calls it; None: the engine chooses.
    bootstrap : int
        Replicates; 0 for none.
    outgroup : tuple of str
        Species; none: midpoint.
    """

    method: str = "ml"
    every: bool = False
    aligner: str = "pyfamsa"
    engine: str = "piqtree"
    distance: str = "kmer"
    model: str | None = None
    bootstrap: int = 1000
    outgroup: tuple[str, ...] = ()
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Built:
    """A rooted tree.

    Attributes
    ----------
    tree : Bio.Phylo.BaseTree.Tree
        Tips `Genus_species`, or `Genus_species_ID`.
    species : mapping
        Tip -> species.
    alignment : Aligned, optional
        None where none was made.
    facts : dict
        Method, model and so on, for people and JSON.
    """

    tree: Tree
    species: Mapping[str, str]
    alignment: Aligned | None
    facts: dict[str, Any]


def build(
    records: Sequence[sgt_dna.Record],
    labels: Mapping[str, str],
    plan: Plan,
    folder: Path,
    *,
    force: bool = False,
    say: Callable[[str], None] = lambda told: None,
) -> Built:
    """Make a tree and write tree.nwk; what the folder has already of the same input and plan is not computed again.

    Parameters
    ----------
    records : sequence of sgt_dna.Record
    labels : mapping
        Record id -> species.
    folder : Path
        Made if it is missing.
    force : bool
        Replace a tree of another input or plan.
    say : callable
        Takes a line before each step that takes long.

    Raises
    ------
    DataError
        Fewer than four species (or sequences) or different ones; an outgroup that is none; a program fails.
    ConfigError
        What the plan asks for is not installed.
    UsageError
        The folder holds something else.
    """
    begun = time.perf_counter()
    ordered = sorted(records, key=lambda record: record.id)
    tips = _tips(ordered, labels, plan.every)
    _refuse_few(ordered, labels, tips)
    _check_outgroup(plan.outgroup, labels)
    steps = Steps(folder)
    made_from = key(plan, [(record.id, labels[record.id], record.sequence) for record in ordered])
    if steps.has("tree") and steps.get("tree", made_from) is None and not force:
        raise UsageError(
            f"{folder} holds a tree of other sequences or options. Choose another --out, or pass --force."
        )
    rows = None
    if plan.method == "ml" or METHODS[plan.distance].of == "alignment":
        rows = aligned(ordered, labels, plan.aligner, steps, plan.threads, say)
    known = steps.get("tree", made_from)
    if known is None:
        make = _likeliest if plan.method == "ml" else _joined
        newick, facts = make(ordered, tips, rows, plan, steps, say)
        facts["seconds"] = round(time.perf_counter() - begun, 1)
        known = steps.put("tree", made_from, newick=newick, facts=facts)
    species = {tip: labels[name] for name, tip in tips.items()}
    tree = parse(known["newick"])
    out = [tip.name for tip in tips_of(tree) if species[tip.name] in plan.outgroup]
    tree = rooted(tree, out)
    save(tree, folder / TREE)
    notes = [] if rows is None else rows.notes
    return Built(tree, species, rows, {**known["facts"], "notes": [*known["facts"]["notes"], *notes]})


def _tips(records: Sequence[sgt_dna.Record], labels: Mapping[str, str], every: bool) -> dict[str, str]:
    """Record id -> tip: of its species, or its own."""
    found = {record.id: tip_name(labels[record.id], *([record.id] if every else [])) for record in records}
    if every and len(set(found.values())) < len(found):
        raise DataError(
            "Two ids of sequences differ only in signs that Newick cannot hold, such as blank and comma."
        )
    return found


def _refuse_few(
    records: Sequence[sgt_dna.Record], labels: Mapping[str, str], tips: Mapping[str, str]
) -> None:
    number = len(set(tips.values()))
    if number < LEAST:
        species = sorted(set(labels.values()))
        hint = " Take --all for a tip of each sequence." if len(records) >= LEAST else ""
        raise DataError(
            f"A tree needs {LEAST} tips or more, and there are {number} ({', '.join(species)}).{hint}"
        )
    different = len({record.sequence.upper() for record in records})
    if different < LEAST:
        raise DataError(
            f"The {len(records)} sequences are only {different} different ones; a tree needs {LEAST} or more. Were "
            "they copied by mistake?"
        )


def _check_outgroup(outgroup: Sequence[str], labels: Mapping[str, str]) -> None:
    species = sorted(set(labels.values()))
    for name in outgroup:
        if name not in species:
            raise DataError(f"--outgroup {name!r} is none of the species{near(name, species)}.")


Made = tuple[str, dict[str, Any]]


def _likeliest(
    records: Sequence[sgt_dna.Record],
    tips: Mapping[str, str],
    rows: Aligned | None,
    plan: Plan,
    steps: Steps,
    say: Callable[[str], None],
) -> Made:
    """The tree of maximum likelihood."""
    assert rows is not None
    names, codes = _rows_of_tips(rows, tips, plan.every)
    given = {f"t{row}": text(one) for row, one in enumerate(codes)}
    same = len(given) - len(set(given.values()))
    if len(given) - same < LEAST:
        raise DataError(
            f"Of {len(given)} tips {len(given) - same} have different aligned sequences; a tree needs {LEAST} or more."
        )
    engine, search = ENGINES[plan.engine], Search(plan.bootstrap, plan.threads, plan.seed + 1)
    model = plan.model or _model(engine, given, search, steps, say)
    say(
        f"Searching the likeliest tree of {len(given)} tips, {codes.shape[1]:,} columns, {model} ({engine.name}) ..."
    )
    found = engine.search(given, model, search)
    tree = parse(found.newick)
    for tip in tips_of(tree):
        tip.name = names[int(tip.name[1:])]
    facts = {
        "method": "maximum likelihood",
        "engine": engine.name,
        "model": model,
        "model_chosen_by": "the user" if plan.model else "BIC" if plan.engine != "raxml-ng" else "the paper",
        "log_likelihood": found.log_likelihood,
        "bootstrap": plan.bootstrap,
        "aligner": plan.aligner,
        "columns": int(codes.shape[1]),
        "sequences": len(rows.ids),
        "tips": len(names),
        "notes": [f"{same} of {len(given)} tips have the same aligned sequence as another"] if same else [],
    }
    return save(tree), facts


def _rows_of_tips(rows: Aligned, tips: Mapping[str, str], every: bool) -> tuple[list[str], np.ndarray]:
    """Tips and their codes, without columns where none has a base."""
    own = [tips[name] for name in rows.ids]
    names, codes = (own, rows.codes) if every else consensus(rows.codes, own)
    return names, codes[:, (codes < 4).any(axis=0)]


def _model(
    engine: Engine, given: Mapping[str, str], search: Search, steps: Steps, say: Callable[[str], None]
) -> str:
    made_from = key(engine.name, search.seed, sorted(given.items()))
    known = steps.get("model", made_from)
    if known is None:
        say(f"Choosing a model of substitution for {len(given)} tips ({engine.name}) ...")
        known = steps.put("model", made_from, name=engine.choose(given, search))
    return str(known["name"])


def _joined(
    records: Sequence[sgt_dna.Record],
    tips: Mapping[str, str],
    rows: Aligned | None,
    plan: Plan,
    steps: Steps,
    say: Callable[[str], None],
) -> Made:
    """The tree of neighbour joining."""
    if rows is not None:
        within = set(rows.ids)
        records = [record for record in records if record.id in within]
    say(f"Neighbour joining by {METHODS[plan.distance].description} ...")
    given = None if rows is None else rows.records()
    apart = species_distances(records, tips, plan.distance, alignment=given, seed=plan.seed)
    tree = neighbour_joining(apart.species, apart.matrix)
    facts = {
        "method": "neighbour joining",
        "distance": plan.distance,
        "bootstrap": 0,
        "aligner": None if rows is None else plan.aligner,
        "sequences": len(records),
        "tips": len(apart.species),
        "notes": list(apart.notes),
    }
    return save(tree), facts
