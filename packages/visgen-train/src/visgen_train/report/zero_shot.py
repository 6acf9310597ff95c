"""Species without images, in closing lines on a terminal."""

import textwrap
from collections.abc import Mapping
from typing import Any

from visgen_train.report.summary import span

WIDTH = 120


def zero_shot_lines(content: Mapping[str, Any]) -> list[str]:
    """For each recipe how often a species left out was recognised by its DNA; nothing if none was left out.

    Parameters
    ----------
    content : mapping
        Of ablation.json.
    """
    table = content["zero_shot"]
    if table is None:
        return []
    held = {(row["recipe"], row["method"]): row["figures"] for row in table["rows"]}
    told = [
        f"Zero-shot, {table['species_left_out']} species at a time without images, placed by their DNA; per class, % "
        "(95 % interval):"
    ]
    for recipe in dict.fromkeys(recipe for recipe, _ in held):
        methods = ("shuffled", "anchor", "chance")
        beside = [
            f"{name} {_percent(held[recipe, name]['top1'])}" for name in methods if (recipe, name) in held
        ]
        found = held[recipe, "kriging"]
        told.append(
            f"{recipe}: first among them {_with_interval(found['top1'])} ({', '.join(beside)}); among all species "
            f"{_percent(found['unseen'])}, and {_percent(found['seen'])} of those with images."
        )
    return ["", *(line for one in told for line in textwrap.wrap(one, WIDTH))]


def _percent(estimate: Mapping[str, Any]) -> str:
    return f"{100 * estimate['mean']:.1f}"


def _with_interval(estimate: Mapping[str, Any]) -> str:
    return f"{_percent(estimate)} [{span([estimate['low'], estimate['high']])}]"
