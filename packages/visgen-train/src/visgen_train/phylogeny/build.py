"""From sequences to a rooted tree in a folder: align, consensus, model, tree, root."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.errors import DataError, UsageError, near
from visgen_train.genetics.distances import METHODS
from visgen_train.phylogeny.aligned import Aligned, aligned
from visgen_train.phylogeny.methods import joined_tree, likeliest_tree
from visgen_train.phylogeny.newick import parse, save, tip_name, tips_of
from visgen_train.phylogeny.plan import LEAST, Plan
from visgen_train.phylogeny.rooting import rooted
from visgen_train.phylogeny.steps import TREE, Steps, key


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
    unrooted = replace(plan, outgroup=(), threads=1)
    made_from = key(unrooted, [(record.id, labels[record.id], record.sequence) for record in ordered])
    if steps.has("tree") and steps.get("tree", made_from) is None and not force:
        raise UsageError(
            f"{folder} holds a tree of other sequences or options. Choose another --out, or pass --force."
        )
    rows = None
    if plan.method == "ml" or METHODS[plan.distance].of == "alignment":
        rows = aligned(ordered, labels, plan.aligner, steps, plan.threads, say)
    known = steps.get("tree", made_from)
    if known is None:
        make = likeliest_tree if plan.method == "ml" else joined_tree
        newick, facts = make(ordered, tips, rows, plan, steps, say)
        facts["seconds"] = round(time.perf_counter() - begun, 1)
        known = steps.put("tree", made_from, newick=newick, facts=facts)
    else:
        say("Tree: taken from the folder.")
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
