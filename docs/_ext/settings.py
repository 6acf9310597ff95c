"""Every setting of a run, and what presets and recipes change, as Markdown from the code."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from visgen_train.config import PRESETS, Config, load_config
from visgen_train.experiment.recipes import NOTE, RECIPES


def leaves(config: object, prefix: str = "") -> Iterator[tuple[str, "dataclasses.Field[Any]", Any]]:
    """Dotted name, field and value of every setting."""
    for item in dataclasses.fields(config):
        value = getattr(config, item.name)
        if dataclasses.is_dataclass(value):
            yield from leaves(value, f"{prefix}{item.name}.")
        else:
            yield f"{prefix}{item.name}", item, value


def fields() -> str:
    """A section for each section of config.yaml, an entry for each setting; those without a section last."""
    lines = []
    for top in dataclasses.fields(Config):
        value = getattr(Config(), top.name)
        if dataclasses.is_dataclass(value):
            lines.append(f"## {top.name}\n\n{(value.__doc__ or '').splitlines()[0]}\n")
            lines += [_entry(*leaf) for leaf in leaves(value, f"{top.name}.")]
    alone = [_entry(*leaf) for leaf in leaves(Config()) if "." not in leaf[0]]
    return "\n".join([*lines, "## Without a section\n", *alone])


def _entry(name: str, item: "dataclasses.Field[Any]", default: object) -> str:
    told = item.metadata["help"]
    values = [f"Default: `{shown(default)}`{_allowed(item, default)}."]
    others = {preset: value for preset, value in _in_presets(name).items() if value != default}
    values += [f"In the preset `{preset}`: `{shown(value)}`." for preset, value in others.items()]
    return f"```{{confval}} {name}\n{told[:1].upper()}{told[1:]}.\n\n{' '.join(values)}\n```\n"


def _allowed(item: "dataclasses.Field[Any]", default: object) -> str:
    if "range" in item.metadata:
        low, high = item.metadata["range"]
        kind = "a whole number" if isinstance(default, int) else "a number"
        return f"; {kind} from {shown(low)} to {shown(high)}"
    if "choices" in item.metadata:
        return f"; one of {', '.join(f'`{choice}`' for choice in item.metadata['choices'])}"
    return "; `true` or `false`" if isinstance(default, bool) else ""


def _in_presets(name: str) -> dict[str, object]:
    return {
        preset: next(value for found, _, value in leaves(load_config(preset)) if found == name)
        for preset in PRESETS
    }


def presets() -> str:
    """A table of the settings in which presets differ."""
    rows = [(name, _in_presets(name)) for name, _, _ in leaves(Config())]
    return _table(
        ["setting", *(f"`{preset}`" for preset in PRESETS)],
        (
            [f"`{name}`", *map(shown, values.values())]
            for name, values in rows
            if len(set(values.values())) > 1
        ),
    )


def recipes() -> str:
    """A table of the recipes, and what each sets."""
    rows = (
        [f"`{name}`", f"{recipe.what} ({recipe.source})", _settings(recipe.settings)]
        for name, recipe in RECIPES.items()
    )
    return f"{_table(['recipe', 'what it is', 'sets'], rows)}\n{NOTE}\n"


def _settings(changes: Mapping[str, object]) -> str:
    return " ".join(f"`{name}={shown(value)}`" for name, value in changes.items())


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(heading)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def shown(value: object) -> str:
    """A value as it is typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)
