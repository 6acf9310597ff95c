"""A configuration from defaults, preset, recipe, file and single settings; and back to YAML.

A preset, a recipe or a user's file holds only what differs from the defaults.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import yaml

from visgen_train.config.sections import Config
from visgen_train.errors import ConfigError, near

T = TypeVar("T")
PRESETS = ("sound", "paper", "light")


def load_config(
    preset: str = "sound",
    file: Path | None = None,
    settings: Iterable[str] = (),
    direct: Mapping[str, object] | None = None,
    recipe: Mapping[str, object] | None = None,
) -> Config:
    """Defaults, then the preset, a recipe, a YAML file, `section.key=value` settings, and `direct` values.

    `recipe` and `direct` hold values by dotted name.

    Raises
    ------
    ConfigError
        An unknown preset, key or value; the nearest known name is suggested.
    """
    changes: dict[str, Any] = {}
    if preset not in PRESETS:
        raise ConfigError(
            f"There is no preset {preset!r}; there are {', '.join(PRESETS)}{near(preset, PRESETS)}."
        )
    text = resources.files("visgen_train").joinpath(f"presets/{preset}.yaml").read_text(encoding="utf-8")
    _update(changes, _mapping(text, f"preset {preset}"))
    for name, value in (recipe or {}).items():
        _update(changes, _nested(name, value))
    if file is not None:
        try:
            _update(changes, _mapping(Path(file).read_text(encoding="utf-8"), str(file)))
        except OSError as error:
            raise ConfigError(f"{file}: cannot be read ({error.strerror}).") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{file}: not a text file in UTF-8.") from error
    for setting in settings:
        _update(changes, _setting(setting))
    for name, value in (direct or {}).items():
        _update(changes, _nested(name, value))
    return _merge(Config(), changes, "")  # once, so that only what comes out is checked


def from_values(values: Mapping[str, Any]) -> Config:
    """The configuration whose `dataclasses.asdict` is `values`; what they lack is the default."""
    return _merge(Config(), values, "")


def to_yaml(config: Config, heading: str) -> str:
    """The whole configuration as YAML, each key under its help text; `load_config(file=...)` reads it back."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for top in dataclasses.fields(config):
        value = getattr(config, top.name)
        if dataclasses.is_dataclass(value):
            lines += ["", f"# {(value.__doc__ or '').splitlines()[0]}", f"{top.name}:"]
            lines += [_line(item, getattr(value, item.name), "  ") for item in dataclasses.fields(value)]
        else:
            lines += ["", _line(top, value, "")]
    return "\n".join(lines) + "\n"


def _line(item: dataclasses.Field[Any], value: object, indent: str) -> str:
    text = yaml.safe_dump({item.name: value}, default_flow_style=False, width=10_000).strip()
    return f"{indent}{text}  # {item.metadata['help']}"


class _PlainLoader(yaml.SafeLoader):
    """Plain values alone. A few lines of aliases of aliases would else stand for more values than memory holds."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name), of which settings need none")
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _plain(text: str) -> Any:
    """What YAML says; whatever is wrong with it, a ValueError."""
    try:
        return yaml.load(text, _PlainLoader)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    except (yaml.YAMLError, ArithmeticError, TypeError) as error:
        raise ValueError(str(error)) from error


def _mapping(text: str, where: str) -> dict[str, Any]:
    try:
        loaded = _plain(text)
    except ValueError as error:
        raise ConfigError(f"{where}: not valid YAML: {error}") from error
    if not isinstance(loaded, dict | None):
        raise ConfigError(
            f"{where}: expected `section:` lines with `key: value` below, found {_short(loaded)}."
        )
    return loaded or {}


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _setting(setting: str) -> dict[str, Any]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise ConfigError(f"--set takes section.key=value, found {setting!r}.")
    try:
        return _nested(name.strip(), _plain(value) if value.strip() else "")
    except ValueError as error:
        raise ConfigError(f"--set {setting}: the value is not valid YAML; put it in quotes.") from error


def _nested(name: str, value: object) -> dict[str, Any]:
    for part in reversed(name.split(".")):
        value = {part: value}
    return cast(dict[str, Any], value)


def _update(changes: dict[str, Any], later: Mapping[str, Any]) -> None:
    for key, value in later.items():
        if isinstance(value, dict) and isinstance(changes.get(key), dict):
            _update(changes[key], value)
        else:
            changes[key] = value


def _merge(config: T, changes: Mapping[str, Any], prefix: str) -> T:
    types = get_type_hints(type(config))
    merged: dict[str, Any] = {}
    for key, value in changes.items():
        if key not in types:
            raise ConfigError(f"There is no setting {prefix}{key}{_hint(config, key, prefix)}.")
        current = getattr(config, key)
        if dataclasses.is_dataclass(current):
            if not isinstance(value, Mapping):
                raise ConfigError(
                    f"{prefix}{key} is a section; set one of its keys, such as {prefix}{key}.KEY."
                )
            merged[key] = _merge(current, value, f"{prefix}{key}.")
        else:
            merged[key] = _converted(value, types[key], f"{prefix}{key}")
    return dataclasses.replace(config, **merged)  # type: ignore[type-var]


def _hint(config: object, key: str, prefix: str) -> str:
    """What may be meant: the nearest name here, the same name in a section below, or all names here."""
    names = [field.name for field in dataclasses.fields(config)]  # type: ignore[arg-type]
    if found := near(key, names):
        return found.replace("perhaps ", f"perhaps {prefix}")
    sections = [name for name in names if dataclasses.is_dataclass(getattr(config, name))]
    below = [f"{name}.{key}" for name in sections if hasattr(getattr(config, name), key)]
    return f"; perhaps {' or '.join(below)}" if below else f"; there are {', '.join(names)}"


def _converted(value: object, kind: type, name: str) -> object:
    if kind is bool and isinstance(value, bool):
        return value
    try:
        if kind is not bool and isinstance(value, str | int | float) and not isinstance(value, bool):
            converted = kind(value)
            if kind is not int or converted == float(value):
                return converted
    except (ValueError, OverflowError):
        pass
    wanted = "true or false" if kind is bool else kind.__name__
    raise ConfigError(f"{name} must be {wanted}, found {_short(value)}.")
