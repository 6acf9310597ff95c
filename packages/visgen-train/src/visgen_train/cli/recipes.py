"""`visgen recipes`: the trainings of the paper by name, and what each sets."""

import json
from typing import Annotated

import typer

from visgen_train.experiment.recipes import NOTE, RECIPES, Recipe, listing


def recipes(
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, for programs.")] = False,
) -> None:
    """List the recipes that `--recipe` takes, what each sets, and the paper's figures for it.

    Example: `visgen recipes`
    """
    if as_json:
        typer.echo(json.dumps(listing(), ensure_ascii=False))
        return
    for name, recipe in RECIPES.items():
        typer.echo("\n".join(_lines(name, recipe)) + "\n")
    typer.echo(NOTE)


def _lines(name: str, recipe: Recipe) -> list[str]:
    lines = [f"{name}  ({recipe.source})", f"  {recipe.what}"]
    lines.append("  sets   " + " ".join(f"{key}={_value(value)}" for key, value in recipe.settings.items()))
    if recipe.paper:
        lines.append("  paper  " + ", ".join(f"{key} {value} %" for key, value in recipe.paper.items()))
    return lines


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
