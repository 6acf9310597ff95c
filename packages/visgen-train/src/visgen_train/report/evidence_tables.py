"""ablation.csv and ablation.md: the figures for other programs, and the tables for a paper's supplement."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from visgen_train.io.atomic import write_text
from visgen_train.io.cells import neutralised, visible
from visgen_train.report.evidence import verdict
from visgen_train.report.evidence_cells import Cell, Table
from visgen_train.report.evidence_layout import COUNTS, facts, meanings, tables

TEXTS = ("table", "recipe", "target", "against", "classifier", "method", "species", "figure")
MARKDOWN = re.compile(r"([\\`*_\[\]<>|~&$])")


def write_tables(folder: Path, content: Mapping[str, Any]) -> None:
    """Write `ablation.csv` and `ablation.md` into a folder, each whole or not at all.

    The CSV is long: a row for each figure of each (table, recipe, target or control, classifier, species), with its
    mean, interval and seeds. A text that a spreadsheet would run as a formula begins with an apostrophe.

    Parameters
    ----------
    folder : Path
        It exists.
    content : mapping
        Of ablation.json.
    """
    write_text(folder / "ablation.csv", _csv(content))
    write_text(folder / "ablation.md", markdown(content))


def data_frames(content: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The figures as flat rows, from which pandas makes data frames.

    Returns
    -------
    dict
        "rows", "differences", "kriging" and "space": a row a figure, with `recipe`, `target` (or `against`),
        `classifier`, `figure`, `mean`, `low`, `high` and a column a seed ("seed 7"), shares in [0, 1];
        "zero_shot" and "zero_shot_differences" likewise, with `method` and `against`, without rows where no species
        were left out; "species": a row a species.
    """
    seeds = content["seeds"]
    species = [
        {
            **{key: value for key, value in one.items() if key != "recall"},
            **{f"recall {target}": value for target, value in one["recall"].items()},
        }
        for one in content["species"]
    ]
    zero_shot = content["zero_shot"] or {"rows": [], "differences": []}
    held = {
        **{name: content[name] for name in ("rows", "differences", "kriging", "space")},
        "zero_shot": zero_shot["rows"],
        "zero_shot_differences": zero_shot["differences"],
    }
    return {**{name: list(_flat(rows, seeds)) for name, rows in held.items()}, "species": species}


def markdown(content: Mapping[str, Any]) -> str:
    """The verdict and all tables as Markdown."""
    parts = ["# Does the DNA help?", escaped(verdict(content)), escaped(facts(content))]
    for table in tables(content):
        parts += [f"## {escaped(table.title)}", _markdown_table(table)]
        parts += [escaped(table.note)] if table.note else []
    for title, held in meanings(content).items():
        parts += [
            f"## {title}",
            "\n".join(f"- {escaped(name)}: {escaped(what)}" for name, what in held.items()),
        ]
    if content["skipped"]:
        parts += ["## Skipped", "\n".join(f"- {escaped(reason)}" for reason in content["skipped"])]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    r"""A text for a line of Markdown, in which nothing is markup.

    >>> print(escaped("a|b <i>"))
    a\|b \<i\>
    """
    return MARKDOWN.sub(r"\\\1", visible(" ".join(text.split())))


def _flat(held: list[Mapping[str, Any]], seeds: list[int]) -> Iterator[dict[str, Any]]:
    for one in held:
        keys = {key: value for key, value in one.items() if key != "figures"}
        for figure, found in one["figures"].items():
            values = found or {"mean": None, "low": None, "high": None, "seeds": [None] * len(seeds)}
            yield {
                **keys,
                "figure": figure,
                **{key: values[key] for key in ("mean", "low", "high")},
                **{f"seed {seed}": value for seed, value in zip(seeds, values["seeds"], strict=True)},
            }


def _csv(content: Mapping[str, Any]) -> str:
    columns = [*TEXTS, "cells", "mean", "low", "high", *(f"seed {seed}" for seed in content["seeds"])]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(columns)
    for row in _long(content):
        guarded = {key: neutralised(value) if key in TEXTS else value for key, value in row.items()}
        writer.writerow([guarded.get(column, "") for column in columns])
    return text.getvalue()


def _long(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every figure of the content: shares, differences, measures of the space; counts and recalls of the species."""
    for table, rows in data_frames(content).items():
        if table != "species":
            yield from ({"table": table, **row} for row in rows)
    for one in content["species"]:
        about = {"table": "species", "species": one["species"]}
        for key in COUNTS:
            yield {**about, "figure": key, "mean": one[key]}
        of = {"recipe": content["primary_recipe"] or "", "classifier": content["classifier"]}
        for target, value in one["recall"].items():
            yield {**about, **of, "target": target, "figure": "recall", "mean": value}


def _markdown_table(table: Table) -> str:
    start = len(table.columns) - table.paper
    columns = [f"paper: {name}" if i >= start else name for i, name in enumerate(table.columns)]
    rule = ["---" if i < table.words else "---:" for i in range(len(columns))]
    rows = [
        [_markdown_cell(cell, table.species and i == 0) for i, cell in enumerate(row)] for row in table.rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(map(escaped, columns)), rule, *rows])


def _markdown_cell(cell: Cell, italic: bool) -> str:
    text = escaped(f"{cell.value} ({cell.interval})" if cell.interval else cell.value)
    return f"*{text}*" if italic and text else text
