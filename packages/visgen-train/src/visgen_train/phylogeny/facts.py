"""What can be told of a tree: its support, and whether genera and species are branches of it."""

from typing import Any

import numpy as np

from visgen_train.data.species import parse
from visgen_train.phylogeny.build import Built
from visgen_train.phylogeny.groups import groups
from visgen_train.phylogeny.newick import inner_supports
from visgen_train.phylogeny.plan import Plan


def facts(built: Built, plan: Plan) -> dict[str, Any]:
    """The facts of a tree for people and JSON: how it was made, root, support, groups, notes."""
    genera = {tip: name.genus for tip, text in built.species.items() if (name := parse(text)) is not None}
    kinds = {"genera": genera, **({"species": dict(built.species)} if plan.every else {})}
    supports = inner_supports(built.tree)
    return {
        **built.facts,
        "tips_are": "sequences" if plan.every else "species",
        "root": f"rooted at {', '.join(plan.outgroup)}" if plan.outgroup else "rooted at its midpoint",
        "support": _summary(supports) if supports else None,
        "groups": {
            what: {name: one._asdict() for name, one in groups(built.tree, members).items()}
            for what, members in kinds.items()
        },
    }


def _summary(supports: list[float]) -> dict[str, Any]:
    return {
        "branches": len(supports),
        "median": float(np.median(supports)),
        "at_least_95": sum(one >= 95 for one in supports),
        "under_50": sum(one < 50 for one in supports),
    }
