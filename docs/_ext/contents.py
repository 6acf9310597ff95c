"""The contents of the site, from docs/README.md: its sections and, one a line, their pages."""

import re
from typing import Final

SECTION: Final = re.compile(r"^## (.+)\n", re.MULTILINE)
ENTRY: Final = re.compile(r"^- \[([^\]]+)\]\(([^)]+)\)", re.MULTILINE)


def sections(text: str) -> dict[str, list[tuple[str, str]]]:
    """Section -> title and file of each of its pages."""
    _, *parts = SECTION.split(text)
    return {title: ENTRY.findall(body) for title, body in zip(parts[::2], parts[1::2], strict=True)}


def index(text: str) -> str:
    """The sections as they stand in the list, and for the sidebar a hidden toctree of each."""
    _, *parts = SECTION.split(text)
    trees = []
    for title, pages in sections(text).items():
        entries = "\n".join(f"{name} <{file}>" for name, file in pages)
        trees.append(f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}\n```\n")
    shown = "".join(f"## {title}\n{body}" for title, body in zip(parts[::2], parts[1::2], strict=True))
    return "\n".join([shown, *trees])
