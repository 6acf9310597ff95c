"""The two ways to a tree: maximum likelihood and neighbour joining."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import sgt_dna
from Bio.Phylo.BaseTree import Tree

from visgen_train.errors import DataError
from visgen_train.genetics.distances import METHODS, jukes_cantor, patristic, species_distances
from visgen_train.phylogeny.aligned import Aligned
from visgen_train.phylogeny.consensus import consensus
from visgen_train.phylogeny.likeliest import Engine, Search
from visgen_train.phylogeny.mantel import cophenetic
from visgen_train.phylogeny.newick import parse, save, tips_of
from visgen_train.phylogeny.nj import neighbour_joining
from visgen_train.phylogeny.plan import ENGINES, LEAST, Plan
from visgen_train.phylogeny.steps import Steps, key, text

MANY: Final = 200
"""Tips from which a search for the likeliest tree is said to take long."""
Made = tuple[str, dict[str, Any]]
"""Newick, and the facts of the tree."""


def likeliest_tree(
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
    if len(given) > MANY:
        say("So many tips take long; --model NAME and --bootstrap 0 shorten it; --method nj takes seconds.")
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
        "cophenetic": _cophenetic(tree, names, jukes_cantor.distances(codes), "jukes-cantor"),
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


def joined_tree(
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
        "cophenetic": _cophenetic(tree, apart.species, apart.matrix, plan.distance),
        "notes": list(apart.notes),
    }
    return save(tree), facts


def _cophenetic(tree: Tree, names: Sequence[str], apart: np.ndarray, distance: str) -> dict[str, Any]:
    """Correlation of distances along a tree with others of the same tips."""
    tips, along = patristic.distances(tree)
    place = {name: row for row, name in enumerate(tips)}
    rows = [place[name] for name in names]
    r = cophenetic(along[np.ix_(rows, rows)], apart)
    return {"with": distance, "r": None if np.isnan(r) else r}
