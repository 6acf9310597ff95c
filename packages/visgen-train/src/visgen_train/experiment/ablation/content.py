"""The content of ablation.json: all tables, and what they were made of."""

from collections.abc import Mapping
from typing import Any

from visgen_train.evaluation.classifiers import CLASSIFIERS
from visgen_train.experiment.ablation.ablation import Ablation
from visgen_train.experiment.ablation.kriging import kriging_table
from visgen_train.experiment.ablation.making import DNA, NONE, SAME_STEPS, SHUFFLED
from visgen_train.experiment.ablation.tables import (
    Cells,
    classifiers_of,
    difference,
    placebos,
    row,
    space,
    species_recalls,
)
from visgen_train.experiment.ablation.zero_shot_table import zero_shot_table
from visgen_train.genetics.controls import KINDS, SHUFFLES

SCHEMA_VERSION = 1
CLASSIFIER = "knn"
"""Of the main tables and of the closing sentence, fixed before any figure is seen: the paper's."""

BEFORE = "the recipe's network before alignment"


def ablation_content(ablation: Ablation, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Put the tables together, from the cells.

    Parameters
    ----------
    facts : mapping
        What it was made from (kind, images, features, sequences) and when (seeds_before).
    """
    evaluate = next(iter(ablation.plan.rows.values())).config.evaluate
    cells, primary = Cells(ablation, evaluate.bootstrap), ablation.plan.primary
    rows, differences, spaces, classifiers, used = [], [], [], dict[str, str](), dict[str, str]()
    for recipe in ablation.plan.rows:
        for kind in cells.kinds(recipe):
            used[kind] = {NONE: BEFORE, **KINDS}[kind]
            named = classifiers_of(cells, recipe, kind)
            classifiers |= named
            number = sum(len(cells.get(seed, recipe, kind)) for seed in cells.seeds)
            spaces.append({"recipe": recipe, "target": kind, "figures": space(cells, recipe, kind)})
            for classifier in named:
                found = row(cells, recipe, kind, classifier)
                if found is None:
                    continue  # it does not apply to the model of another seed
                place = {"recipe": recipe, "target": kind, "classifier": classifier}
                rows.append({**place, "cells": number, "figures": found})
                minus = None if kind == DNA else difference(cells, recipe, kind, classifier)
                if minus is not None:
                    differences.append(
                        {"recipe": recipe, "against": kind, "classifier": classifier, "figures": minus}
                    )
    tests = [cells.first(seed).tested for seed in cells.seeds]
    first = tests[0]
    return {
        "schema_version": SCHEMA_VERSION,
        **facts,
        "seeds": list(cells.seeds),
        "classifier": CLASSIFIER,
        "primary_recipe": primary,
        "recipes": {
            name: {
                "what": row.recipe.what,
                "source": row.recipe.source,
                "aligns": row.aligns,
                "paper": dict(row.recipe.paper) or None,
            }
            for name, row in ablation.plan.rows.items()
        },
        "targets": {kind: used[kind] for kind in (NONE, *KINDS) if kind in used},
        "classifiers": {name: classifiers[name] for name in CLASSIFIERS if name in classifiers},
        "rows": rows,
        "differences": differences,
        "kriging": kriging_table(cells, list(ablation.plan.rows)),
        "zero_shot": _zero_shot(ablation, cells),
        "placebos": placebos(cells, primary, CLASSIFIER) if primary else [],
        "space": spaces,
        "species": _species(ablation, cells, primary or list(ablation.plan.rows)[-1]),
        "test_images": len(first.truth),
        "test_units": len(set(first.units)),
        "chance": 1 / ablation.labelled.scored,
        "tail_below": evaluate.tail_below,
        "head_above": evaluate.head_above,
        "tail_count": evaluate.tail_count,
        "tail_species": int(first.groups["tail"].sum()),
        "head_species": int(first.groups["head"].sum()),
        "split_given": ablation.labelled.items[0].split is not None,
        "split_varies": any(set(test.units) != set(first.units) for test in tests[1:]),
        "skipped": _skipped(ablation, cells, primary),
    }


def _zero_shot(ablation: Ablation, cells: Cells) -> dict[str, Any] | None:
    if ablation.trials is None:
        return None
    truth = {seed: cells.first(seed).tested.truth for seed in cells.seeds}
    return zero_shot_table(ablation.trials, truth, cells.weights)


def _species(ablation: Ablation, cells: Cells, recipe: str) -> list[dict[str, Any]]:
    """What there is of each species, and how it was recognised, rarest first."""
    counts, labelled = cells.first(cells.seeds[0]).counts, ablation.labelled
    kinds = [kind for kind in (NONE, DNA, SHUFFLED) if kind in cells.kinds(recipe)]
    recalled = {kind: species_recalls(cells, recipe, kind, CLASSIFIER) for kind in kinds}
    rare = cells.first(cells.seeds[0]).tested.groups["tail"]
    listed = [
        {
            "species": name,
            "rare": bool(rare[number]),
            **counts[name],
            "sequences": labelled.sequence_counts[name],
            "recall": {kind: of_all[number] for kind, of_all in recalled.items()},
        }
        for number, name in enumerate(labelled.match.species)
    ]
    return sorted(listed, key=lambda held: (held["train"], held["species"]))


def _skipped(ablation: Ablation, cells: Cells, primary: str | None) -> list[str]:
    """Controls that were asked for and cannot be made, or not so often."""
    if primary is None:
        return []
    told = []
    for kind in ablation.plan.controls:
        made = {len(cells.get(seed, primary, kind)) for seed in cells.seeds}
        if made == {0} and kind == SAME_STEPS:
            told.append(f"{kind}: stage 1 was not trained, so there is no loss of it to go on with")
        elif made == {0}:
            told.append(f"{kind}: no genus has two species")
        elif kind in (SHUFFLED, "genus-shuffled") and max(made) < SHUFFLES:
            told.append(f"{kind}: {max(made)} in place of {SHUFFLES}, since there are no more permutations")
    return told
