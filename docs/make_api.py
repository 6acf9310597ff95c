"""Write sgt-dna-api.md, the reference, from the docstrings of the public names.

Run from the root of the repository: `uv run python docs/make_api.py`.
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import sgt_dna
import sgt_dna.dask
import sgt_dna.shards
from sgt_dna.sklearn import SGTTransformer

PAGE = Path(__file__).with_name("sgt-dna-api.md")
INTRODUCTION = """# Reference of sgt-dna

Every public name, from its docstring; `docs/make_api.py` writes this page, a test keeps it up to date. The command line
is in the [README](../packages/sgt-dna/README.md#on-the-command-line), the mathematics in [the transform](sgt.md).
"""
PARTS = {
    "Sequences to vectors": (sgt_dna.embed, sgt_dna.embed_windows, sgt_dna.SGTParams, sgt_dna.SGTState),
    "The result": (sgt_dna.Embedding,),
    "Anchors": (sgt_dna.anchors, sgt_dna.label_table, sgt_dna.LabelRow),
    "Reading": (sgt_dna.read_records, sgt_dna.read_fasta, sgt_dna.Record, sgt_dna.Limits),
    "scikit-learn": (SGTTransformer,),
    "Parts of large inputs": (sgt_dna.shards.embed_shard, sgt_dna.shards.join, sgt_dna.dask.embed),
    "Errors and warnings": tuple(
        getattr(sgt_dna, name) for name in sgt_dna.__all__ if name.endswith(("Error", "Warning"))
    ),
}
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)


def page() -> str:
    """The whole page."""
    lines = [INTRODUCTION]
    for title, things in PARTS.items():
        lines.append(f"## {title}\n")
        for thing in things:
            lines += entry(thing, "###")
            if inspect.isclass(thing) and not issubclass(thing, Exception | tuple):
                for name in members(thing):
                    lines += entry(getattr(thing, name), "####", thing)
    return "\n".join(lines).rstrip() + "\n"


def members(cls: type) -> Iterator[str]:
    """Public names of a class that have a docstring of ours, and item access."""
    for name in dir(cls):
        value = inspect.getattr_static(cls, name)
        owner = getattr(value, "func", getattr(value, "fget", getattr(value, "__func__", value)))
        ours = inspect.isfunction(owner) and owner.__module__.startswith("sgt_dna") and owner.__doc__
        if ours and (not name.startswith("_") or name == "__getitem__"):
            yield name


def entry(thing: object, mark: str, owner: type | None = None) -> list[str]:
    """Heading, signature and docstring of one name."""
    function = getattr(thing, "func", getattr(thing, "fget", thing))  # of a property
    name = function.__name__
    full = f"{owner.__name__}.{name}" if owner else _path(function)
    lines = [f"{mark} `{full}`\n"]
    if callable(thing) and not (inspect.isclass(thing) and issubclass(thing, Exception)):
        lines.append(f"```text\n{name}{_signature(function)}\n```\n")
    return [*lines, markdown(inspect.getdoc(function) or "")]


def markdown(docstring: str) -> str:
    """A numpydoc docstring as Markdown: sections in bold, their items in lists, examples in blocks."""
    first, *rest = SECTION.split(docstring)
    found = [f"{_prose(first)}\n"]
    for title, body in zip(rest[::2], rest[1::2], strict=True):
        if title == "Examples":
            found += (
                f"```python\n{part}\n```\n" if part.startswith(">>>") else f"{_prose(part)}\n"
                for part in body.strip().split("\n\n")
            )
        elif title in ("Notes", "References"):
            found.append(f"**{title}**: {_prose(body)}\n")
        else:
            found.append(f"**{title}**\n\n{_items(body)}\n")
    return "\n".join(found)


def _items(body: str) -> str:
    lines: list[str] = []
    for line in body.strip().split("\n"):
        if line and not line.startswith(" "):
            name, _, kind = line.partition(" : ")
            lines.append(f"- `{name}`" + (f": {kind}" if kind else ""))
        elif line:
            lines[-1] += f"{'' if chr(10) in lines[-1] else '  '}\n  {_prose(line)}"
    return "\n".join(lines)


def _prose(text: str) -> str:
    return text.strip().replace("``", "`")


def _path(thing: object) -> str:
    public = getattr(sgt_dna, thing.__name__, None) is thing
    return f"{'sgt_dna' if public else thing.__module__}.{thing.__name__}"


def _signature(thing: object) -> str:
    """Names and defaults: types stand in the docstring."""
    signature = inspect.signature(thing)
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
