"""The command lines as Markdown: every verb, argument and option of `visgen` and `sgt-dna`, asked of their parsers."""

import argparse
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sgt_dna.cli
import typer.main
from visgen_train.cli.main import app


@dataclass(frozen=True)
class Option:
    """An argument or an option: how it is typed, such as "-o OUT, --output OUT", and what it does."""

    typed: str
    help: str
    required: bool = False
    default: str = ""


@dataclass(frozen=True)
class Verb:
    """A verb: the program and its name, its usage, what it does, and what it takes."""

    name: str
    usage: str
    purpose: str
    options: list[Option]


def visgen_page() -> str:
    """All verbs of `visgen`."""
    return "\n".join(map(_section, visgen_verbs()))


def sgt_dna_page() -> str:
    """All verbs of `sgt-dna`."""
    return "\n".join(map(_section, sgt_dna_verbs()))


def visgen_verbs() -> Iterator[Verb]:
    """The verbs of `visgen`, in the order of its help."""
    for name, command in typer.main.get_command(app).commands.items():
        context = command.make_context(name, [], resilient_parsing=True)
        usage = " ".join(["visgen", name, *command.collect_usage_pieces(context)])
        yield Verb(f"visgen {name}", usage, command.help, [_of_typer(item) for item in command.params])


def _of_typer(item: Any) -> Option:
    flag = getattr(item, "is_flag", False)
    if item.param_type_name == "argument":
        typed = item.metavar or item.name.upper()
    else:
        kind = "" if flag else f" {item.metavar or _kind(item.type_descriptor.annotation)}"
        typed = ", ".join(f"{name}{kind}" for name in [*item.opts, *item.secondary_opts])
    default = item.default.value if isinstance(item.default, Enum) else item.default
    shown = "" if flag or default in (None, ()) else str(default)
    return Option(typed, item.help or "", item.required, shown)


def _kind(annotation: Any) -> str:
    name = getattr(annotation, "__name__", str(annotation))
    return {"str": "TEXT", "int": "N", "float": "X"}.get(
        name, "PATH" if "Path" in str(annotation) else "TEXT"
    )


def sgt_dna_verbs() -> Iterator[Verb]:
    """The verbs of `sgt-dna`, in the order of its help."""
    (verbs,) = (
        item.choices
        for item in sgt_dna.cli._parser()._actions
        if isinstance(item, argparse._SubParsersAction)
    )
    for name, parser in verbs.items():
        usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
        purpose = f"{parser.description}\n\nExample: `sgt-dna {parser.example}`"
        taken = sorted(parser._actions, key=lambda item: bool(item.option_strings))  # arguments come first
        options = [_of_argparse(item) for item in taken if item.dest != "help"]
        yield Verb(f"sgt-dna {name}", usage, purpose, options)


def _of_argparse(item: argparse.Action) -> Option:
    value = item.metavar or (f"{{{','.join(map(str, item.choices))}}}" if item.choices else item.dest.upper())
    after = "" if item.nargs == 0 else f" {value}"
    typed = ", ".join(f"{name}{after}" for name in item.option_strings) or str(value)
    return Option(typed, item.help or "", item.required and bool(item.option_strings))


def _section(verb: Verb) -> str:
    lines = [f"## {verb.name}\n", f"{verb.purpose}\n", f"```text\n{_wrapped(verb.usage)}\n```\n"]
    lines.append(f"```{{program}} {verb.name}\n```\n")
    return "\n".join([*lines, *map(_entry, verb.options)])


def _wrapped(usage: str) -> str:
    return textwrap.fill(usage, 90, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)


def _entry(option: Option) -> str:
    told = _code(option.help.strip())
    told += "" if told.endswith(".") else "."
    more = "*Required.*" if option.required else f"Default: `{option.default}`." if option.default else ""
    return f"```{{option}} {option.typed}\n{told} {more}\n```\n".replace(" \n", "\n")


def _code(text: str) -> str:
    """Options named in a help text as code; what Markdown would take for markup as it is."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [
        re.sub(r"(?<![\w`-])(--?[a-z][\w-]*)", r"`\1`", part).replace("<", r"\<") for part in parts[::2]
    ]
    return "".join(parts)
